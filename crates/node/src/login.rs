//! Who is logged in: sessions, passwords, connected apps, refresh and telephony tokens.
//!
//! Durable as hidden notes, mirrored here so that checking a token costs a hash and a map read. The
//! mirror changes only through [`LoginBook::apply`], which the writer calls with what it committed; the
//! one exception is the sliding expiry of sessions, which moves here and is written now and then.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use hashbrown::{HashMap, HashSet};
use model::{Millis, Note, RecordId, Space};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::app::App;
use crate::policy::{self, SecurityPolicy};
use crate::token::{self, Hash};

/// Shards of the session map, so that threads do not meet on one lock.
const SHARDS: usize = 16;
/// Notes in [`Space::Session`] that are no sessions: users whose presence hangs on a console.
pub(crate) const CONSOLE: &str = "console:";

/// One log-in session in memory.
pub(crate) struct Session {
    pub user: RecordId,
    is_narrow: bool,
    /// Dropped with the session, for those who wait for its end.
    end: OnceLock<watch::Sender<()>>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// Hash of the refresh token it belongs to: goes with that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    kind: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct RefreshRow {
    user: RecordId,
    app: String,
    until: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// How a session came to be.
#[derive(Clone, Debug, Default)]
pub struct Origin<'a> {
    /// Client id of the connected app.
    pub app: Option<&'a str>,
    /// Name of the app, for LoginHistory.
    pub app_name: &'a str,
    /// Scopes; `None` means all.
    pub scope: Option<&'a str>,
    /// The refresh token that it shall end with.
    pub refresh: Option<&'a str>,
    /// Address of the client.
    pub from: &'a str,
    /// LoginType of LoginHistory.
    pub kind: &'a str,
    /// What the client calls itself.
    pub browser: &'a str,
    /// Host that was asked.
    pub url: &'a str,
}

/// A session as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Names the session without opening it.
    pub key: String,
    /// Whose.
    pub user: RecordId,
    /// Client id of the app.
    pub app: Option<String>,
    /// Scopes; `None` means all.
    pub scope: Option<String>,
    /// Address of the client.
    pub from: String,
    /// How it came to be.
    pub kind: String,
    /// Since when.
    pub created: Millis,
    /// Until when if nobody uses it.
    pub until: Millis,
}

/// A refresh token that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refreshed {
    pub user: RecordId,
    pub scope: Option<String>,
}

/// Characters of a session's hash that name it.
const KEY_LENGTH: usize = 32;
/// Keys in [`Space::App`] that are no apps: users who let an app act for them.
const CONSENT: &str = "consent ";
/// Key in [`Space::App`] of the private key that signs id tokens.
pub(crate) const SIGNING_KEY: &str = "key signing";
/// Keys in [`Space::Credential`] that are no passwords: those before.
const EARLIER: &str = "earlier ";
/// Scopes of which one is needed to use the API; without any a session only tells who its user is.
const WIDE: [&str; 3] = ["api", "full", "web"];

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
    consents: RwLock<HashSet<String>>,
    earlier: RwLock<HashMap<String, Vec<String>>>,
    signing_key: RwLock<Option<Arc<str>>>,
    policy: RwLock<Arc<SecurityPolicy>>,
}

/// The token id was used by another token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsedByAnother;

/// The spaces that the book mirrors.
pub(crate) const SPACES: [Space; 6] = [
    Space::Session,
    Space::Refresh,
    Space::App,
    Space::Credential,
    Space::Jti,
    Space::Setting,
];

impl Session {
    fn new(row: SessionRow) -> Self {
        Self {
            user: row.user,
            until: AtomicI64::new(row.until.0),
            saved_until: AtomicI64::new(row.until.0),
            end: OnceLock::new(),
            is_narrow: row.scope.as_deref().is_some_and(is_narrow),
            row,
        }
    }

