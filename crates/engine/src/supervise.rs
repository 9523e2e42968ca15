//! What supervisors do with other people's presence, work, queues and skills (R179 to R184).

use model::{Code, Need, Record, RecordId, Refusal, Value};
use routing::{Command, Status, wrong_status};

use crate::access::SUPERVISOR;
use crate::draft::{Planned, Planner, refuse};
use crate::engine::Engine;
use crate::execute::Executed;
use crate::request::{Destination, Reply, Submission, Supervision, WorkAction, no_access};
use crate::rows::RowCache;

/// Memberships or skills that one command may change.
const ROWS_MAX: usize = 200;

impl Engine {
    pub(crate) fn supervise(
        &mut self,
        submission: &Submission,
        rows: &RowCache,
        what: &Supervision,
    ) -> Executed {
        if !submission.caller.rights.has(SUPERVISOR) {
            return Ok(Err(no_access()));
        }
        match what {
            Supervision::SetStatus { user, status } => {
                Ok(self.set_status_of(submission, *user, Some(*status)))
            }
            Supervision::Logout { user } => Ok(self.set_status_of(submission, *user, None)),
            Supervision::Work { work, action } => self.work_of(submission, rows, *work, action),
            Supervision::Requeue { work } => {
                let row = self.routing.work(*work);
                let Some(queue) = row.and_then(|row| row.original_queue) else {
                    let text = "the work came from no queue";
                    return match row {
                        Some(_) => Ok(Err(Refusal::new(Code::InvalidOperation, text))),
                        None => self.work_of(submission, rows, *work, &WorkAction::Close),
                    };
                };
                let target = Destination::Queue(queue);
                self.work_of(submission, rows, *work, &WorkAction::Transfer { target })
            }
            Supervision::Reassign { item, target } => {
                self.reassign(submission, rows, *item, target)
            }
            Supervision::Members { add, remove } => self.planned(submission, rows, |planner| {
                planner.members(add, remove).map(|()| Reply::Work)
            }),
            Supervision::Skills { user, set, remove } => {
                self.planned(submission, rows, |planner| {
                    planner.skills(*user, set, remove).map(|()| Reply::Work)
                })
            }
        }
    }

    /// R180.
    fn set_status_of(
        &mut self,
        submission: &Submission,
        user: RecordId,
        status: Option<RecordId>,
    ) -> Result<Reply, Refusal> {
        self.refresh();
        if self.routing.presence_of(user).is_none() {
            let text = "The agent is not logged in to Omni-Channel";
            return Err(Refusal::new(Code::NotLoggedIn, text));
        }
        let command = match status {
            Some(status) => Command::SetStatus { user, status },
            None => Command::Logout { user },
        };
        self.command(submission.caller.user, command)?;
        Ok(Reply::Presence(self.presence_of(user)))
    }

    /// Somebody's work: accepting and declining stay with its agent.
    fn work_of(
        &mut self,
        submission: &Submission,
        rows: &RowCache,
        work: RecordId,
        action: &WorkAction,
    ) -> Executed {
        let Some(row) = self.routing.work(work).cloned() else {
            return self.planned(submission, rows, |planner| {
                planner.finished_work(work, None, action)
            });
        };
        if matches!(action, WorkAction::Accept | WorkAction::Decline { .. }) {
            let text = "only its agent accepts or declines an offer";
            return Ok(Err(Refusal::new(Code::InvalidOperation, text)));
        }
        if *action == WorkAction::Close && row.status != Status::Opened {
            return Ok(Err(wrong_status(Code::WorkNotOpen, row.status)));
        }
        self.act(submission, rows, &row, action)
    }

    /// R45 for what waits: an offer is transferred, a request without one is replaced.
    fn reassign(
        &mut self,
        submission: &Submission,
        rows: &RowCache,
        item: RecordId,
        target: &Destination,
    ) -> Executed {
        let works = self.routing.works_of_item(item);
        let offered = works.iter().find(|w| w.status == Status::Assigned);
        if let Some(work) = offered.map(|w| w.id) {
            let target = target.clone();
            return self.work_of(submission, rows, work, &WorkAction::Transfer { target });
        }
        self.planned(submission, rows, |planner| {
            planner.replace_request(item, target).map(|()| Reply::Work)
        })
    }

    /// Rows that a supervisor's command will want.
    pub(crate) fn guess_supervision(&self, what: &Supervision, needs: &mut Vec<Need>) {
        let item = match what {
            Supervision::Work { work, action } => return self.guess_work(*work, action, needs),
            Supervision::Requeue { work } => self.routing.work(*work).map(|w| w.work_item),
            Supervision::Reassign { item, .. } => Some(*item),
            Supervision::SetStatus { .. }
            | Supervision::Logout { .. }
            | Supervision::Members { .. }
            | Supervision::Skills { .. } => None,
        };
        if let Some((item, object)) = item.and_then(|i| Some((i, self.catalogue.object_of(i)?))) {
            self.guess_row(object, item, needs);
        }
    }
}

