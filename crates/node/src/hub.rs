//! Tells consoles what happened, after the commit and in commit order.
//!
//! Every event gets a number that grows for the whole org, restarts included. The last events of each
//! connected user are kept so that a console that comes back gets what it missed (console-api.md D.3).
//! A subscriber that does not keep up is cut, never waited for.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::Event;
use hashbrown::HashMap;
use model::RecordId;
use parking_lot::Mutex;
use tokio::sync::mpsc;

/// Events kept per connected user: minutes of a busy agent.
const KEPT_MAX: usize = 256;
/// Events that may wait for one console before it is cut.
const WAITING_MAX: usize = 256;
/// The same for subscribers to everything.
const WAITING_ALL_MAX: usize = 16_384;

/// An event and its number.
pub type Numbered = (u64, Arc<Event>);

/// A stream of console events.
pub struct Subscription {
    receiver: mpsc::Receiver<Numbered>,
    missed: VecDeque<Numbered>,
    complete: bool,
}

impl Subscription {
    /// False if events after the number that was asked for are no longer kept: read the state anew.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The next event; `None` when the org stops or the subscriber was too slow. Safe to cancel.
    pub async fn next(&mut self) -> Option<Numbered> {
        match self.missed.pop_front() {
            Some(event) => Some(event),
            None => self.receiver.recv().await,
        }
    }

    /// The next event, if it is here already: lets a sender fill a packet.
    pub fn ready(&mut self) -> Option<Numbered> {
        self.missed
            .pop_front()
            .or_else(|| self.receiver.try_recv().ok())
    }
}

#[derive(Default)]
struct Feed {
    kept: VecDeque<Numbered>,
    /// Events with a greater number are all in `kept`.
    complete_after: u64,
    subscribers: Vec<mpsc::Sender<Numbered>>,
    /// Since when nobody listens.
    alone_since: Option<Instant>,
}

#[derive(Default)]
struct State {
    last: u64,
    feeds: HashMap<RecordId, Feed>,
    all: Vec<mpsc::Sender<Numbered>>,
}

pub(crate) struct Hub {
    state: Mutex<State>,
}

