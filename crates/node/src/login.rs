//! Who is logged in: sessions, passwords, connected apps, refresh and telephony tokens.
//!
//! Durable as hidden notes, mirrored here so that checking a token costs a hash and a map read. The
//! mirror changes only through [`LoginBook::apply`], which the writer calls with what it committed; the
//! one exception is the sliding expiry of sessions, which moves here and is written now and then.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hashbrown::HashMap;
use model::{Millis, Note, RecordId, Space};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::token::{self, Hash};

/// Shards of the session map, so that threads do not meet on one lock.
const SHARDS: usize = 16;
/// Notes in [`Space::Session`] that are no sessions: users whose presence hangs on a console.
pub(crate) const CONSOLE: &str = "console:";

/// One log-in session in memory.
pub(crate) struct Session {
    pub user: RecordId,
    row: SessionRow,
    until: AtomicI64,
    saved_until: AtomicI64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SessionRow {
    user: RecordId,
    app: Option<String>,
    created: Millis,
    until: Millis,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct RefreshRow {
    user: RecordId,
    app: String,
    until: Millis,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct UsedToken {
    token: String,
    until: Millis,
}

#[derive(Default)]
pub(crate) struct LoginBook {
    sessions: [RwLock<HashMap<Hash, Arc<Session>>>; SHARDS],
    refresh: RwLock<HashMap<Hash, RefreshRow>>,
    apps: RwLock<HashMap<String, Arc<App>>>,
    credentials: RwLock<HashMap<RecordId, Arc<str>>>,
    used: Mutex<HashMap<String, UsedToken>>,
}

/// The token id was used by another token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsedByAnother;

/// The spaces that the book mirrors.
pub(crate) const SPACES: [Space; 5] = [
    Space::Session,
    Space::Refresh,
    Space::App,
    Space::Credential,
    Space::Jti,
];

impl Session {
    fn new(row: SessionRow) -> Self {
        Self {
            user: row.user,
            until: AtomicI64::new(row.until.0),
            saved_until: AtomicI64::new(row.until.0),
            row,
        }
    }
}

/// The note of a new session.
pub(crate) fn session_note(
    token: &str,
    user: RecordId,
    app: Option<&str>,
    now: Millis,
    until: Millis,
) -> Note {
    let app = app.map(str::to_owned);
    put(
        Space::Session,
        token::hash_hex(token),
        &SessionRow {
            user,
            app,
            created: now,
            until,
        },
    )
}

/// The note of a new refresh token.
pub(crate) fn refresh_note(token: &str, user: RecordId, app: &str, until: Millis) -> Note {
    let app = app.to_owned();
    put(
        Space::Refresh,
        token::hash_hex(token),
        &RefreshRow { user, app, until },
    )
}

/// A note of some row.
pub(crate) fn put(space: Space, key: String, row: &impl Serialize) -> Note {
    let value = serde_json::to_string(row).ok();
    Note { space, key, value }
}

/// The note that removes a row.
pub(crate) fn remove(space: Space, key: String) -> Note {
    Note {
        space,
        key,
        value: None,
    }
}

fn read<T: for<'de> Deserialize<'de>>(note: &Note) -> Option<T> {
    note.value
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
}

fn set<K: Eq + std::hash::Hash, V>(map: &mut HashMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => drop(map.insert(key, value)),
        None => drop(map.remove(&key)),
    }
}

impl LoginBook {
    /// Takes over a committed note.
    pub fn apply(&self, note: &Note) {
        match note.space {
            Space::Session => self.apply_session(note),
            Space::Refresh => {
                if let Some(hash) = token::from_hex(&note.key) {
                    set(&mut self.refresh.write(), hash, read(note));
                }
            }
            Space::App => set(
                &mut self.apps.write(),
                note.key.clone(),
                read(note).map(Arc::new),
            ),
            Space::Credential => {
                if let Ok(user) = RecordId::parse(&note.key) {
                    set(
                        &mut self.credentials.write(),
                        user,
                        note.value.as_deref().map(Arc::from),
                    );
                }
            }
            Space::Jti => set(&mut self.used.lock(), note.key.clone(), read(note)),
            _ => {}
        }
    }

    /// Makes one space equal to what the store holds; used at start and after a failed batch.
    pub fn replace(&self, space: Space, rows: &[(String, String)]) {
        let keys: hashbrown::HashSet<&str> = rows.iter().map(|(key, _)| key.as_str()).collect();
        let gone = |key: &str| !keys.contains(key);
        match space {
            Space::Session => {
                for shard in &self.sessions {
                    shard.write().retain(|hash, _| !gone(&token::to_hex(hash)));
                }
            }
            Space::Refresh => self
                .refresh
                .write()
                .retain(|hash, _| !gone(&token::to_hex(hash))),
            Space::App => self.apps.write().retain(|key, _| !gone(key)),
            Space::Credential => self
                .credentials
                .write()
                .retain(|user, _| !gone(user.as_15())),
            Space::Jti => self.used.lock().retain(|key, _| !gone(key)),
            _ => {}
        }
        for (key, value) in rows {
            let (key, value) = (key.clone(), Some(value.clone()));
            self.apply(&Note { space, key, value });
        }
    }

    fn apply_session(&self, note: &Note) {
        let Some(hash) = token::from_hex(&note.key) else {
            return;
        };
        let mut shard = self.shard(&hash).write();
        let row = read::<SessionRow>(note);
        if let (Some(row), Some(known)) = (&row, shard.get(&hash)) {
            known.saved_until.fetch_max(row.until.0, Ordering::Relaxed);
            return;
        }
        set(&mut shard, hash, row.map(|row| Arc::new(Session::new(row))));
    }

    fn shard(&self, hash: &Hash) -> &RwLock<HashMap<Hash, Arc<Session>>> {
        &self.sessions[usize::from(hash[0]) % SHARDS]
    }

    /// The user of a live session; its expiry moves to `until`.
    pub fn session(&self, token: &str, now: Millis, until: Millis) -> Option<RecordId> {
        let hash = token::hash(token);
        let shard = self.shard(&hash).read();
        let session = shard.get(&hash)?;
        if session.until.load(Ordering::Relaxed) <= now.0 {
            return None;
        }
        session.until.store(until.0, Ordering::Relaxed);
        Some(session.user)
    }

    /// True if the user has a live session other than this one.
    pub fn has_other_session(&self, user: RecordId, token_hash: &str, now: Millis) -> bool {
        let except = token::from_hex(token_hash);
        let is_other = |hash: &Hash, session: &Session| {
            session.user == user
                && Some(*hash) != except
                && session.until.load(Ordering::Relaxed) > now.0
        };
        let mut shards = self.sessions.iter();
        shards.any(|shard| {
            shard
                .read()
                .iter()
                .any(|(hash, session)| is_other(hash, session))
        })
    }

    /// Sessions to write: `(user, note)` of those that ended and of those whose stored expiry is more
    /// than `slack_ms` behind. At most `max` of each.
    pub fn stale_sessions(
        &self,
        now: Millis,
        slack_ms: i64,
        max: usize,
    ) -> (Vec<(RecordId, Note)>, Vec<Note>) {
        let (mut ended, mut moved) = (Vec::new(), Vec::new());
        for shard in &self.sessions {
            for (hash, session) in shard.read().iter() {
                let until = session.until.load(Ordering::Relaxed);
                if until <= now.0 && ended.len() < max {
                    ended.push((session.user, remove(Space::Session, token::to_hex(hash))));
                } else if until - session.saved_until.load(Ordering::Relaxed) > slack_ms
                    && moved.len() < max
                {
                    let row = SessionRow {
                        until: Millis(until),
                        ..session.row.clone()
                    };
                    moved.push(put(Space::Session, token::to_hex(hash), &row));
                }
            }
        }
        (ended, moved)
    }

    /// User of a refresh token of this app.
    pub fn refresh(&self, token: &str, app: &str, now: Millis) -> Option<RecordId> {
        let all = self.refresh.read();
        let row = all.get(&token::hash(token))?;
        (row.app == app && row.until > now).then_some(row.user)
    }

    /// User of a refresh token, whatever its app and age.
    pub fn refresh_owner(&self, token: &str) -> Option<RecordId> {
        self.refresh
            .read()
            .get(&token::hash(token))
            .map(|row| row.user)
    }

    /// The app of a client id.
    pub fn app(&self, client_id: &str) -> Option<Arc<App>> {
        self.apps.read().get(client_id).cloned()
    }

    /// The password hash of a user.
    pub fn credential(&self, user: RecordId) -> Option<Arc<str>> {
        self.credentials.read().get(&user).cloned()
    }

    /// Marks a telephony token id as used by this token; the note to write if it is new.
    pub fn use_once(
        &self,
        key: String,
        token: &str,
        until: Millis,
    ) -> Result<Option<Note>, UsedByAnother> {
        let mut used = self.used.lock();
        let token = token::hash_hex(token);
        match used.get(&key) {
            Some(first) if first.token == token => Ok(None),
            Some(_) => Err(UsedByAnother),
            None => {
                let row = UsedToken { token, until };
                let note = put(Space::Jti, key.clone(), &row);
                used.insert(key, row);
                Ok(Some(note))
            }
        }
    }

    /// Notes that remove refresh tokens and token ids whose time is over.
    pub fn outdated(&self, now: Millis, max: usize) -> Vec<Note> {
        let used = self.used.lock();
        let old_ids = used.iter().filter(|(_, row)| row.until <= now);
        let old_ids = old_ids.map(|(key, _)| remove(Space::Jti, key.clone()));
        let refresh = self.refresh.read();
        let old_refresh = refresh.iter().filter(|(_, row)| row.until <= now);
        let old_refresh = old_refresh.map(|(hash, _)| remove(Space::Refresh, token::to_hex(hash)));
        old_ids.chain(old_refresh).take(max).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::KeyPrefix;

    use super::*;

    fn user(n: u64) -> RecordId {
        RecordId::new(KeyPrefix::of("005"), n)
    }

    #[test]
    fn a_session_slides_and_its_new_end_is_written_lazily() {
        let book = LoginBook::default();
        book.apply(&session_note(
            "00D!a",
            user(1),
            None,
            Millis(0),
            Millis(100),
        ));
        assert_eq!(
            book.session("00D!a", Millis(99), Millis(199)),
            Some(user(1))
        );
        assert_eq!(book.session("00D!b", Millis(99), Millis(199)), None);
        let (ended, moved) = book.stale_sessions(Millis(150), 50, 9);
        assert_eq!((ended.len(), moved.len()), (0, 1));
        moved.iter().for_each(|note| book.apply(note));
        assert_eq!(book.stale_sessions(Millis(150), 50, 9).1.len(), 0);
        assert_eq!(book.session("00D!a", Millis(199), Millis(300)), None);
        let (ended, _) = book.stale_sessions(Millis(199), 50, 9);
        ended.iter().for_each(|(_, note)| book.apply(note));
        assert_eq!(book.stale_sessions(Millis(199), 50, 9).0.len(), 0);
    }

    #[test]
    fn the_last_session_of_a_user_is_known() {
        let book = LoginBook::default();
        book.apply(&session_note(
            "00D!a",
            user(1),
            None,
            Millis(0),
            Millis(100),
        ));
        let hash = token::hash_hex("00D!a");
        assert!(!book.has_other_session(user(1), &hash, Millis(1)));
        book.apply(&session_note(
            "00D!b",
            user(1),
            None,
            Millis(0),
            Millis(100),
        ));
        assert!(book.has_other_session(user(1), &hash, Millis(1)));
    }

    #[test]
    fn a_token_id_serves_one_token() {
        let book = LoginBook::default();
        let once = |token: &str| book.use_once("c:1".into(), token, Millis(50));
        assert!(matches!(once("a.b.c"), Ok(Some(_))));
        assert_eq!(once("a.b.c"), Ok(None));
        assert_eq!(once("x.y.z"), Err(UsedByAnother));
        book.outdated(Millis(50), 9)
            .iter()
            .for_each(|note| book.apply(note));
        assert!(matches!(
            book.use_once("c:1".into(), "x.y.z", Millis(50)),
            Ok(Some(_))
        ));
    }

    #[test]
    fn refresh_tokens_belong_to_their_app() {
        let book = LoginBook::default();
        book.apply(&refresh_note("5Aep", user(1), "app", Millis(10)));
        assert_eq!(book.refresh("5Aep", "app", Millis(9)), Some(user(1)));
        assert_eq!(book.refresh("5Aep", "other", Millis(9)), None);
        assert_eq!(book.refresh("5Aep", "app", Millis(10)), None);
    }
}
