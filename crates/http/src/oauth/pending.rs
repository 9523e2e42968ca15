//! What waits for a person: consent pages, authorization codes, device codes. In memory only: a restart
//! costs a click.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use model::RecordId;
use parking_lot::Mutex;

/// Entries of one kind at a time; beyond, the oldest go first.
const ENTRIES_MAX: usize = 20_000;
/// How long a person may think.
pub const ASK_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long a code is good.
pub const CODE_LIFE: Duration = Duration::from_secs(15 * 60);
/// How long a device may wait.
pub const DEVICE_LIFE: Duration = Duration::from_secs(10 * 60);
/// Pause between two questions of a device.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// Values under keys that nobody can guess, each for a while.
pub struct Shelf<T> {
    life: Duration,
    entries: Mutex<BTreeMap<String, (Instant, T)>>,
}

impl<T> Shelf<T> {
    fn new(life: Duration) -> Self {
        Self {
            life,
            entries: Mutex::default(),
        }
    }

    /// Keeps a value.
    pub fn put(&self, key: String, value: T, now: Instant) {
        let mut entries = self.entries.lock();
        if entries.len() >= ENTRIES_MAX {
            let life = self.life;
            entries.retain(|_, (since, _)| now.duration_since(*since) < life);
        }
        if entries.len() >= ENTRIES_MAX {
            let oldest = entries.iter().min_by_key(|(_, (since, _))| *since);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.and_then(|key| entries.remove(&key));
        }
        entries.insert(key, (now, value));
    }

    /// Takes a value away: it can be had once.
    pub fn take(&self, key: &str, now: Instant) -> Option<T> {
        let (since, value) = self.entries.lock().remove(key)?;
        (now.duration_since(since) < self.life).then_some(value)
    }

    /// Looks at a value and may change it.
    pub fn with<R>(&self, key: &str, now: Instant, look: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut entries = self.entries.lock();
        let (since, value) = entries.get_mut(key)?;
        (now.duration_since(*since) < self.life).then(|| look(value))
    }
}

/// What a user agreed to.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// Org of user and app.
    pub org: RecordId,
    /// Client id.
    pub client_id: String,
    /// Who.
    pub user: RecordId,
    /// Scopes.
    pub scope: String,
    /// For the id token.
    pub nonce: String,
}

/// A code on its way through a browser.
#[derive(Clone, Debug)]
pub struct Code {
    /// What it stands for.
    pub agreed: Agreed,
    /// Where it went.
    pub redirect_uri: String,
    /// PKCE; empty if the client did without.
    pub challenge: String,
}

/// Where the answer of a user goes.
#[derive(Clone, Debug)]
pub enum Goal {
    /// Back to an app.
    Redirect {
        /// Where.
        uri: String,
        /// Given back.
        state: String,
        /// PKCE.
        challenge: String,
    },
    /// To a device that asks for it.
    Device {
        /// Its user code.
        user_code: String,
    },
}

/// A user who is asked whether an app may act for it.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What it is about.
    pub agreed: Agreed,
    /// Where the answer goes.
    pub goal: Goal,
    /// The browser that was asked.
    pub browser: String,
}

/// How far a device is.
#[derive(Clone, Debug)]
pub enum Answered {
    /// Nobody said anything yet.
    NotYet,
    /// Yes, this user.
    Yes(RecordId),
    /// No.
    No,
}

/// A device that waits.
#[derive(Clone, Debug)]
pub struct Device {
    /// Org of the app.
    pub org: RecordId,
    /// Client id.
    pub client_id: String,
    /// Scopes.
    pub scope: String,
    /// What its user said.
    pub answered: Answered,
    /// When it asked last.
    pub asked: Option<Instant>,
}

/// Everything that waits.
pub struct Pending {
    /// Consent pages by their secret.
    pub asks: Shelf<Ask>,
    /// Codes.
    pub codes: Shelf<Code>,
    /// Devices by device code.
    pub devices: Shelf<Device>,
    /// Device codes by user code.
    pub user_codes: Shelf<String>,
}

impl Default for Pending {
    fn default() -> Self {
        Self {
            asks: Shelf::new(ASK_LIFE),
            codes: Shelf::new(CODE_LIFE),
            devices: Shelf::new(DEVICE_LIFE),
            user_codes: Shelf::new(DEVICE_LIFE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_had_once_and_in_time() {
        let shelf = Shelf::new(Duration::from_secs(10));
        let start = Instant::now();
        shelf.put("a".into(), 1, start);
        assert_eq!(shelf.with("a", start, |v| *v), Some(1));
        assert_eq!(
            (shelf.take("a", start), shelf.take("a", start)),
            (Some(1), None)
        );
        shelf.put("b".into(), 2, start);
        let late = start + Duration::from_secs(10);
        assert_eq!(shelf.with("b", late, |v| *v), None);
        assert_eq!(shelf.take("b", late), None);
    }

    #[test]
    fn the_shelf_is_bounded() {
        let shelf = Shelf::new(Duration::from_secs(10));
        let start = Instant::now();
        for n in 0..ENTRIES_MAX + 5 {
            let at = start + Duration::from_nanos(n as u64);
            shelf.put(n.to_string(), n, at);
        }
        assert_eq!(shelf.entries.lock().len(), ENTRIES_MAX);
        assert_eq!(shelf.take("0", start), None);
    }
}