impl Planner<'_> {
    /// A waiting request gives way to one for the new target.
    fn replace_request(&mut self, item: RecordId, destination: &Destination) -> Planned<()> {
        let nothing_waits = || {
            refuse(
                Code::InvalidOperation,
                "the record does not wait for an agent",
            )
        };
        let Some(waiting) = self.engine.routing.waiting(item) else {
            return nothing_waits();
        };
        let object = self.engine.catalogue.object_of(item);
        let row = match object {
            Some(object) => self.load(object, item)?.filter(|r| !r.is_deleted),
            None => None,
        };
        let Some(row) = row else {
            return nothing_waits();
        };
        let target = self.target(&row, destination)?;
        let item = self.item(&row, waiting.request.channel);
        self.route(Command::Reassign {
            item,
            target,
            requester: self.caller.user,
        });
        Ok(())
    }

    /// R181: memberships are added and taken away one by one; others stay.
    fn members(
        &mut self,
        add: &[(RecordId, RecordId)],
        remove: &[(RecordId, RecordId)],
    ) -> Planned<()> {
        few(add.len() + remove.len())?;
        let k = &self.engine.known;
        for (user, queue) in add.iter().chain(remove) {
            let group = self.engine.resident.get(k.group.ix, *queue);
            if group.is_none_or(|g| g.get(k.group.kind).as_text() != Some("Queue")) {
                return refuse(Code::InvalidArgument, "there is no such queue");
            }
            self.known_user(*user)?;
        }
        for (user, queue) in add {
            if self.membership(*user, *queue)?.is_empty() {
                let k = &self.engine.known.member;
                let mut row = self.new_row(k.ix);
                row.set(k.group_id, (*queue).into());
                row.set(k.user_or_group_id, (*user).into());
                self.insert(row)?;
            }
        }
        for (user, queue) in remove {
            for row in self.membership(*user, *queue)? {
                self.discard(&row)?;
            }
        }
        Ok(())
    }

    fn known_user(&self, user: RecordId) -> Planned<()> {
        let entry = self.engine.directory.user(user);
        if entry.is_none_or(|u| !u.is_active) {
            return refuse(Code::InvalidArgument, "there is no such active user");
        }
        Ok(())
    }

    fn membership(&mut self, user: RecordId, queue: RecordId) -> Planned<Vec<Record>> {
        let k = &self.engine.known.member;
        let (object, group) = (k.ix, k.group_id);
        let rows = self.rows_of(object, k.user_or_group_id, user)?;
        Ok(rows
            .into_iter()
            .filter(|r| r.get(group).as_id() == Some(queue))
            .collect())
    }

    fn rows_of(
        &mut self,
        object: model::ObjectIx,
        field: model::FieldIx,
        id: RecordId,
    ) -> Planned<Vec<Record>> {
        let ids = self.matching(object, field, &Value::Id(id))?;
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.extend(self.load(object, id)?);
        }
        Ok(rows)
    }

    /// R56, R179: rows under the agent's service resource, which is made if there is none.
    fn skills(
        &mut self,
        user: RecordId,
        set: &[(RecordId, f64)],
        remove: &[RecordId],
    ) -> Planned<()> {
        few(set.len() + remove.len())?;
        self.known_user(user)?;
        let skill = &self.engine.known.skill;
        let is_skill = |id: &RecordId| self.engine.resident.get(skill.ix, *id).is_some();
        if !set.iter().map(|(id, _)| id).chain(remove).all(is_skill) {
            return refuse(Code::InvalidArgument, "there is no such skill");
        }
        if set.iter().any(|(_, level)| !(0.0..=99.99).contains(level)) {
            return refuse(
                Code::NumberOutsideValidRange,
                "a skill level is from 0 to 99.99",
            );
        }
        let resource = self.resource_of(user)?;
        let k = &self.engine.known.resource_skill;
        let rows = self.rows_of(k.ix, k.resource_id, resource)?;
        let of = |skill: RecordId| {
            rows.iter()
                .filter(move |r| r.get(k.skill_id).as_id() == Some(skill))
        };
        for (skill, level) in set {
            let level = Value::Double(*level);
            if let Some(row) = of(*skill).next() {
                let mut after = row.clone();
                after.set(k.level, level);
                self.replace(row, after)?;
                continue;
            }
            let mut row = self.new_row(k.ix);
            row.set(k.resource_id, resource.into());
            row.set(k.skill_id, (*skill).into());
            row.set(k.level, level);
            row.set(k.start, self.engine.now.into());
            self.insert(row)?;
        }
        for row in remove.iter().flat_map(|skill| of(*skill)) {
            self.discard(row)?;
        }
        Ok(())
    }

    fn resource_of(&mut self, user: RecordId) -> Planned<RecordId> {
        let k = &self.engine.known.resource;
        let rows = self.rows_of(k.ix, k.related_id, user)?;
        let agent = |r: &&Record| r.get(k.kind).as_text() == Some("A");
        if let Some(row) = rows.iter().find(agent) {
            return Ok(row.id);
        }
        let mut row = self.new_row(k.ix);
        let def = self.engine.catalogue.def(k.ix);
        let name = self.engine.directory.user(user).map(|u| u.name.clone());
        if let Some(field) = def.field("Name") {
            row.set(field, Value::from(name));
        }
        row.set(k.related_id, user.into());
        row.set(k.kind, Value::from("A"));
        row.set(k.is_active, Value::Bool(true));
        let id = row.id;
        self.insert(row)?;
        Ok(id)
    }
}

fn few(rows: usize) -> Planned<()> {
    if rows > ROWS_MAX {
        let text = format!("at most {ROWS_MAX} rows in one call");
        return refuse(Code::LimitExceeded, text);
    }
    Ok(())
}
