//! What agents do with offers and open work (R111, R113, R118 to R123, R151, R182), and supervisors for
//! them. Flags live here: they have no column of their own and no effect on routing.

use std::sync::Arc;

use model::{Code, Need, Note, RecordId, Refusal, Space, Value};
use routing::{
    AgentWork, CapacityModel, Command, Requirement, Status, Target, Units, wrong_status,
};
use serde::{Deserialize, Serialize};

use crate::access::Caller;
use crate::draft::{Planned, Planner, Stop, refuse};
use crate::engine::Engine;
use crate::execute::Executed;
use crate::request::{Destination, Event, EventKind, Reply, Submission, WorkAction};
use crate::rows::RowCache;

/// Longest message of a flag.
const MESSAGE_MAX: usize = 1_000;
/// Key of the hidden row of a flag.
const FLAG: &str = "flag ";

/// A raised flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flag {
    pub message: Option<String>,
}

impl Engine {
    /// The caller's own work.
    pub(crate) fn work(
        &mut self,
        submission: &Submission,
        rows: &RowCache,
        work: RecordId,
        action: &WorkAction,
    ) -> Executed {
        let user = submission.caller.user;
        match self.routing.work(work) {
            Some(row) if row.user == user => {
                let row = row.clone();
                let needs_open = matches!(action, WorkAction::Transfer { .. });
                if needs_open && row.status != Status::Opened {
                    return Ok(Err(wrong_status(Code::WorkNotOpen, row.status)));
                }
                let done = self.act(submission, rows, &row, action)?;
                let is_flag = matches!(action, WorkAction::Flag { .. } | WorkAction::Unflag);
                if is_flag && done.is_ok() {
                    let item = row.work_item;
                    return Ok(self.command(user, Command::Touch { item, user }).and(done));
                }
                Ok(done)
            }
            Some(_) => Ok(Err(no_such_work())),
            None => self.planned(submission, rows, |planner| {
                planner.finished_work(work, Some(user), action)
            }),
        }
    }

    /// An action on active work, by its agent or by a supervisor.
    pub(crate) fn act(
        &mut self,
        submission: &Submission,
        rows: &RowCache,
        row: &AgentWork,
        action: &WorkAction,
    ) -> Executed {
        let (work, user) = (row.id, row.user);
        let command = match action {
            WorkAction::Accept => Command::Accept { work, user },
            WorkAction::Decline { reason } => Command::Decline {
                work,
                user,
                reason: reason.as_deref().map(|r| self.reason_text(r)),
            },
            WorkAction::Close => Command::Close {
                work,
                user,
                active_s: None,
            },
            WorkAction::Extend => Command::Extend { work, user },
            WorkAction::Touch if row.status != Status::Opened => {
                return Ok(Err(wrong_status(Code::WorkNotOpen, row.status)));
            }
            WorkAction::Touch => Command::Touch {
                item: row.work_item,
                user,
            },
            WorkAction::Invite { user } => Command::Join { work, user: *user },
            WorkAction::EndConversation if row.status != Status::Opened => {
                return Ok(Err(wrong_status(Code::WorkNotOpen, row.status)));
            }
            WorkAction::EndConversation => Command::EndConversation {
                item: row.work_item,
            },
            WorkAction::Flag { message } => {
                let raised = Some(Flag {
                    message: message.clone(),
                });
                return Ok(self.set_flag(&submission.caller, row, raised));
            }
            WorkAction::Unflag => return Ok(self.set_flag(&submission.caller, row, None)),
            WorkAction::Transfer { target } => {
                return self.planned(submission, rows, |planner| planner.transfer(row, target));
            }
            WorkAction::Pause | WorkAction::Resume => {
                let is_paused = *action == WorkAction::Pause;
                return self.planned(submission, rows, |planner| planner.pause(row, is_paused));
            }
        };
        let done = self.command(submission.caller.user, command);
        Ok(done.map(|()| Reply::Work))
    }

