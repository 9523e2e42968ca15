//! One batch as the auditor sees it: what was asked, what was answered, which rows changed.

use std::collections::{BTreeMap, BTreeSet};

use engine::{
    CallRequest, Event, PresenceRequest, Reply, Request as Asked, SaveOp, Submission, Supervision,
    WorkAction,
};
use model::{Millis, RecordId, Refusal, Value};

use crate::facts::{
    Facts, Item, Presence, Request, Work, read_item, read_presence, read_request, read_work,
};
use crate::hidden::Hidden;
use crate::observe::Seen;

/// A command as the workload sent it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What.
    pub submission: Submission,
    /// In words.
    pub words: String,
    /// It was sent before; perhaps only the stored answer is given again.
    pub is_repeat: bool,
}

/// Answers, in the order of the commands.
pub type Replies = Vec<Result<Reply, Refusal>>;

/// One committed batch.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Number of the commit.
    pub seq: u64,
    /// Engine time.
    pub now: Millis,
    /// Commands.
    pub sent: Vec<Sent>,
    /// `None` if the answer to the commit was lost.
    pub replies: Option<Replies>,
    /// News for consoles.
    pub events: Vec<Event>,
    /// Rows that changed.
    pub seen: Vec<Seen>,
    /// Settings of the org after it.
    pub settings: BTreeMap<String, String>,
    /// A deadline fell due: something may happen that nobody asked for.
    pub has_deadline: bool,
    /// Hidden rows after it.
    pub hidden: Hidden,
}

/// Before and after of one row.
pub type Pair<T> = (Option<T>, Option<T>);

/// The changed rows, read.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Step {
    pub requests: Vec<Pair<Request>>,
    pub works: Vec<Pair<Work>>,
    pub presences: Vec<Pair<Presence>>,
    pub items: Vec<Pair<Item>>,
    /// Configuration changed.
    pub is_config_new: bool,
    /// AgentWork that clients inserted.
    pub by_client: BTreeSet<RecordId>,
    /// Users who were logged out.
    pub logged_out: BTreeSet<RecordId>,
    /// Users who may have been: the answer is lost, or the command was sent before.
    pub maybe_logged_out: BTreeSet<RecordId>,
    /// Records that commands name: only these may lose a request without being accepted.
    pub touched: BTreeSet<RecordId>,
    /// How many commands.
    pub commands: usize,
    /// Records that were deleted or came back.
    pub binned: BTreeSet<RecordId>,
    /// A call was routed again after its acceptance (R128).
    pub has_reroutes: bool,
    /// A call was ended, cleared, routed or routed again.
    pub has_call_commands: bool,
    /// Work that was handed on, and who asked for it (R40 to R45).
    pub hand_ons: BTreeMap<RecordId, RecordId>,
    /// Records that a supervisor sent elsewhere.
    pub reassigned: BTreeMap<RecordId, RecordId>,
    /// How often commands may have set the status of a record.
    pub status_edits: BTreeMap<RecordId, u32>,
    /// Agents who were invited to take part (R102), by record.
    pub invited: BTreeSet<(RecordId, RecordId)>,
    /// Conversations that ended.
    pub ended: BTreeSet<RecordId>,
    /// Users who asked for a status after their work.
    pub wished: BTreeSet<(RecordId, RecordId)>,
    /// Users whose presence commands may have changed.
    pub ordered: BTreeSet<RecordId>,
}

impl Step {
    /// Reads a batch; `facts` are those after it.
    pub fn read(batch: &Batch, facts: &Facts, is_config_new: bool) -> Self {
        let s = &facts.schema;
        let mut step = Self {
            is_config_new,
            commands: batch.sent.len(),
            ..Self::default()
        };
        for row in &batch.seen {
            let (object, _) = row.key;
            let before = row.before.as_deref().filter(|r| !r.is_deleted);
            let after = row.after.as_deref().filter(|r| !r.is_deleted);
            if object == s.request.ix {
                let read = |r| read_request(s, r);
                step.requests.push((before.map(read), after.map(read)));
            } else if object == s.work.ix {
                let read = |r| read_work(s, r);
                step.works.push((
                    row.before.as_deref().map(read),
                    row.after.as_deref().map(read),
                ));
            } else if object == s.presence.ix {
                let read = |r| read_presence(s, r);
                step.presences.push((before.map(read), after.map(read)));
            } else if s.is_item(object) {
                let read = |r| read_item(s, r);
                step.items
                    .push((row.before.as_ref().map(read), row.after.as_ref().map(read)));
            }
        }
        step.read_commands(batch, facts);
        step
    }

    fn read_commands(&mut self, batch: &Batch, facts: &Facts) {
        for (at, sent) in batch.sent.iter().enumerate() {
            let reply = batch.replies.as_ref().and_then(|r| r.get(at));
            if matches!(reply, Some(Err(_))) {
                continue;
            }
            let is_certain = reply.is_some() && !sent.is_repeat;
            match &sent.submission.request {
                Asked::Presence(PresenceRequest::SetStatus(_)) => {
                    self.ordered.insert(sent.submission.caller.user);
                }
                Asked::Presence(PresenceRequest::SetNextStatus(status)) => {
                    let user = sent.submission.caller.user;
                    self.wished.insert((user, *status));
                    self.ordered.insert(user);
                }
                Asked::Presence(PresenceRequest::Logout | PresenceRequest::ConnectionLost) => {
                    self.log_out(sent.submission.caller.user, is_certain);
                }
                Asked::Save { ops, .. } | Asked::Chunk { ops, .. } => {
                    self.read_save(ops, reply.and_then(|r| r.as_ref().ok()), is_certain);
                }
                Asked::Work { work, action } => {
                    self.read_action(facts, *work, action, sent.submission.caller.user);
                }
                Asked::Supervise(what) => {
                    self.read_supervision(facts, what, sent.submission.caller.user, is_certain);
                }
                Asked::Call(call) => {
                    self.has_call_commands |= !matches!(call, CallRequest::Create { .. });
                    self.has_reroutes |= matches!(call, CallRequest::Reroute { .. });
                }
                _ => {}
            }
        }
    }