    fn info(&self, hash: &Hash) -> SessionInfo {
        SessionInfo {
            key: key_of(hash),
            user: self.user,
            app: self.row.app.clone(),
            scope: self.row.scope.clone(),
            from: self.row.from.clone(),
            kind: self.row.kind.clone(),
            created: self.row.created,
            until: Millis(self.until.load(Ordering::Relaxed)),
        }
    }
}

fn is_narrow(scope: &str) -> bool {
    !scope.split(' ').any(|s| WIDE.contains(&s))
}

fn key_of(hash: &Hash) -> String {
    let mut key = token::to_hex(hash);
    key.truncate(KEY_LENGTH);
    key
}

/// The note of a new session.
pub(crate) fn session_note(
    token: &str,
    user: RecordId,
    origin: &Origin<'_>,
    now: Millis,
    until: Millis,
) -> Note {
    let row = SessionRow {
        user,
        app: origin.app.map(str::to_owned),
        created: now,
        until,
        scope: origin.scope.map(str::to_owned),
        refresh: origin.refresh.map(token::hash_hex),
        from: origin.from.to_owned(),
        kind: origin.kind.to_owned(),
    };
    put(Space::Session, token::hash_hex(token), &row)
}

/// The note of a new refresh token.
pub(crate) fn refresh_note(
    token: &str,
    user: RecordId,
    app: &str,
    scope: Option<&str>,
    until: Millis,
) -> Note {
    let row = RefreshRow {
        user,
        app: app.to_owned(),
        until,
        scope: scope.map(str::to_owned),
    };
    put(Space::Refresh, token::hash_hex(token), &row)
}

/// Key of the note that a user lets an app act for it.
pub(crate) fn consent_key(app: &str, user: RecordId) -> String {
    format!("{CONSENT}{} {app}", user.as_15())
}