    /// A reason by id is stored by its label (AgentWork.DeclineReason).
    fn reason_text(&self, reason: &str) -> Arc<str> {
        let k = &self.known.reason;
        let row = RecordId::parse(reason)
            .ok()
            .and_then(|id| self.resident.get(k.ix, id));
        let text = row.and_then(|r| r.get(k.label).as_text()).unwrap_or(reason);
        text.chars().take(200).collect::<String>().into()
    }

    /// R182: raising a raised flag replaces its message.
    fn set_flag(
        &mut self,
        caller: &Caller,
        work: &AgentWork,
        flag: Option<Flag>,
    ) -> Result<Reply, Refusal> {
        let message = flag.as_ref().and_then(|f| f.message.clone());
        if message
            .as_ref()
            .is_some_and(|m| m.chars().count() > MESSAGE_MAX)
        {
            let text = format!("the message of a flag has at most {MESSAGE_MAX} characters");
            return Err(Refusal::new(Code::StringTooLong, text));
        }
        if self.flags.get(&work.id) == flag.as_ref() {
            return Ok(Reply::Work);
        }
        self.batch.events.push(Event {
            user: work.user,
            at: self.now,
            kind: EventKind::FlagUpdated {
                work: work.id,
                is_flagged: flag.is_some(),
                message,
                by_supervisor: caller.user != work.user,
                updated_by: caller.user,
            },
        });
        match flag {
            Some(flag) => {
                self.put_note(flag_note(work.id, Some(&flag)));
                self.flags.insert(work.id, flag);
            }
            None => self.drop_flag(work.id),
        }
        Ok(Reply::Work)
    }

    /// Work that is over has no flag.
    pub(crate) fn drop_flag(&mut self, work: RecordId) {
        if self.flags.remove(&work).is_some() {
            self.put_note(flag_note(work, None));
        }
    }

    /// A flag from its hidden row.
    pub(crate) fn restore_flag(&mut self, key: &str, value: &str) {
        let work = key
            .strip_prefix(FLAG)
            .and_then(|id| RecordId::parse(id).ok());
        if let (Some(work), Ok(flag)) = (work, serde_json::from_str(value)) {
            self.flags.insert(work, flag);
        }
    }

    /// Rows that an action will want.
    pub(crate) fn guess_work(&self, work: RecordId, action: &WorkAction, needs: &mut Vec<Need>) {
        let item = match (self.routing.work(work), action) {
            (None, _) => return self.guess_row(self.known.work.ix, work, needs),
            (Some(row), WorkAction::Transfer { .. } | WorkAction::Pause | WorkAction::Resume) => {
                row.work_item
            }
            (Some(_), _) => return,
        };
        if let Some(object) = self.catalogue.object_of(item) {
            self.guess_row(object, item, needs);
        }
    }
}

fn flag_note(work: RecordId, flag: Option<&Flag>) -> Note {
    Note {
        space: Space::Other,
        key: format!("{FLAG}{}", work.as_15()),
        value: flag.and_then(|f| serde_json::to_string(f).ok()),
    }
}

pub(crate) fn no_such_work() -> Refusal {
    Refusal::new(Code::WorkNotFound, "You have no such work")
}

