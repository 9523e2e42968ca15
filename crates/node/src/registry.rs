//! Which users have a console connected, and whose console stayed away too long (R155, R156).

use std::sync::Arc;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use model::RecordId;
use parking_lot::Mutex;

#[derive(Default)]
struct Link {
    open: u32,
    away_since: Option<Instant>,
    /// Its note is in the store, so that a restart knows that this presence needs a console.
    is_noted: bool,
}

type Links = Arc<Mutex<HashMap<RecordId, Link>>>;

/// Connected consoles by user.
#[derive(Default)]
pub(crate) struct Registry {
    links: Links,
}

/// One connected console; dropping it starts the grace if it was the user's last.
pub struct Connection {
    links: Links,
    user: RecordId,
}

impl Registry {
    pub fn connect(&self, user: RecordId) -> Connection {
        let mut links = self.links.lock();
        let link = links.entry(user).or_default();
        link.open += 1;
        link.away_since = None;
        Connection {
            links: Arc::clone(&self.links),
            user,
        }
    }

    /// A user whose console was connected when the server stopped, or who could not be logged out yet. A
    /// console that came meanwhile counts.
    pub fn expect(&self, user: RecordId, now: Instant) {
        let link = Link {
            open: 0,
            away_since: Some(now),
            is_noted: true,
        };
        self.links.lock().entry(user).or_insert(link);
    }

    /// Users whose console came since the last call and whose note must be stored.
    pub fn arrived(&self) -> Vec<RecordId> {
        let mut links = self.links.lock();
        let fresh = links.iter_mut().filter(|(_, link)| !link.is_noted);
        let users = fresh.map(|(user, link)| {
            link.is_noted = true;
            *user
        });
        users.collect()
    }

    /// The note of a user's console found no room: the next call of [`Registry::arrived`] names it again.
    pub fn again(&self, user: RecordId) {
        if let Some(link) = self.links.lock().get_mut(&user) {
            link.is_noted = false;
        }
    }

    /// Users whose last console left more than `grace` ago; they are forgotten here.
    pub fn lost(&self, now: Instant, grace: Duration) -> Vec<RecordId> {
        let is_lost = |link: &Link| {
            let away = link.away_since.map(|since| now.duration_since(since));
            link.open == 0 && away.is_some_and(|away| away >= grace)
        };
        let mut links = self.links.lock();
        links
            .extract_if(|_, link| is_lost(link))
            .map(|(user, _)| user)
            .collect()
    }

    /// Consoles connected now.
    pub fn open(&self) -> u32 {
        self.links.lock().values().map(|link| link.open).sum()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(link) = self.links.lock().get_mut(&self.user) {
            link.open = link.open.saturating_sub(1);
            if link.open == 0 {
                link.away_since = Some(Instant::now());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::KeyPrefix;

    use super::*;

    #[test]
    fn only_the_last_console_that_stays_away_counts() {
        let registry = Registry::default();
        let user = RecordId::new(KeyPrefix::of("005"), 1);
        let grace = Duration::from_secs(60);
        let (tab, other) = (registry.connect(user), registry.connect(user));
        assert_eq!(registry.arrived(), [user]);
        registry.again(user);
        assert_eq!(registry.arrived(), [user]);
        assert_eq!(registry.arrived(), []);
        drop(tab);
        let later = Instant::now() + Duration::from_secs(61);
        assert_eq!(registry.lost(later, grace), []);
        drop(other);
        assert_eq!(registry.lost(Instant::now(), grace), []);
        let back = registry.connect(user);
        assert_eq!(registry.lost(later, grace), []);
        drop(back);
        assert_eq!(registry.lost(later, grace), [user]);
        assert_eq!(registry.open(), 0);
    }

    #[test]
    fn a_console_that_came_back_is_not_forgotten() {
        let registry = Registry::default();
        let user = RecordId::new(KeyPrefix::of("005"), 1);
        let grace = Duration::from_secs(60);
        let (now, later) = (Instant::now(), Instant::now() + Duration::from_secs(61));
        let back = registry.connect(user);
        registry.expect(user, now); // the log-out found no room
        assert_eq!(registry.lost(later, grace), []);
        drop(back);
    }
}
