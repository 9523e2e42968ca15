//! Housekeeping of one org, once a second: consoles that stayed away, sessions that ended, cursors and
//! tokens whose time is over. Decides nothing: what it finds becomes commands like any other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{PresenceRequest, Request};
use model::{Note, RecordId, Space};

use crate::login::{self, CONSOLE};
use crate::org::OrgInner;

const TICK: Duration = Duration::from_secs(1);
/// Ticks between two walks over all sessions and tokens.
const SESSION_TICKS: u32 = 15;
/// Ticks between two notes of what was used.
const USAGE_TICKS: u32 = 60;
/// Hidden rows written per walk; the rest waits for the next one.
const WALK_MAX: usize = 1_000;
/// Notes of one command.
const NOTES_MAX: usize = 200;

/// Works until the org's inbox stops.
pub(crate) fn keep(org: &Arc<OrgInner>) {
    let mut ticks = 0_u32;
    while !org.inbox.is_stopping() {
        consoles(org);
        org.clock.tell(&org.name);
        if ticks.is_multiple_of(SESSION_TICKS) {
            sessions(org);
            org.cursors.sweep();
        }
        if ticks % USAGE_TICKS == USAGE_TICKS - 1 {
            org.keep_usage();
        }
        ticks = ticks.wrapping_add(1);
        std::thread::park_timeout(TICK);
    }
}

/// Notes consoles that came and logs out users whose console did not come back (R155).
fn consoles(org: &OrgInner) {
    let grace = org.options.presence_grace;
    for user in org.registry.arrived() {
        let note = Note {
            value: Some("1".to_owned()),
            ..console_note(user)
        };
        if !org.post(user, Request::Notes(vec![note])) {
            org.registry.again(user);
        }
    }
    for user in org.registry.lost(Instant::now(), grace) {
        if org.post(user, Request::Presence(PresenceRequest::ConnectionLost)) {
            org.post(user, Request::Notes(vec![console_note(user)]));
        } else {
            org.registry.expect(user, Instant::now()); // no room in the inbox: after another grace
        }
    }
    org.hub.sweep(Instant::now(), grace);
}

/// The note that says nothing of a user's console; with a value, that one is connected.
fn console_note(user: RecordId) -> Note {
    login::remove(Space::Session, format!("{CONSOLE}{}", user.as_15()))
}

/// Users whose console was connected when the server stopped.
pub(crate) fn consoles_of(notes: &[(String, String)]) -> impl Iterator<Item = RecordId> {
    let users = notes
        .iter()
        .filter_map(|(key, _)| key.strip_prefix(CONSOLE));
    users.filter_map(|text| RecordId::parse(text).ok())
}

/// Writes what moved, removes what ended, or whose user was switched off or frozen; a user whose last session ended is logged out (rest-api.md 12).
fn sessions(org: &OrgInner) {
    let now = org.now();
    let slack_ms = i64::try_from(org.options.session_timeout.as_millis() / 8).unwrap_or(i64::MAX);
    let (mut ended, mut notes) = org.login.stale_sessions(now, slack_ms, WALK_MAX);
    let is_out = |info: &login::SessionInfo| org.active(info.user).is_none();
    ended.extend(org.login.endings(is_out).into_iter().take(WALK_MAX));
    for (user, note) in ended {
        if org.leave_with(user, &note.key, now) {
            notes.push(note); // else the next walk tries again
        }
    }
    notes.extend(org.login.outdated(now, org.wall(), WALK_MAX));
    for chunk in notes.chunks(NOTES_MAX) {
        org.post(org.system_user, Request::Notes(chunk.to_vec()));
    }
}