impl Hub {
    /// `first` must grow from start to start; the wall clock in milliseconds does.
    pub fn new(first: u64) -> Self {
        let state = State {
            last: first,
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Number of the last event.
    pub fn last(&self) -> u64 {
        self.state.lock().last
    }

    pub fn publish(&self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let state = &mut *self.state.lock();
        for event in events {
            state.last += 1;
            let Some(feed) = state.feeds.get_mut(&event.user) else {
                if !state.all.is_empty() {
                    send(&mut state.all, &(state.last, Arc::new(event)));
                }
                continue;
            };
            let numbered = (state.last, Arc::new(event));
            send(&mut state.all, &numbered);
            feed.take(numbered);
        }
    }

    pub fn subscribe(&self, user: RecordId, after: Option<u64>) -> Subscription {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let state = &mut *self.state.lock();
        let last = state.last;
        let feed = state.feeds.entry(user).or_insert_with(|| Feed {
            complete_after: last,
            ..Feed::default()
        });
        feed.alone_since = None;
        feed.subscribers.push(sender);
        let after = after.unwrap_or(last);
        let missed = feed.kept.iter().filter(|(number, _)| *number > after);
        Subscription {
            receiver,
            missed: missed.cloned().collect(),
            complete: after >= feed.complete_after && after <= last,
        }
    }

    pub fn subscribe_all(&self) -> Subscription {
        let (sender, receiver) = mpsc::channel(WAITING_ALL_MAX);
        self.state.lock().all.push(sender);
        Subscription {
            receiver,
            missed: VecDeque::new(),
            complete: true,
        }
    }

    /// Forgets the events of users whose consoles stayed away longer than `grace`.
    pub fn sweep(&self, now: Instant, grace: Duration) {
        let state = &mut *self.state.lock();
        state.all.retain(|s| !s.is_closed());
        state.feeds.retain(|_, feed| {
            feed.subscribers.retain(|s| !s.is_closed());
            if !feed.subscribers.is_empty() {
                return true;
            }
            let since = *feed.alone_since.get_or_insert(now);
            now.duration_since(since) <= grace
        });
    }

    /// Ends all subscriptions and forgets what was kept: events may be missing, so whoever comes back
    /// must read the state anew.
    pub fn cut(&self) {
        let state = &mut *self.state.lock();
        state.feeds.clear();
        state.all.clear();
        state.last += 1;
    }

    /// Ends all subscriptions.
    pub fn close(&self) {
        let state = &mut *self.state.lock();
        state.feeds.clear();
        state.all.clear();
    }
}

impl Feed {
    fn take(&mut self, numbered: Numbered) {
        send(&mut self.subscribers, &numbered);
        if self.kept.len() == KEPT_MAX {
            self.complete_after = self
                .kept
                .pop_front()
                .map_or(self.complete_after, |(n, _)| n);
        }
        self.kept.push_back(numbered);
    }
}

fn send(to: &mut Vec<mpsc::Sender<Numbered>>, numbered: &Numbered) {
    to.retain(|s| s.try_send(numbered.clone()).is_ok());
}

#[cfg(test)]
mod tests {
    use engine::EventKind;
    use model::{KeyPrefix, Millis};

    use super::*;

    fn user(n: u64) -> RecordId {
        RecordId::new(KeyPrefix::of("005"), n)
    }

    fn event(n: u64) -> Event {
        Event {
            user: user(n),
            at: Millis(0),
            kind: EventKind::Logout,
        }
    }

    fn numbers(subscription: &mut Subscription) -> Vec<u64> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut all = Vec::new();
        runtime.block_on(async {
            while !(subscription.missed.is_empty() && subscription.receiver.is_empty()) {
                all.extend(subscription.next().await.map(|(n, _)| n));
            }
        });
        all
    }

    #[test]
    fn a_console_that_comes_back_gets_what_it_missed() {
        let hub = Hub::new(100);
        let mut first = hub.subscribe(user(1), None);
        hub.publish(vec![event(1), event(2), event(1)]);
        assert_eq!(numbers(&mut first), [101, 103]);
        drop(first);
        hub.publish(vec![event(1)]);
        let mut again = hub.subscribe(user(1), Some(101));
        assert!(again.is_complete());
        assert_eq!(numbers(&mut again), [103, 104]);
        assert!(!hub.subscribe(user(1), Some(7)).is_complete());
        assert!(!hub.subscribe(user(9), Some(102)).is_complete());
    }

    #[test]
    fn feeds_end_after_the_grace_and_slow_subscribers_are_cut() {
        let hub = Hub::new(0);
        drop(hub.subscribe(user(1), None));
        let start = Instant::now();
        hub.sweep(start, Duration::from_secs(60));
        assert_eq!(hub.state.lock().feeds.len(), 1);
        hub.sweep(start + Duration::from_secs(61), Duration::from_secs(60));
        assert_eq!(hub.state.lock().feeds.len(), 0);

        let slow = hub.subscribe(user(1), None);
        hub.publish((0..=WAITING_MAX).map(|_| event(1)).collect());
        assert_eq!(hub.state.lock().feeds[&user(1)].subscribers.len(), 0);
        assert_eq!(hub.state.lock().feeds[&user(1)].kept.len(), KEPT_MAX);
        drop(slow);
    }

    #[test]
    fn after_a_cut_every_console_reads_the_state_anew() {
        let hub = Hub::new(7);
        let (mut own, mut all) = (hub.subscribe(user(1), None), hub.subscribe_all());
        hub.publish(vec![event(1)]);
        hub.cut();
        assert_eq!((own.ready().map(|(n, _)| n), own.ready()), (Some(8), None));
        assert!(own.receiver.is_closed() && all.ready().is_some() && all.receiver.is_closed());
        assert!(!hub.subscribe(user(1), Some(8)).is_complete());
        assert!(hub.subscribe(user(1), Some(hub.last())).is_complete());
    }

    #[test]
    fn one_subscription_may_hear_everything() {
        let hub = Hub::new(0);
        let mut all = hub.subscribe_all();
        hub.publish(vec![event(1), event(2)]);
        assert_eq!(numbers(&mut all), [1, 2]);
    }
}
