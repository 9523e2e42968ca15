//! The state as one value, and what can be done with it.
//!
//! Owns the tables and nothing clever: `configure` fills configuration, `decide` refuses, `evolve`
//! carries out, `pass` matches, `index` keeps every index equal to the rows, `restore` rebuilds.

use std::collections::BTreeSet;

use model::{Millis, RecordId, Refusal};
use smallvec::SmallVec;

use crate::agent::{Agent, Work};
use crate::api::{self, Command, Output, Settings};
use crate::backlog::Backlog;
use crate::intern::Centers;
use crate::limits::Intake;
use crate::members::Members;
use crate::pass::Touch;
use crate::request::Request;
use crate::room::Rooms;
use crate::skills::Groups;
use crate::sticky::Customers;
use crate::table::{IdMap, Slot, Table};
use crate::timer::Timers;
use crate::wait::Waits;

/// What [`RoutingState::decide`] found: nothing is left to refuse.
#[derive(Clone, Debug)]
pub struct Decision {
    pub(crate) command: Command,
}

/// A channel, by slot.
#[derive(Clone, Default)]
pub(crate) struct ChannelEntry {
    pub config: api::Channel,
    pub is_known: bool,
}

/// A presence status, by slot.
#[derive(Clone, Default)]
pub(crate) struct StatusEntry {
    pub config: Option<api::PresenceStatus>,
    /// Slots of its channels; empty while it serves nothing (busy, away).
    pub channels: SmallVec<[Slot; 4]>,
}

/// A queue, by slot.
#[derive(Clone)]
pub(crate) struct QueueEntry {
    pub config: Option<api::Queue>,
    pub filter: u32,
    /// Slots of its members, sorted.
    pub members: Vec<Slot>,
}

/// A set of agents and the items that wait for one of them: a queue, or one agent.
#[derive(Default)]
pub(crate) struct Filter {
    pub members: Members,
    pub backlog: Backlog,
    /// Of one agent's direct requests; those with another filter stand here a second time.
    pub is_direct: bool,
}

/// All live routing state of one org.
#[derive(Default)]
pub struct RoutingState {
    pub(crate) settings: Settings,
    pub(crate) channels: Table<ChannelEntry>,
    pub(crate) statuses: Table<StatusEntry>,
    pub(crate) queues: Table<QueueEntry>,
    pub(crate) centers: Centers,
    pub(crate) agents: Table<Agent>,
    pub(crate) requests: Table<Request>,
    /// Slot of the request of a routed record (R7).
    pub(crate) request_of_item: IdMap<Slot>,
    pub(crate) works: Table<Work>,
    /// Slots of the active works of a routed record, oldest first.
    pub(crate) works_of_item: IdMap<SmallVec<[Slot; 2]>>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) groups: Groups,
    pub(crate) timers: Timers,
    pub(crate) intake: Intake,
    pub(crate) waits: Waits,
    pub(crate) customers: Customers,
    pub(crate) rooms: Rooms,
    /// Intake before the draft that is open.
    pub(crate) draft: Option<Intake>,
    /// Engine time of the last command or settle.
    pub(crate) now: Millis,

    /// What the next pass looks at.
    pub(crate) touched: Vec<Touch>,
    /// Agents whose ability grew since the last pass.
    pub(crate) freed: Vec<Slot>,
    /// Agents with news (see [`Agent::is_changed`]).
    pub(crate) changed: Vec<Slot>,
    /// Agents whose last work ended while they wait for their next status.
    pub(crate) drained: Vec<Slot>,
    /// Requests in line in their last round, of which somebody was asked (R72, R73).
    pub(crate) last_round: BTreeSet<RecordId>,
    /// Filters in which an agent takes no more, or another kind of work, since the last look.
    pub(crate) left: Vec<u32>,
    /// As if somebody had left every filter.
    pub(crate) left_anywhere: bool,
    /// Some work may have to be touched: nothing is asked as long as no setting ever said so.
    pub(crate) returns: bool,
    /// Logged-in agents whose configuration changed (R157).
    pub(crate) suspects: BTreeSet<RecordId>,
}

impl RoutingState {
    /// An org without anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries out what [`decide`](Self::decide) found on this very state.
    pub fn evolve(&mut self, decision: Decision, now: Millis, out: &mut Output) {
        let now = self.advance(now);
        self.carry_out(decision.command, now, out);
    }

    /// Fires due deadlines, then matches until no further push is possible (R38). Once per batch.
    pub fn settle(&mut self, now: Millis, out: &mut Output) {
        let now = self.advance(now);
        self.log_out_suspects(now, out);
        while let Some(deadline) = self.timers.pop(now) {
            self.fire(deadline, now, out);
        }
        self.follow_next_statuses(now, out);
        self.give_up_stranded(now, out);
        self.pass(now, out);
        self.flush(now, out);
    }

    /// When [`settle`](Self::settle) has work to do even without a command.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.timers.next()
    }

    /// A batch begins: what changes from here on, configuration too, happens then. Sums over presence rows
    /// are brought up to this instant before anything changes that they depend on (R146, R147).
    pub fn start_batch(&mut self, now: Millis) {
        self.advance(now);
    }

    /// Time never runs back.
    fn advance(&mut self, now: Millis) -> Millis {
        self.now = self.now.max(now);
        self.now
    }

    /// Looks at one command; writes nothing.
    ///
    /// # Errors
    /// The refusal that the client gets; see [`Command`].
    pub fn decide(&self, command: &Command, now: Millis) -> Result<Decision, Refusal> {
        self.check(command, now.max(self.now))?;
        Ok(Decision {
            command: command.clone(),
        })
    }
}