/// Key of the note of earlier passwords.
pub(crate) fn earlier_key(user: RecordId) -> String {
    format!("{EARLIER}{}", user.as_15())
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
            Space::App if note.key == SIGNING_KEY => {
                *self.signing_key.write() = note.value.as_deref().map(Arc::from);
            }
            Space::App if note.key.starts_with(CONSENT) => {
                let mut consents = self.consents.write();
                if note.value.is_some() {
                    consents.insert(note.key.clone());
                } else {
                    consents.remove(&note.key);
                }
            }
            Space::App => set(
                &mut self.apps.write(),
                note.key.clone(),
                read(note).map(Arc::new),
            ),
            Space::Setting if note.key == policy::SETTING => {
                *self.policy.write() = Arc::new(read(note).unwrap_or_default());
            }
            Space::Credential if note.key.starts_with(EARLIER) => {
                set(&mut self.earlier.write(), note.key.clone(), read(note));
            }
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
            Space::App => {
                self.apps.write().retain(|key, _| !gone(key));
                self.consents.write().retain(|key| !gone(key));
                if gone(SIGNING_KEY) {
                    *self.signing_key.write() = None;
                }
            }
            Space::Setting if gone(policy::SETTING) => *self.policy.write() = Arc::default(),
            Space::Credential => {
                let mut credentials = self.credentials.write();
                credentials.retain(|user, _| !gone(user.as_15()));
                self.earlier.write().retain(|key, _| !gone(key));
            }
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

    /// Closed when the session ends; `None` if it has.
    pub fn end_of(&self, token: &str) -> Option<watch::Receiver<()>> {
        let hash = token::hash(token);
        let shard = self.shard(&hash).read();
        let end = shard.get(&hash)?.end.get_or_init(|| watch::channel(()).0);
        Some(end.subscribe())
    }

    fn shard(&self, hash: &Hash) -> &RwLock<HashMap<Hash, Arc<Session>>> {
        &self.sessions[usize::from(hash[0]) % SHARDS]
    }

    /// The user of a live session that may use the API; its expiry moves to `until`.
    pub fn session(&self, token: &str, now: Millis, until: Millis) -> Option<RecordId> {
        self.touch(token, now, until, false)
    }

    /// The same for sessions of any scope.
    pub fn any_session(&self, token: &str, now: Millis, until: Millis) -> Option<RecordId> {
        self.touch(token, now, until, true)
    }

    fn touch(&self, token: &str, now: Millis, until: Millis, any: bool) -> Option<RecordId> {
        let hash = token::hash(token);
        let shard = self.shard(&hash).read();
        let session = shard.get(&hash)?;
        if session.until.load(Ordering::Relaxed) <= now.0 || session.is_narrow && !any {
            return None;
        }
        session.until.store(until.0, Ordering::Relaxed);
        Some(session.user)
    }

    /// What is known of a live session, without touching it.
    pub fn info(&self, token: &str, now: Millis) -> Option<SessionInfo> {
        let hash = token::hash(token);
        let shard = self.shard(&hash).read();
        let info = shard.get(&hash)?.info(&hash);
        (info.until > now).then_some(info)
    }

    /// Live sessions that `wanted` picks, newest first; at most `max`.
    pub fn sessions(
        &self,
        now: Millis,
        max: usize,
        wanted: impl Fn(&SessionInfo) -> bool,
    ) -> Vec<SessionInfo> {
        let mut all = Vec::new();
        for shard in &self.sessions {
            let shard = shard.read();
            let infos = shard.iter().map(|(hash, session)| session.info(hash));
            all.extend(infos.filter(|info| info.until > now && wanted(info)));
        }
        all.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.key.cmp(&b.key)));
        all.truncate(max);
        all
    }

    /// Notes that end the sessions which `wanted` picks, each with its user.
    pub fn endings(&self, wanted: impl Fn(&SessionInfo) -> bool) -> Vec<(RecordId, Note)> {
        let mut notes = Vec::new();
        for shard in &self.sessions {
            for (hash, session) in shard.read().iter() {
                if wanted(&session.info(hash)) {
                    let note = remove(Space::Session, token::to_hex(hash));
                    notes.push((session.user, note));
                }
            }
        }
        notes
    }

    /// Notes that end the sessions of a refresh token.
    pub fn endings_of_refresh(&self, token: &str) -> Vec<(RecordId, Note)> {
        let refresh = token::hash_hex(token);
        let mut notes = Vec::new();
        for shard in &self.sessions {
            for (hash, session) in shard.read().iter() {
                if session.row.refresh.as_ref() == Some(&refresh) {
                    let note = remove(Space::Session, token::to_hex(hash));
                    notes.push((session.user, note));
                }
            }
        }
        notes
    }

    /// Notes that end all refresh tokens of an app or user.
    pub fn refresh_endings(&self, app: Option<&str>, user: Option<RecordId>) -> Vec<Note> {
        let all = self.refresh.read();
        let picked = all.iter().filter(|(_, row)| {
            app.is_none_or(|app| row.app == app) && user.is_none_or(|user| row.user == user)
        });
        picked
            .map(|(hash, _)| remove(Space::Refresh, token::to_hex(hash)))
            .collect()
    }

    /// True if the user lets the app act for it.
    pub fn has_consent(&self, app: &str, user: RecordId) -> bool {
        self.consents.read().contains(&consent_key(app, user))
    }

    /// Notes that take back every consent to an app.
    pub fn consent_endings(&self, app: &str) -> Vec<Note> {
        let all = self.consents.read();
        let of_app = |key: &&String| {
            let rest = key.strip_prefix(CONSENT).and_then(|k| k.split_once(' '));
            rest.is_some_and(|(_, id)| id == app)
        };
        let picked = all.iter().filter(of_app);
        picked.map(|key| remove(Space::App, key.clone())).collect()
    }

    /// Private key of id tokens (PEM).
    pub fn signing_key(&self) -> Option<Arc<str>> {
        self.signing_key.read().clone()
    }

    /// Policies of the org.
    pub fn policy(&self) -> Arc<SecurityPolicy> {
        Arc::clone(&self.policy.read())
    }

    /// Hashes of earlier passwords, the newest first.
    pub fn earlier(&self, user: RecordId) -> Vec<String> {
        let all = self.earlier.read();
        all.get(&earlier_key(user)).cloned().unwrap_or_default()
    }

    /// All apps, by client id.
    pub fn apps(&self) -> Vec<Arc<App>> {
        let mut all: Vec<_> = self.apps.read().values().cloned().collect();
        all.sort_by(|a, b| a.client_id.cmp(&b.client_id));
        all
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
    pub fn refresh(&self, token: &str, app: &str, now: Millis) -> Option<Refreshed> {
        let all = self.refresh.read();
        let row = all.get(&token::hash(token))?;
        (row.app == app && row.until > now).then(|| Refreshed {
            user: row.user,
            scope: row.scope.clone(),
        })
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

    /// Takes a mark of [`LoginBook::use_once`] back whose note could not be written.
    pub fn forget_use(&self, key: &str) {
        self.used.lock().remove(key);
    }

    /// Notes that remove refresh tokens whose time is over, and ids of tokens that other machines made: those
    /// go by the wall clock.
    pub fn outdated(&self, now: Millis, wall: Millis, max: usize) -> Vec<Note> {
        let used = self.used.lock();
        let old_ids = used.iter().filter(|(_, row)| row.until <= wall);
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
            &Origin::default(),
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
            &Origin::default(),
            Millis(0),
            Millis(100),
        ));
        let hash = token::hash_hex("00D!a");
        assert!(!book.has_other_session(user(1), &hash, Millis(1)));
        book.apply(&session_note(
            "00D!b",
            user(1),
            &Origin::default(),
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
        book.outdated(Millis(0), Millis(50), 9)
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
        book.apply(&refresh_note("5Aep", user(1), "app", None, Millis(10)));
        let good = book.refresh("5Aep", "app", Millis(9));
        assert_eq!(good.map(|r| r.user), Some(user(1)));
        assert_eq!(book.refresh("5Aep", "other", Millis(9)), None);
        assert_eq!(book.refresh("5Aep", "app", Millis(10)), None);
    }

    #[test]
    fn a_session_without_a_scope_for_the_api_only_tells_who_it_is() {
        let book = LoginBook::default();
        let open = |token: &str, scope| {
            let origin = Origin {
                scope: Some(scope),
                refresh: Some("5Aep"),
                ..Origin::default()
            };
            book.apply(&session_note(
                token,
                user(1),
                &origin,
                Millis(0),
                Millis(100),
            ));
        };
        open("00D!a", "openid id");
        open("00D!b", "openid api");
        let (now, until) = (Millis(1), Millis(100));
        assert_eq!(book.session("00D!a", now, until), None);
        assert_eq!(book.any_session("00D!a", now, until), Some(user(1)));
        assert_eq!(book.session("00D!b", now, until), Some(user(1)));
        let end = book.end_of("00D!b").unwrap();
        assert!(end.has_changed().is_ok());
        let endings = book.endings_of_refresh("5Aep");
        endings.iter().for_each(|(_, note)| book.apply(note));
        assert_eq!(book.sessions(now, 9, |_| true), Vec::new());
        assert!(end.has_changed().is_err() && book.end_of("00D!b").is_none());
    }

    #[test]
    fn consents_and_keys_are_no_apps() {
        let book = LoginBook::default();
        let text = |space, key: &str| Note {
            space,
            key: key.to_owned(),
            value: Some("{}".to_owned()),
        };
        book.apply(&text(Space::App, &consent_key("a b", user(1))));
        book.apply(&text(Space::App, SIGNING_KEY));
        assert!(book.apps().is_empty() && book.has_consent("a b", user(1)));
        assert!(!book.has_consent("b", user(1)));
        let gone = book.consent_endings("a b");
        gone.iter().for_each(|note| book.apply(note));
        assert!(!book.has_consent("a b", user(1)));
        book.replace(Space::App, &[]);
        assert_eq!(book.signing_key(), None);
    }
}
