//! Where commands wait for the writer: bounded in number and in bytes, with two lanes.
//!
//! Bulk work gets at most a quarter of a batch while interactive commands wait. There is no linger:
//! whatever came while the last commit ran is the next batch.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use engine::{Engine, Reply, Request, Submission};
use model::Refusal;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::handle::unavailable;
use crate::size;

/// How urgent a command is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// Somebody waits for it.
    #[default]
    Interactive,
    /// Loads and housekeeping.
    Bulk,
}

/// Record operations of one batch: bounds the length of a batch that has big commands in it.
const OPERATIONS_MAX: usize = 4_096;

pub(crate) type Look = Box<dyn FnOnce(&Engine) + Send>;
pub(crate) type Answer = Result<Reply, Refusal>;

/// A command and the one who waits for its answer, if anybody does.
pub(crate) struct Envelope {
    pub submission: Submission,
    pub reply: Option<oneshot::Sender<Answer>>,
    bytes: usize,
}

impl Envelope {
    fn new(submission: Submission, reply: Option<oneshot::Sender<Answer>>) -> Self {
        Self {
            bytes: size::of(&submission.request),
            submission,
            reply,
        }
    }
}

/// What the writer woke up for.
#[derive(Default)]
pub(crate) struct Wake {
    pub envelopes: Vec<Envelope>,
    pub looks: Vec<Look>,
    pub stopping: bool,
}

#[derive(Default)]
struct State {
    interactive: VecDeque<Envelope>,
    bulk: VecDeque<Envelope>,
    looks: Vec<Look>,
    stopping: bool,
    /// Of all envelopes.
    bytes: usize,
}

impl State {
    fn len(&self) -> usize {
        self.interactive.len() + self.bulk.len() + self.looks.len()
    }
}

pub(crate) struct Inbox {
    state: Mutex<State>,
    ready: Condvar,
    max: usize,
    bytes_max: usize,
}

impl Inbox {
    /// Room for `max` commands, looks included, and for `bytes_max` of their data; a command that is bigger
    /// alone gets in when nothing else waits.
    pub fn new(max: usize, bytes_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            ready: Condvar::new(),
            max,
            bytes_max,
        }
    }

    /// A command with an answer.
    pub fn push(
        &self,
        lane: Lane,
        submission: Submission,
    ) -> Result<oneshot::Receiver<Answer>, Refusal> {
        let (sender, receiver) = oneshot::channel();
        self.put(lane, Envelope::new(submission, Some(sender)))?;
        Ok(receiver)
    }

    /// A command that nobody waits for; false if there is no room.
    pub fn post(&self, lane: Lane, submission: Submission) -> bool {
        self.put(lane, Envelope::new(submission, None)).is_ok()
    }

    fn put(&self, lane: Lane, envelope: Envelope) -> Result<(), Refusal> {
        let mut state = self.room()?;
        if state.bytes > 0 && state.bytes.saturating_add(envelope.bytes) > self.bytes_max {
            return Err(unavailable());
        }
        state.bytes += envelope.bytes;
        match lane {
            Lane::Interactive => state.interactive.push_back(envelope),
            Lane::Bulk => state.bulk.push_back(envelope),
        }
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// A look at the engine between two batches.
    pub fn push_look(&self, look: Look) -> Result<(), Refusal> {
        self.room()?.looks.push(look);
        self.ready.notify_one();
        Ok(())
    }

    fn room(&self) -> Result<parking_lot::MutexGuard<'_, State>, Refusal> {
        let state = self.state.lock();
        if state.stopping || state.len() >= self.max {
            return Err(unavailable());
        }
        Ok(state)
    }

    pub fn is_stopping(&self) -> bool {
        self.state.lock().stopping
    }

    pub fn depth(&self) -> usize {
        self.state.lock().len()
    }

    /// Refuses new commands from now on; those taken are still worked off.
    pub fn stop(&self) {
        self.state.lock().stopping = true;
        self.ready.notify_one();
    }

    /// Nobody works here any more: what still waits is dropped, and those who wait for it hear so.
    pub fn close(&self) {
        let closed = State {
            stopping: true,
            ..State::default()
        };
        let left = std::mem::replace(&mut *self.state.lock(), closed);
        drop(left);
    }

    /// Everything that waits, up to `batch_max` commands; empty when `patience` ran out (none: wait for
    /// ever).
    pub fn wait(&self, patience: Option<Duration>, batch_max: usize) -> Wake {
        let until = patience.map(|p| Instant::now() + p);
        let mut state = self.state.lock();
        while state.len() == 0 && !state.stopping {
            match until {
                None => self.ready.wait(&mut state),
                Some(until) if self.ready.wait_until(&mut state, until).timed_out() => break,
                Some(_) => {}
            }
        }
        let envelopes = take_batch(&mut state, batch_max);
        state.bytes -= envelopes.iter().map(|e| e.bytes).sum::<usize>();
        Wake {
            envelopes,
            looks: std::mem::take(&mut state.looks),
            stopping: state.stopping,
        }
    }
}

