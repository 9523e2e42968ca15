//! A tiny engine around the state machine: it keeps the rows that routing writes, as a store would, and
//! checks after every batch that memory equals rows and that no invariant is broken.

use std::collections::BTreeMap;

use model::{KeyPrefix, Millis, Note, RecordId, Refusal, Space};
use routing::{
    AgentWork, AgentWorkSkill, Change, Command, Configuration, Output, PendingServiceRouting,
    Restored, RoutingState, Signal, SkillRequirement, Status, UserServicePresence,
};

/// Rows as a store would hold them, and the state machine.
#[derive(Default)]
pub struct World {
    pub state: RoutingState,
    pub now: Millis,
    configuration: Vec<Configuration>,
    /// Since the last settle; who may not work any more is logged out before the pass (R157).
    is_reconfigured: bool,
    counters: BTreeMap<KeyPrefix, u64>,
    pub requests: BTreeMap<RecordId, PendingServiceRouting>,
    pub works: BTreeMap<RecordId, AgentWork>,
    pub presences: BTreeMap<RecordId, UserServicePresence>,
    pub requirements: BTreeMap<RecordId, SkillRequirement>,
    pub work_skills: BTreeMap<RecordId, AgentWorkSkill>,
    pub notes: BTreeMap<(Space, String), String>,
    /// OwnerId of every routed record.
    pub owners: BTreeMap<RecordId, RecordId>,
    pub signals: Vec<Signal>,
    /// Serial, IsPushed and LastDeclinedAgentSession of each PSR row version, in order; `None` = deleted.
    pub history: Vec<(RecordId, Option<PendingServiceRouting>)>,
}

impl World {
    pub fn configure(&mut self, piece: Configuration) {
        self.is_reconfigured = true;
        self.configuration.push(piece.clone());
        self.state.configure(piece);
    }

    /// One batch with one command, deadlines up to then fired before it.
    pub fn run(&mut self, command: &Command, at: Millis) -> Result<(), Refusal> {
        self.advance(at);
        let before = self.state.snapshot();
        let decision = match self.state.decide(command, self.now) {
            Ok(decision) => decision,
            Err(refusal) => {
                assert_eq!(self.state.snapshot(), before, "a refusal changes nothing");
                return Err(refusal);
            }
        };
        let mut changes = Vec::new();
        self.with_output(&mut changes, |state, now, out| {
            state.evolve(decision, now, out)
        });
        self.apply(changes);
        self.settle();
        Ok(())
    }

    /// Several commands in one batch; refusals are answers too.
    pub fn run_batch(&mut self, commands: &[Command], at: Millis) -> Vec<Result<(), Refusal>> {
        self.advance(at);
        let mut answers = Vec::new();
        for command in commands {
            let answer = self.state.decide(command, self.now).map(|decision| {
                let mut changes = Vec::new();
                self.with_output(&mut changes, |state, now, out| {
                    state.evolve(decision, now, out)
                });
                self.apply(changes);
            });
            answers.push(answer);
        }
        self.settle();
        answers
    }

    /// Time passes; deadlines fire when they are due.
    pub fn advance(&mut self, to: Millis) {
        while let Some(due) = self.state.next_deadline().filter(|due| *due <= to) {
            self.now = self.now.max(due);
            self.settle();
        }
        self.now = self.now.max(to);
    }

    pub fn settle(&mut self) {
        let predicted = self.prediction();
        let mut changes = Vec::new();
        self.with_output(&mut changes, |state, now, out| state.settle(now, out));
        self.apply(changes);
        if let Some((item, user)) = predicted {
            let mut works = self.works.values();
            let offer = works
                .any(|w| w.work_item == item && w.user == user && w.assigned == Some(self.now));
            assert!(offer, "{item} was explained to go to {user}");
        }
        self.check_law();
        self.check_invariants();
        self.check_reasons();
    }

    /// The first item in line that somebody would get now, and who: the next pass must do just that. What
    /// deadlines and new configuration change before the pass cannot be explained before they do.
    fn prediction(&mut self) -> Option<(RecordId, RecordId)> {
        let due = self.state.next_deadline();
        let is_due = due.is_some_and(|due| due <= self.now);
        if std::mem::take(&mut self.is_reconfigured) || is_due {
            return None;
        }
        let items = self.requests.values().map(|r| r.work_item);
        let explained = items.filter_map(|item| {
            let why = self.state.explain_item(item)?;
            Some((why.before?, item, why.winner?))
        });
        explained.min().map(|(_, item, winner)| (item, winner))
    }

