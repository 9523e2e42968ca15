//! Records written by clients: create, update, upsert, delete, undelete.
//!
//! Order of checks (rest-api.md 3.3): object access, field names (done by the protocol), writability,
//! type and length, picklists, references, required fields, uniqueness, rules of the object.

mod check;
mod delete;
mod link;
mod names;
mod rules;

use model::{Code, FieldIx, Need, ObjectIx, Record, RecordId, Refusal, Value};

use crate::access::{Level, Wish};
use crate::draft::{Planned, Planner, Stop, refuse};
use crate::engine::{Engine, ROUNDS_MAX};
use crate::request::{Reply, SaveOp, Saved, Submission};
use crate::rows::RowCache;

pub use link::result_of;

/// What names a platform event: these objects have no rows.
const EVENT_NAME_FIELD: &str = "EventUuid";

/// At most so many operations in one command.
pub const OPS_MAX: usize = 2_000;

fn rolled_back() -> Refusal {
    Refusal::new(
        Code::AllOrNoneOperationRolledBack,
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
    )
}

impl Engine {
    /// Runs a Save. `Err` asks for rows; operations that are done stay done (partial success), of an
    /// allOrNone command nothing has happened yet.
    pub(crate) fn save(
        &mut self,
        submission: &Submission,
        ops: &[SaveOp],
        all_or_none: bool,
        rows: &RowCache,
    ) -> Result<Result<Reply, Refusal>, Vec<Need>> {
        if ops.len() > OPS_MAX {
            let text = format!(
                "record limit reached. cannot submit more than {OPS_MAX} records into this call"
            );
            return Ok(Err(Refusal::new(Code::ExceededIdLimit, text)));
        }
        let results = if all_or_none && ops.len() > 1 {
            self.save_all_or_none(submission, ops, rows)?
        } else {
            self.save_each(submission, ops, rows)?
        };
        Ok(Ok(Reply::Saved(results)))
    }

    fn save_each(
        &mut self,
        submission: &Submission,
        ops: &[SaveOp],
        rows: &RowCache,
    ) -> Result<Vec<Result<Saved, Refusal>>, Vec<Need>> {
        self.refresh();
        while let Some(op) = ops.get(self.batch.results.len()) {
            let mut planner = Planner::new(self, rows, &submission.caller);
            let result = match planner.plan(op) {
                Ok(saved) => {
                    let draft = planner.draft;
                    self.carry_out(draft, submission.caller.user)
                        .map(|()| saved)
                        .map_err(|(_, refusal)| refusal)
                }
                Err(Stop::Refused(refusal)) => Err(refusal),
                Err(Stop::Miss) => {
                    let mut misses = planner.misses;
                    self.batch.rounds += 1;
                    if self.batch.rounds <= ROUNDS_MAX {
                        let rest = &ops[self.batch.results.len() + 1..];
                        misses.extend(self.foresee_ops(submission, rest, rows));
                        return Err(misses);
                    }
                    Err(too_many_rounds())
                }
            };
            self.batch.rounds = 0;
            self.batch.results.push(result);
        }
        Ok(std::mem::take(&mut self.batch.results))
    }

    fn save_all_or_none(
        &mut self,
        submission: &Submission,
        ops: &[SaveOp],
        rows: &RowCache,
    ) -> Result<Vec<Result<Saved, Refusal>>, Vec<Need>> {
        self.refresh();
        let give_up = self.batch.rounds >= ROUNDS_MAX;
        let mut planner = Planner::new(self, rows, &submission.caller);
        let mut results = Vec::with_capacity(ops.len());
        for (at, op) in ops.iter().enumerate() {
            planner.draft.op = at;
            let Some(op) = link::linked(op, &results) else {
                results.push(Err(rolled_back()));
                continue;
            };
            results.push(match planner.plan(&op) {
                Ok(saved) => Ok(saved),
                Err(Stop::Refused(refusal)) => Err(refusal),
                Err(Stop::Miss) if give_up => Err(too_many_rounds()),
                Err(Stop::Miss) => Err(rolled_back()),
            });
        }
        if !planner.misses.is_empty() && !give_up {
            let misses = planner.misses;
            self.batch.rounds += 1;
            return Err(misses);
        }
        let draft = planner.draft;
        if results.iter().all(Result::is_ok) {
            match self.carry_out(draft, submission.caller.user) {
                Ok(()) => return Ok(results),
                Err((op, refusal)) => {
                    if let Some(result) = results.get_mut(op) {
                        *result = Err(refusal);
                    }
                }
            }
        }
        Ok(results
            .into_iter()
            .map(|r| r.and_then(|_| Err(rolled_back())))
            .collect())
    }

