//! One batch as the auditor sees it: what was asked, what was answered, which rows changed.

use std::collections::{BTreeMap, BTreeSet};

use engine::{CallRequest, Event, PresenceRequest, Reply, Request as Asked, SaveOp, Submission};
use model::{Millis, RecordId, Refusal, Value};

use crate::facts::{
    Facts, Item, Presence, Request, Work, read_item, read_presence, read_request, read_work,
};
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
    /// Commands beyond the first set of rules are among the seed's: only general laws are asked.
    pub is_wide: bool,
    /// Settings of the org after it.
    pub settings: BTreeMap<String, String>,
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
                step.items.push((
                    row.before.as_deref().map(read),
                    row.after.as_deref().map(read),
                ));
            }
        }
        step.read_commands(batch);
        step
    }

    fn read_commands(&mut self, batch: &Batch) {
        for (at, sent) in batch.sent.iter().enumerate() {
            let reply = batch.replies.as_ref().and_then(|r| r.get(at));
            if matches!(reply, Some(Err(_))) {
                continue;
            }
            let is_certain = reply.is_some() && !sent.is_repeat;
            match &sent.submission.request {
                Asked::Presence(PresenceRequest::Logout | PresenceRequest::ConnectionLost) => {
                    self.log_out(sent.submission.caller.user, is_certain);
                }
                Asked::Save { ops, .. } | Asked::Chunk { ops, .. } => {
                    self.read_save(ops, reply.and_then(|r| r.as_ref().ok()), is_certain);
                }
                Asked::Call(call) => {
                    self.has_call_commands |= !matches!(call, CallRequest::Create { .. });
                    self.has_reroutes |= matches!(call, CallRequest::Reroute { .. });
                }
                _ => {}
            }
        }
    }

    fn log_out(&mut self, user: RecordId, is_certain: bool) {
        let users = if is_certain {
            &mut self.logged_out
        } else {
            &mut self.maybe_logged_out
        };
        users.insert(user);
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
                self.claim_new_work(values);
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

    /// The answer is lost: a new work for a user and a request that a client named is the client's.
    fn claim_new_work(&mut self, values: &[(model::FieldIx, Value)]) {
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
    }

    /// Offers that the routing pass made: AgentWork that is new and that no client inserted.
    pub fn offers(&self) -> impl Iterator<Item = &Work> {
        let new = self.works.iter().filter(|(before, _)| before.is_none());
        new.filter_map(|(_, after)| after.as_ref())
            .filter(|w| !self.by_client.contains(&w.id))
    }
}