impl Planner<'_> {
    /// R134: the loser of a race is told the status that won. `user` is whose work it must be.
    pub(crate) fn finished_work(
        &mut self,
        work: RecordId,
        user: Option<RecordId>,
        action: &WorkAction,
    ) -> Planned<Reply> {
        let k = &self.engine.known.work;
        let is_work = self.engine.catalogue.object_of(work) == Some(k.ix);
        let row = if is_work {
            self.load(k.ix, work)?
        } else {
            None
        };
        let is_theirs = |agent: Option<RecordId>| user.is_none() || agent == user;
        let row = row.filter(|r| !r.is_deleted && is_theirs(r.get(k.user_id).as_id()));
        let Some(row) = row else {
            return Err(no_such_work().into());
        };
        let status = row.get(k.status).as_text().unwrap_or_default();
        let (code, wanted) = match action {
            WorkAction::Accept | WorkAction::Decline { .. } => (Code::WorkNotAssigned, "assigned"),
            _ => (Code::WorkNotOpen, "open"),
        };
        let text = format!("The work is not {wanted} any more; its status is {status}");
        refuse(code, text)
    }

    /// R40 to R45, R184.
    pub(crate) fn transfer(
        &mut self,
        work: &AgentWork,
        destination: &Destination,
    ) -> Planned<Reply> {
        let object = self.engine.catalogue.object_of(work.work_item);
        let row = match object {
            Some(object) => self.load(object, work.work_item)?.filter(|r| !r.is_deleted),
            None => None,
        };
        let Some(row) = row else {
            return Err(Stop::Refused(Refusal::not_found()));
        };
        let target = self.target(&row, destination)?;
        let item = self.item(&row, work.channel);
        self.route(Command::Transfer {
            work: work.id,
            item,
            target,
            requester: self.caller.user,
        });
        Ok(Reply::Work)
    }

    /// A destination that can take this record; what routing itself checks is left to it.
    pub(crate) fn target(&self, row: &model::Record, destination: &Destination) -> Planned<Target> {
        let engine = self.engine;
        match destination {
            Destination::Queue(queue) => {
                let objects = engine.configured.queue_objects.get(queue);
                if !objects.is_some_and(|o| o.contains(&row.object)) {
                    return refuse(
                        Code::InvalidArgument,
                        "the target is no queue for records of this object",
                    );
                }
                Ok(Target::Queue(*queue))
            }
            Destination::User(user) => {
                if engine.directory.user(*user).is_none() {
                    return refuse(Code::InvalidArgument, "the target is no user");
                }
                Ok(Target::User {
                    user: *user,
                    required: true,
                    fallback: None,
                })
            }
            Destination::Skills(skills) => {
                let k = &engine.known.skill;
                if skills.is_empty()
                    || skills
                        .iter()
                        .any(|s| engine.resident.get(k.ix, *s).is_none())
                {
                    return refuse(Code::InvalidArgument, "the target is no skill");
                }
                let requirement = |skill: &RecordId| Requirement {
                    skill: *skill,
                    level: Units::ZERO, // R45
                    is_additional: false,
                    priority: None,
                };
                Ok(Target::Skills(skills.iter().map(requirement).collect()))
            }
        }
    }

    /// R120, R121: what pauses work is the status of its record, so that is what is written.
    fn pause(&mut self, work: &AgentWork, is_paused: bool) -> Planned<Reply> {
        if work.status != Status::Opened {
            return Err(wrong_status(Code::WorkNotOpen, work.status).into());
        }
        let object = self.engine.catalogue.object_of(work.work_item);
        let field = object.and_then(|o| Some((o, self.status_field(o, work.channel)?)));
        let (Some((object, field)), CapacityModel::StatusBased) = (field, work.capacity_model)
        else {
            return refuse(
                Code::InvalidOperation,
                "only work with status-based capacity can be paused",
            );
        };
        if self.engine.routing.progress(work.id).is_paused == is_paused {
            return Ok(Reply::Work);
        }
        let k = &self.engine.known.channel_status_field;
        let wanted = if is_paused { "Paused" } else { "InProgress" };
        let mut rows = self.engine.resident.table(k.ix).values();
        let row = rows.find(|r| {
            r.get(k.channel_id).as_id() == Some(work.channel)
                && r.get(k.kind).as_text() == Some(wanted)
        });
        let Some(value) = row.map(|r| r.get(k.value).clone()) else {
            let text = format!("the service channel has no status field value of type {wanted}");
            return refuse(Code::InvalidOperation, text);
        };
        self.update(object, work.work_item, &[(field, Value::clone(&value))])?;
        Ok(Reply::Work)
    }
}