fn take_batch(state: &mut State, max: usize) -> Vec<Envelope> {
    let bulk_share = state.bulk.len().min(max / 4);
    let mut batch = Vec::with_capacity(max.min(state.interactive.len() + state.bulk.len()));
    let mut operations = 0;
    take(
        &mut state.interactive,
        &mut batch,
        max - bulk_share,
        &mut operations,
    );
    let left = if state.interactive.is_empty() {
        max - batch.len()
    } else {
        bulk_share
    };
    let bulk_max = batch.len() + left;
    take(&mut state.bulk, &mut batch, bulk_max, &mut operations);
    batch
}

/// Moves envelopes until the batch has `max`, or too many operations; a batch takes one at least.
fn take(
    from: &mut VecDeque<Envelope>,
    batch: &mut Vec<Envelope>,
    max: usize,
    operations: &mut usize,
) {
    while batch.len() < max {
        let Some(next) = from.front() else { return };
        let weight = weight(&next.submission.request);
        if !batch.is_empty() && *operations + weight > OPERATIONS_MAX {
            return;
        }
        *operations += weight;
        batch.extend(from.pop_front());
    }
}

fn weight(request: &Request) -> usize {
    match request {
        Request::Save { ops, .. } | Request::Chunk { ops, .. } => 1 + ops.len(),
        Request::Notes(notes) | Request::Audited { notes, .. } => 1 + notes.len(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use engine::Caller;
    use model::{Code, KeyPrefix, Note, RecordId, Space};

    use super::*;

    fn submission(notes: usize) -> Submission {
        let id = RecordId::new(KeyPrefix::of("005"), 1);
        let note = |n: usize| Note {
            space: Space::Session,
            key: n.to_string(),
            value: None,
        };
        Submission {
            caller: Caller {
                org: id,
                user: id,
                rights: Arc::default(),
                version: 64,
            },
            command_id: None,
            request: Request::Notes((0..notes).map(note).collect()),
        }
    }

    fn inbox(interactive: usize, bulk: usize) -> Inbox {
        let inbox = Inbox::new(64, 1 << 20);
        for _ in 0..interactive {
            assert!(inbox.post(Lane::Interactive, submission(0)));
        }
        for _ in 0..bulk {
            assert!(inbox.post(Lane::Bulk, submission(1)));
        }
        inbox
    }

    fn sizes(inbox: &Inbox, max: usize) -> (usize, usize) {
        let wake = inbox.wait(Some(Duration::ZERO), max);
        let is_bulk = |e: &&Envelope| weight(&e.submission.request) > 1;
        let bulk = wake.envelopes.iter().filter(is_bulk).count();
        (wake.envelopes.len() - bulk, bulk)
    }

    #[test]
    fn bulk_gets_a_quarter_while_others_wait_and_all_when_they_do_not() {
        let inbox = inbox(20, 20);
        assert_eq!(sizes(&inbox, 16), (12, 4));
        assert_eq!(sizes(&inbox, 16), (8, 8));
        assert_eq!(sizes(&inbox, 16), (0, 8));
        assert_eq!(sizes(&inbox, 16), (0, 0));
    }

    #[test]
    fn a_full_or_stopping_inbox_refuses_at_once() {
        let inbox = inbox(64, 0);
        let refused = inbox.push(Lane::Interactive, submission(0)).unwrap_err();
        assert_eq!(refused.code, Code::ServerUnavailable);
        assert_eq!(sizes(&inbox, 100), (64, 0));
        inbox.stop();
        assert!(!inbox.post(Lane::Bulk, submission(0)));
        assert!(inbox.wait(None, 1).stopping);
    }

    #[test]
    fn nobody_waits_for_a_closed_inbox() {
        let inbox = inbox(0, 0);
        let mut answer = inbox.push(Lane::Interactive, submission(0)).unwrap();
        let (sender, mut seen) = oneshot::channel::<()>();
        inbox.push_look(Box::new(move |_| drop(sender))).unwrap();
        inbox.close();
        let closed = oneshot::error::TryRecvError::Closed;
        assert_eq!(answer.try_recv().unwrap_err(), closed);
        assert_eq!(seen.try_recv().unwrap_err(), closed);
        assert!(inbox.push(Lane::Bulk, submission(0)).is_err());
    }

    #[test]
    fn big_commands_make_short_batches_but_never_empty_ones() {
        let inbox = Inbox::new(64, 1 << 20);
        for _ in 0..3 {
            inbox.post(Lane::Interactive, submission(OPERATIONS_MAX));
        }
        assert_eq!(sizes(&inbox, 16), (0, 1));
    }

    #[test]
    fn bytes_are_bounded_but_a_big_command_alone_gets_in() {
        let inbox = Inbox::new(64, 1_000);
        let big = || submission(1_000);
        for _ in 0..2 {
            assert!(inbox.post(Lane::Bulk, big()));
            assert!(!inbox.post(Lane::Bulk, submission(1)));
            assert_eq!(
                inbox.push(Lane::Interactive, big()).unwrap_err(),
                unavailable()
            );
            assert_eq!(sizes(&inbox, 16), (0, 1));
        }
        assert!(inbox.post(Lane::Bulk, submission(1)));
        assert!(inbox.post(Lane::Bulk, submission(1)));
        assert_eq!(sizes(&inbox, 16), (0, 2));
        assert_eq!(inbox.state.lock().bytes, 0);
    }
}