    fn read_action(&mut self, facts: &Facts, work: RecordId, action: &WorkAction, by: RecordId) {
        let Some(item) = facts.works.get(&work).map(|w| w.ask.item) else {
            return;
        };
        match action {
            WorkAction::Transfer { .. } => {
                self.hand_ons.insert(work, by);
                self.touched.insert(item);
            }
            WorkAction::EndConversation => {
                self.touched.insert(item);
                self.ended.insert(item);
            }
            WorkAction::Invite { user } => {
                self.invited.insert((item, *user));
            }
            WorkAction::Pause | WorkAction::Resume => {
                *self.status_edits.entry(item).or_default() += 1;
            }
            _ => {}
        }
    }

    fn read_supervision(
        &mut self,
        facts: &Facts,
        what: &Supervision,
        by: RecordId,
        is_certain: bool,
    ) {
        match what {
            Supervision::Logout { user } => self.log_out(*user, is_certain),
            Supervision::Work { work, action } => self.read_action(facts, *work, action, by),
            Supervision::Requeue { work } => {
                self.hand_ons.insert(*work, by);
                self.touched
                    .extend(facts.works.get(work).map(|w| w.ask.item));
            }
            Supervision::Reassign { item, .. } => {
                self.reassigned.insert(*item, by);
                self.touched.insert(*item);
            }
            Supervision::SetStatus { user, .. } => drop(self.ordered.insert(*user)),
            Supervision::Members { .. } | Supervision::Skills { .. } => {}
        }
    }

    fn log_out(&mut self, user: RecordId, is_certain: bool) {
        let users = if is_certain {
            &mut self.logged_out
        } else {
            &mut self.maybe_logged_out
        };
        users.insert(user);
        self.ordered.insert(user);
    }

    fn read_save(&mut self, ops: &[SaveOp], reply: Option<&Reply>, is_certain: bool) {
        let results = match reply {
            Some(Reply::Saved(results)) => Some(results),
            _ => None,
        };
        for (at, op) in ops.iter().enumerate() {
            let result = results.and_then(|r| r.get(at));
            if matches!(result, Some(Err(_))) {
                continue;
            }
            if let SaveOp::Update { id, values, .. } = op
                && values.iter().any(|(_, v)| *v == Value::Bool(false))
            {
                self.log_out(*id, is_certain); // a user who is switched off (R157)
            }
            if let SaveOp::Create { values, .. } = op
                && result.is_none()
            {
                self.claim_new_rows(values);
            }
            if let SaveOp::Delete { id, .. } | SaveOp::Erase { id, .. } | SaveOp::Undelete { id } =
                op
            {
                self.binned.insert(*id);
            }
            match op {
                SaveOp::Update { id, .. }
                | SaveOp::Delete { id, .. }
                | SaveOp::Erase { id, .. }
                | SaveOp::Undelete { id } => {
                    self.touched.insert(*id);
                    *self.status_edits.entry(*id).or_default() += 1;
                }
                SaveOp::Create { .. } | SaveOp::Upsert { .. } => {
                    if let Some(Ok(saved)) = result {
                        self.by_client.insert(saved.id);
                    }
                }
                SaveOp::When { .. } | SaveOp::Refused(_) => {}
            }
        }
    }

    /// The answer is lost: a new work for a user and a request that a client named is the client's, and so is
    /// a new request, from no queue, for an item that it named.
    fn claim_new_rows(&mut self, values: &[(model::FieldIx, Value)]) {
        let names = |id: RecordId| values.iter().any(|(_, v)| v.as_id() == Some(id));
        let new = self.works.iter().filter(|(before, _)| before.is_none());
        let named = new
            .filter_map(|(_, after)| after.as_ref())
            .filter(|w| names(w.user));
        let ids: Vec<RecordId> = named
            .filter(|w| w.request.is_some_and(names))
            .map(|w| w.id)
            .collect();
        self.by_client.extend(ids);
        let new = self.requests.iter().filter(|(before, _)| before.is_none());
        let named = new
            .filter_map(|(_, after)| after.as_ref())
            .filter(|r| r.ask.queue.is_none() && names(r.ask.item));
        self.by_client.extend(named.map(|r| r.id));
    }

    /// Offers that the routing pass made.
    pub fn offers(&self) -> impl Iterator<Item = &Work> {
        let new = self.works.iter().filter(|(before, _)| before.is_none());
        new.filter_map(|(_, after)| after.as_ref())
            .filter(|w| self.is_offer(w))
    }

    /// New AgentWork of a request, and no client inserted it. Work that is handed over or given by hand has
    /// no request (R41, R96).
    pub fn is_offer(&self, work: &Work) -> bool {
        let is_new =
            |(was, is): &Pair<Work>| was.is_none() && is.as_ref().is_some_and(|w| w.id == work.id);
        work.request.is_some()
            && !self.by_client.contains(&work.id)
            && self.works.iter().any(is_new)
    }
}
