//! The state as one value, and the four things that can be done with it.

use model::{Millis, RecordId, Refusal};

use crate::api::{
    Capacity, Command, Configuration, Output, PresenceView, QueueStats, Restored, WaitingView,
};
use crate::rows::{AgentWork, PendingServiceRouting};

/// What [`RoutingState::decide`] found: everything [`RoutingState::evolve`] needs, nothing to refuse left.
#[derive(Clone, Debug)]
pub struct Decision {
    command: Command,
}

/// All live routing state of one org.
#[derive(Default)]
pub struct RoutingState {
    deadline: Option<Millis>,
}

impl RoutingState {
    /// An org without anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one piece of configuration. Effects on waiting work come with the next
    /// [`settle`](Self::settle) (R37).
    pub fn configure(&mut self, _configuration: Configuration) {}

    /// Takes the rows of the store, once, after all configuration and before the first command (R137).
    pub fn restore(&mut self, _rows: Restored, _now: Millis) {}

    /// Looks at one command; writes nothing.
    ///
    /// # Errors
    /// The refusal that the client gets; see [`Command`].
    pub fn decide(&self, command: &Command, _now: Millis) -> Result<Decision, Refusal> {
        Ok(Decision {
            command: command.clone(),
        })
    }

    /// Carries out what [`decide`](Self::decide) found on this very state.
    pub fn evolve(&mut self, decision: Decision, _now: Millis, _out: &mut Output) {
        drop(decision.command);
    }

    /// Fires due deadlines, then matches until no further push is possible (R38). Once per batch.
    pub fn settle(&mut self, _now: Millis, _out: &mut Output) {}

    /// When [`settle`](Self::settle) has work to do even without a command.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.deadline
    }

    /// Starts a draft: until [`keep`](Self::keep), everything can be undone (allOrNone saves). Only
    /// [`decide`](Self::decide) and [`evolve`](Self::evolve) may be called in a draft.
    pub fn begin(&mut self) {}

    /// Keeps what the draft did.
    pub fn keep(&mut self) {}

    /// Undoes what the draft did; the engine drops the draft's output.
    pub fn rollback(&mut self) {}

    // Views: what the agent interface and the desk show.

    /// Active AgentWork rows of a user, oldest first.
    pub fn works_of(&self, _user: RecordId) -> Vec<&AgentWork> {
        Vec::new()
    }

    /// An active AgentWork.
    pub fn work(&self, _work: RecordId) -> Option<&AgentWork> {
        None
    }

    /// Active AgentWork rows of a routed record, oldest first.
    pub fn works_of_item(&self, _item: RecordId) -> Vec<&AgentWork> {
        Vec::new()
    }

    /// Presence of a user who is logged in.
    pub fn presence_of(&self, _user: RecordId) -> Option<PresenceView> {
        None
    }

    /// Capacity of a user who is logged in.
    pub fn capacity_of(&self, _user: RecordId) -> Option<Capacity> {
        None
    }

    /// The request of a routed record, waiting or offered.
    pub fn waiting(&self, _item: RecordId) -> Option<WaitingView> {
        None
    }

    /// A request by its id.
    pub fn request(&self, _request: RecordId) -> Option<&PendingServiceRouting> {
        None
    }

    /// Figures of a queue.
    pub fn queue_stats(&self, _queue: RecordId) -> QueueStats {
        QueueStats::default()
    }

    /// Requests of the org (R161).
    pub fn pending(&self) -> u64 {
        0
    }

    /// Everything that counts, as text lines in a fixed order: two states are equal if these are. For
    /// the law `rebuild(rows) == memory`.
    pub fn snapshot(&self) -> Vec<String> {
        Vec::new()
    }
}