    /// The reason of each request is that of its explanation, and a queue counts each item once.
    fn check_reasons(&self) {
        let mut queues = std::collections::BTreeSet::new();
        for request in self.requests.values() {
            let why = self.state.explain_item(request.work_item).expect("known");
            let reason = self.state.wait_reason(request.work_item);
            assert_eq!(reason, Some(why.reason), "{request:?}");
            queues.extend(request.queue);
        }
        for queue in queues {
            let counted: u64 = self
                .state
                .waiting_by_reason(queue)
                .iter()
                .map(|(_, count)| count)
                .sum();
            assert_eq!(counted, self.state.queue_stats(queue).waiting);
        }
    }

    /// Commands that are undone at once: nothing may be left of them.
    pub fn run_and_undo(&mut self, commands: &[Command], at: Millis) {
        self.advance(at);
        let before = self.state.snapshot();
        let counters = self.counters.clone();
        self.state.begin();
        for command in commands {
            if let Ok(decision) = self.state.decide(command, self.now) {
                let mut changes = Vec::new();
                self.with_output(&mut changes, |state, now, out| {
                    state.evolve(decision, now, out)
                });
            }
        }
        self.state.rollback();
        self.counters = counters;
        let after = self.state.snapshot();
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after, "rollback");
        }
        assert_eq!(before.len(), after.len(), "rollback");
        self.settle();
    }

    /// The same, kept.
    pub fn run_draft(&mut self, commands: &[Command], at: Millis) {
        self.advance(at);
        self.state.begin();
        for command in commands {
            if let Ok(decision) = self.state.decide(command, self.now) {
                let mut changes = Vec::new();
                self.with_output(&mut changes, |state, now, out| {
                    state.evolve(decision, now, out)
                });
                self.apply(changes);
            }
        }
        self.state.keep();
        let kept = self.state.snapshot();
        self.state.rollback(); // too late
        assert_eq!(self.state.snapshot(), kept, "what is kept cannot be undone");
        self.settle();
    }

    fn with_output(
        &mut self,
        changes: &mut Vec<Change>,
        run: impl FnOnce(&mut RoutingState, Millis, &mut Output),
    ) {
        let counters = &mut self.counters;
        let mut ids = |prefix: KeyPrefix| {
            let next = counters.entry(prefix).or_default();
            *next += 1;
            RecordId::new(prefix, *next)
        };
        let mut out = Output::new(&mut ids);
        run(&mut self.state, self.now, &mut out);
        *changes = out.changes;
    }

    pub fn new_id(&mut self, prefix: &str) -> RecordId {
        let prefix = KeyPrefix::parse(prefix).unwrap();
        let next = self.counters.entry(prefix).or_default();
        *next += 1;
        RecordId::new(prefix, *next)
    }

    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::InsertRequest(row) => {
                    self.history.push((row.id, Some((*row).clone())));
                    assert!(self.requests.insert(row.id, *row).is_none());
                }
                Change::UpdateRequest { id, sets } => {
                    let row = self.requests.get_mut(&id).expect("updates follow inserts");
                    sets.iter()
                        .for_each(|(field, value)| row.set(*field, value));
                    self.history.push((id, Some(row.clone())));
                }
                Change::DeleteRequest { id } => {
                    self.requests.remove(&id).expect("deleted once");
                    self.history.push((id, None));
                }
                Change::InsertRequirement(row) => {
                    self.requirements.insert(row.id, row);
                }
                Change::DeleteRequirement { id } => {
                    self.requirements.remove(&id).expect("deleted once");
                }
                Change::InsertWork(row) => {
                    assert!(self.works.insert(row.id, (*row).clone()).is_none());
                }
                Change::UpdateWork { id, sets } => {
                    let row = self.works.get_mut(&id).expect("updates follow inserts");
                    assert!(
                        row.status.is_active(),
                        "a final status never changes (R106)"
                    );
                    sets.iter()
                        .for_each(|(field, value)| row.set(*field, value));
                }
                Change::InsertWorkSkill(row) => {
                    self.work_skills.insert(row.id, row);
                }
                Change::InsertPresence(row) => {
                    self.presences.insert(row.id, *row);
                }
                Change::UpdatePresence { id, sets } => {
                    let row = self.presences.get_mut(&id).expect("updates follow inserts");
                    sets.iter()
                        .for_each(|(field, value)| row.set(*field, value));
                }
                Change::Owner { item, owner } => {
                    self.owners.insert(item, owner);
                }
                Change::Note(Note { space, key, value }) => {
                    match value {
                        Some(value) => self.notes.insert((space, key), value),
                        None => self.notes.remove(&(space, key)),
                    };
                }
                Change::Signal(signal) => self.signals.push(signal),
            }
        }
    }

    /// What a restart would read.
    pub fn restored(&self) -> RoutingState {
        let mut state = RoutingState::new();
        self.configuration
            .iter()
            .for_each(|piece| state.configure(piece.clone()));
        let note = |((space, key), value): (&(Space, String), &String)| Note {
            space: *space,
            key: key.clone(),
            value: Some(value.clone()),
        };
        let rows = Restored {
            requests: self.requests.values().cloned().collect(),
            works: self
                .works
                .values()
                .filter(|w| w.status.is_active())
                .cloned()
                .collect(),
            presences: self
                .presences
                .values()
                .filter(|p| p.is_current)
                .cloned()
                .collect(),
            requirements: self.requirements.values().cloned().collect(),
            notes: self.notes.iter().map(note).collect(),
        };
        state.restore(rows, self.now);
        state
    }

    /// The process dies and starts again.
    pub fn restart(&mut self) {
        self.is_reconfigured = true;
        self.state = self.restored();
    }

    fn check_law(&self) {
        let restored = self.restored();
        let (memory, rows) = (self.state.snapshot(), restored.snapshot());
        for (memory, rows) in memory.iter().zip(&rows) {
            assert_eq!(memory, rows, "rebuild(rows) == memory");
        }
        assert_eq!(memory.len(), rows.len(), "rebuild(rows) == memory");
    }

    fn check_invariants(&self) {
        assert_eq!(self.state.audit(), Vec::<String>::new());
        let mut pushed = BTreeMap::new();
        let mut offers: BTreeMap<RecordId, u32> = BTreeMap::new();
        for work in self.works.values().filter(|w| w.status == Status::Assigned) {
            *offers.entry(work.work_item).or_default() += 1;
            if let Some(request) = work.request {
                *pushed.entry(request).or_insert(0) += 1;
            }
        }
        for request in self.requests.values() {
            let count = pushed.remove(&request.id).unwrap_or(0);
            assert_eq!(
                count,
                i32::from(request.is_pushed),
                "R110, R167: {request:?}"
            );
        }
        assert!(
            pushed.is_empty(),
            "offers refer to live requests: {pushed:?}"
        );
        self.check_leftovers();
        self.check_views();
        let items: Vec<_> = self.requests.values().map(|r| r.work_item).collect();
        let distinct: std::collections::BTreeSet<_> = items.iter().collect();
        assert_eq!(items.len(), distinct.len(), "one request per item (R7)");
        assert!(
            offers.values().all(|count| *count == 1),
            "one offer per item"
        );
    }

    /// What can be asked of the state is what stands in the rows.
    fn check_views(&self) {
        let state = &self.state;
        for work in self.works.values().filter(|w| w.status.is_active()) {
            assert_eq!(state.work(work.id), Some(work));
            assert!(state.works_of(work.user).contains(&work));
            assert!(state.works_of_item(work.work_item).contains(&work));
        }
        for request in self.requests.values() {
            assert_eq!(state.request(request.id), Some(request));
            assert!(state.any_request(|row| row == request));
        }
        for presence in self.presences.values().filter(|p| p.is_current) {
            let view = state.presence_of(presence.user).expect("logged in");
            assert_eq!((view.status, view.since), (presence.status, presence.start));
        }
        assert!(!state.any_request(|row| !self.requests.contains_key(&row.id)));
        assert_eq!(state.pending(), self.requests.len() as u64);
    }

    /// Hidden notes and skills go with the row they belong to.
    fn check_leftovers(&self) {
        for (space, key) in self.notes.keys() {
            let id = RecordId::parse(key).ok();
            let is_active = |id| self.works.get(&id).is_some_and(|w| w.status.is_active());
            let belongs = match space {
                Space::Tried | Space::Request | Space::Room => {
                    id.is_some_and(|id| self.requests.contains_key(&id))
                }
                Space::Work => id.is_some_and(is_active),
                Space::Agent => id.is_some_and(|id| self.state.presence_of(id).is_some()),
                _ => true,
            };
            assert!(belongs, "left over: {space:?} {key}");
        }
        let mut skills = self.requirements.values();
        assert!(skills.all(|row| self.requests.contains_key(&row.related)));
    }
}