    /// Rows that later operations will want, so that they are read in one round.
    fn foresee_ops(&self, submission: &Submission, ops: &[SaveOp], rows: &RowCache) -> Vec<Need> {
        let mut planner = Planner::new(self, rows, &submission.caller);
        for op in ops {
            planner.draft = crate::draft::Draft::default();
            drop(planner.plan(op));
        }
        planner.misses
    }

    pub(crate) fn foresee_save(
        &self,
        submission: &Submission,
        ops: &[SaveOp],
        rows: &RowCache,
    ) -> Vec<Need> {
        self.foresee_ops(
            submission,
            ops.get(..OPS_MAX.min(ops.len())).unwrap_or(ops),
            rows,
        )
    }
}

pub(crate) fn too_many_rounds() -> Refusal {
    Refusal::new(
        Code::UnknownException,
        "the command needs more rows than one request may read",
    )
}

/// Several rows match the key of an upsert; the protocol answers 300 with their ids.
fn several(ids: &[RecordId]) -> Refusal {
    let list: Vec<String> = ids.iter().map(RecordId::to_string).collect();
    Refusal::about(Code::DuplicateValue, MULTIPLE_MATCHES, list)
}

/// Message of the refusal of an upsert that found several rows; its `fields` are their ids.
pub const MULTIPLE_MATCHES: &str = "duplicate external id field specified: multiple records match";

impl Planner<'_> {
    fn plan(&mut self, op: &SaveOp) -> Planned<Saved> {
        match op {
            SaveOp::Create { object, values } => self
                .create(*object, values)
                .map(|id| Saved { id, created: true }),
            SaveOp::Update { object, id, values } => {
                self.update(*object, *id, values).map(|()| Saved {
                    id: *id,
                    created: false,
                })
            }
            SaveOp::Upsert {
                object,
                by,
                key,
                values,
            } => self.upsert(*object, *by, key, values),
            SaveOp::Delete { object, id } => self.delete(*object, *id).map(|()| Saved {
                id: *id,
                created: false,
            }),
            SaveOp::Erase { object, id } => self.erase(*object, *id).map(|()| Saved {
                id: *id,
                created: false,
            }),
            SaveOp::Undelete { id } => self.undelete(*id).map(|()| Saved {
                id: *id,
                created: false,
            }),
            SaveOp::When { expected, op } => {
                self.expect(expected, op)?;
                match &**op {
                    SaveOp::When { .. } => Err(Stop::Refused(too_many_rounds())),
                    op => self.plan(op),
                }
            }
            SaveOp::Refused(refusal) => Err(Stop::Refused(refusal.clone())),
        }
    }

    pub(crate) fn create(
        &mut self,
        object: ObjectIx,
        values: &[(FieldIx, Value)],
    ) -> Planned<RecordId> {
        let def = self.engine.catalogue.def(object).clone();
        if !def.can("create") {
            return refuse(
                Code::CannotInsertUpdateActivateEntity,
                format!("entity type cannot be inserted: {}", def.label),
            );
        }
        self.may(Wish::Create, object)?;
        let values = self.checked(object, values, check::Write::Create)?;
        self.check_references(object, &values)?;
        let mut row = self.new_row(object);
        for (field, value) in values {
            // a boolean that is sent as null keeps its default
            if !(value.is_null() && def.def(field).kind == model::FieldType::Boolean) {
                row.set(field, value);
            }
        }
        self.may_share(&row)?;
        self.check_required(None, &row)?;
        self.name(None, &mut row)?;
        self.rules(None, &mut row)?;
        let id = row.id;
        if def.name_field == EVENT_NAME_FIELD {
            // a platform event is published, not kept
        } else if !self.hand_to_routing(None, &row)? {
            self.insert(row.clone())?;
            self.follow(None, &row)?;
        }
        Ok(id)
    }

    pub(crate) fn update(
        &mut self,
        object: ObjectIx,
        id: RecordId,
        values: &[(FieldIx, Value)],
    ) -> Planned<()> {
        let def = self.engine.catalogue.def(object).clone();
        if !def.can("update") {
            return refuse(
                Code::CannotInsertUpdateActivateEntity,
                format!("entity type cannot be updated: {}", def.label),
            );
        }
        self.may(Wish::Edit, object)?;
        let before = self.live(object, id)?;
        self.may_touch(Wish::Edit, &before)?;
        self.may_share(&before)?;
        let values = self.checked(object, values, check::Write::Update)?;
        let is_new = |(field, value): &&(FieldIx, Value)| before.get(*field) != value;
        let changed: Vec<_> = values.iter().filter(is_new).cloned().collect();
        self.check_references(object, &changed)?;
        let owner = self.engine.shapes.get(object).owner;
        if changed.iter().any(|(field, _)| Some(*field) == owner) {
            self.may_give_away(&before)?;
        }
        let mut after = before.clone();
        for (field, value) in values {
            let is_boolean = def.def(field).kind == model::FieldType::Boolean;
            after.set(
                field,
                if value.is_null() && is_boolean {
                    Value::Bool(false)
                } else {
                    value
                },
            );
        }
        self.check_required(Some(&before), &after)?;
        self.name(Some(&before), &mut after)?;
        self.rules(Some(&before), &mut after)?;
        if !self.hand_to_routing(Some(&before), &after)? {
            self.replace(&before, after.clone())?;
            self.follow(Some(&before), &after)?;
        }
        Ok(())
    }

    /// Of several rows those that the caller may see; one alone is judged when it is changed.
    fn seen_of_several(&mut self, object: ObjectIx, ids: Vec<RecordId>) -> Planned<Vec<RecordId>> {
        if ids.len() < 2 || self.sees_all(object) {
            return Ok(ids);
        }
        let mut seen = Vec::new();
        for id in &ids {
            if let Some(row) = self.load(object, *id)?
                && self.access_to(&row)? > Level::Nothing
            {
                seen.push(*id);
            }
        }
        match seen.is_empty() {
            true => Err(Stop::Refused(Refusal::not_found())),
            false => Ok(seen),
        }
    }

    /// A row that exists and is not in the recycle bin.
    pub(crate) fn live(&mut self, object: ObjectIx, id: RecordId) -> Planned<Record> {
        if self.engine.catalogue.object_of(id) != Some(object) {
            return Err(Stop::Refused(Refusal::not_found()));
        }
        match self.load(object, id)? {
            None => Err(Stop::Refused(Refusal::not_found())),
            Some(row) if row.is_deleted => {
                self.must_see(&row)?;
                refuse(Code::EntityIsDeleted, "entity is deleted")
            }
            Some(row) => Ok(row),
        }
    }

    fn upsert(
        &mut self,
        object: ObjectIx,
        by: FieldIx,
        key: &Value,
        values: &[(FieldIx, Value)],
    ) -> Planned<Saved> {
        let def = self.engine.catalogue.def(object).clone();
        let field = def.def(by);
        if !field.id_lookup && !field.external_id {
            let text = format!(
                "Provided external ID field does not exist or is not accessible: {}",
                field.name
            );
            return refuse(Code::NotFound, text);
        }
        if values.iter().any(|(f, _)| *f == by) {
            let text = format!(
                "The {} field should not be specified in the sobject data.",
                field.name
            );
            return Err(Stop::Refused(Refusal::about(
                Code::InvalidField,
                text,
                [field.name.clone()],
            )));
        }
        if field.kind == model::FieldType::Id {
            return match key.as_id() {
                Some(id) => self
                    .update(object, id, values)
                    .map(|()| Saved { id, created: false }),
                None => self
                    .create(object, values)
                    .map(|id| Saved { id, created: true }),
            };
        }
        if key.is_null() {
            let text = format!("{} not specified", field.name);
            return Err(Stop::Refused(Refusal::about(
                Code::MissingArgument,
                text,
                [field.name.clone()],
            )));
        }
        let found = self.matching(object, by, key)?;
        match self.seen_of_several(object, found)?.as_slice() {
            [] => {
                let mut all = values.to_vec();
                all.push((by, key.clone()));
                self.create(object, &all)
                    .map(|id| Saved { id, created: true })
            }
            [id] => self.update(object, *id, values).map(|()| Saved {
                id: *id,
                created: false,
            }),
            ids => Err(Stop::Refused(several(ids))),
        }
    }
}
