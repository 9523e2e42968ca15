//! Carrying out what was planned: rows into memory and batch, commands to routing, routing's answers
//! into rows and console events. Nothing here refuses, except routing's own decision before anything
//! has happened.

use model::{ObjectIx, Record, RecordId, Refusal, RowChange, Value};
use routing::{Change, Output};

use crate::draft::Draft;
use crate::engine::Engine;

impl Engine {
    /// Carries a draft out whole, or refuses and leaves everything as it was. The refusal comes with
    /// the operation that it is about.
    pub(crate) fn carry_out(
        &mut self,
        mut draft: Draft,
        user: RecordId,
    ) -> Result<(), (usize, Refusal)> {
        let counters = (!draft.routing.is_empty()).then(|| self.counters.clone());
        for (object, number) in draft.numbers() {
            self.counters[usize::from(object.0)] = *number;
        }
        // configuration first: routing decides on the org as it will be
        let rows = std::mem::take(&mut draft.changes).into_rows();
        let mut before = Vec::new();
        for change in &rows {
            if self.shapes.get(change.key().0).is_resident {
                before.push((change.key(), self.configure_row(change)));
            }
        }
        match self.tell_routing(&draft.routing) {
            Ok(changes) => {
                rows.into_iter()
                    .for_each(|change| self.batch.changes.push(change));
                draft.notes.into_iter().for_each(|note| self.put_note(note));
                self.absorb(changes, draft.adopted, user);
                self.write_trail(&before, user);
                Ok(())
            }
            Err(refused) => {
                before
                    .into_iter()
                    .rev()
                    .for_each(|(key, row)| self.undo_row(key, row));
                self.counters = counters.unwrap_or_default();
                Err(refused)
            }
        }
    }

    /// A change of configuration into memory; returns the row before it.
    fn configure_row(&mut self, change: &RowChange) -> Option<Record> {
        let (object, id) = change.key();
        let before = self.resident.apply(change);
        let after = self.resident.get(object, id).cloned();
        self.note_change(id, before.as_ref(), after.as_ref());
        before
    }

    fn undo_row(&mut self, (object, id): (ObjectIx, RecordId), before: Option<Record>) {
        let change = match before {
            Some(row) => RowChange::Insert(row),
            None => RowChange::Remove { object, id },
        };
        let after = self.resident.get(object, id).cloned();
        self.resident.apply(&change);
        let before = self.resident.get(object, id).cloned();
        self.note_change(id, after.as_ref(), before.as_ref());
    }

    /// Decides and carries out each command on the state that the one before it left; all or none.
    fn tell_routing(
        &mut self,
        commands: &[(usize, routing::Command)],
    ) -> Result<Vec<Change>, (usize, Refusal)> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        self.refresh();
        let is_compound = commands.len() > 1;
        let mut refused = None;
        let changes = self.with_routing(|routing, now, out| {
            if is_compound {
                routing.begin();
            }
            for (op, command) in commands {
                match routing.decide(command, now) {
                    Ok(decision) => routing.evolve(decision, now, out),
                    Err(refusal) => {
                        refused = Some((*op, refusal));
                        break;
                    }
                }
            }
            match (is_compound, &refused) {
                (true, Some(_)) => routing.rollback(),
                (true, None) => routing.keep(),
                (false, _) => {}
            }
        });
        refused.map_or(Ok(changes), Err)
    }

    /// Lets routing write, with ids from our counters.
    fn with_routing(
        &mut self,
        write: impl FnOnce(&mut routing::RoutingState, model::Millis, &mut Output<'_>),
    ) -> Vec<Change> {
        let Self {
            routing,
            counters,
            shapes,
            known,
            columns,
            now,
            ..
        } = self;
        let objects = [
            known.request.ix,
            known.work.ix,
            known.presence.ix,
            known.requirement.ix,
            columns.skill_object,
        ];
        let mut next = |prefix| {
            let object = objects
                .iter()
                .find(|o| shapes.get(**o).prefix == Some(prefix));
            let number = object.map_or(0, |o| {
                let counter = &mut counters[usize::from(o.0)];
                *counter += 1;
                *counter
            });
            RecordId::new(prefix, number)
        };
        let mut out = Output::new(&mut next);
        write(routing, *now, &mut out);
        out.changes
    }

    /// Due deadlines and one routing pass (R38), in the name of the system.
    pub(crate) fn settle(&mut self) {
        self.refresh();
        for key in self.applied.expire(self.now) {
            self.put_note(model::Note {
                space: model::Space::Applied,
                key,
                value: None,
            });
        }
        let changes = self.with_routing(|routing, now, out| routing.settle(now, out));
        self.absorb(changes, Vec::new(), self.system_user);
    }

    /// A row change: into memory if it is configuration, and into the batch.
    pub(crate) fn apply(&mut self, change: RowChange) {
        if self.shapes.get(change.key().0).is_resident {
            self.configure_row(&change);
        }
        self.batch.changes.push(change);
    }

    /// What routing did, as rows, notes and events.
    fn absorb(&mut self, changes: Vec<Change>, mut adopted: Vec<Record>, user: RecordId) {
        for change in changes {
            match change {
                Change::InsertRequest(row) => {
                    let mut record =
                        self.row_for(self.known.request.ix, row.id, &mut adopted, user);
                    row.each(|f, v| {
                        let field = self.columns.request(f);
                        record.set(field, self.columns.request_value(field, v));
                    });
                    self.apply(RowChange::Insert(record));
                }
                Change::UpdateRequest { id, sets } => {
                    let sets = sets.into_iter().map(|(f, v)| {
                        let field = self.columns.request(f);
                        (field, self.columns.request_value(field, v))
                    });
                    self.patch(self.known.request.ix, id, sets.collect(), user);
                }
                Change::DeleteRequest { id } => self.apply(RowChange::Remove {
                    object: self.known.request.ix,
                    id,
                }),
                Change::InsertRequirement(row) => {
                    let mut record =
                        self.row_for(self.known.requirement.ix, row.id, &mut adopted, user);
                    row.each(|f, v| record.set(self.columns.requirement(f), v));
                    self.apply(RowChange::Insert(record));
                }
                Change::DeleteRequirement { id } => {
                    self.apply(RowChange::Remove {
                        object: self.known.requirement.ix,
                        id,
                    });
                }
                Change::InsertWork(row) => {
                    let mut record = self.row_for(self.known.work.ix, row.id, &mut adopted, user);
                    row.each(|f, v| record.set(self.columns.work(f), v));
                    self.apply(RowChange::Insert(record));
                }
                Change::UpdateWork { id, sets } => {
                    let sets = sets
                        .into_iter()
                        .map(|(f, v)| (self.columns.work(f), v))
                        .collect();
                    self.patch(self.known.work.ix, id, sets, user);
                }
                Change::InsertWorkSkill(row) => {
                    let mut record =
                        self.row_for(self.columns.skill_object, row.id, &mut adopted, user);
                    row.each(|f, v| record.set(self.columns.skill(f), v));
                    self.apply(RowChange::Insert(record));
                }
                Change::InsertPresence(row) => {
                    let mut record =
                        self.row_for(self.known.presence.ix, row.id, &mut adopted, user);
                    row.each(|f, v| record.set(self.columns.presence(f), v));
                    self.apply(RowChange::Insert(record));
                }
                Change::UpdatePresence { id, sets } => {
                    let sets = sets
                        .into_iter()
                        .map(|(f, v)| (self.columns.presence(f), v))
                        .collect();
                    self.patch(self.known.presence.ix, id, sets, user);
                }
                Change::Owner { item, owner } => self.give(item, owner, user),
                Change::Note(note) => self.put_note(note),
                Change::Signal(signal) => self.announce(signal),
            }
        }
    }

    /// A new row of routing: what the client sent, or a blank one with this id.
    fn row_for(
        &self,
        object: ObjectIx,
        id: RecordId,
        adopted: &mut Vec<Record>,
        user: RecordId,
    ) -> Record {
        match adopted.iter().position(|r| r.id == id) {
            Some(at) => adopted.swap_remove(at),
            None => self.blank(object, id.number().unwrap_or(0), user),
        }
    }

    fn patch(
        &mut self,
        object: ObjectIx,
        id: RecordId,
        mut sets: Vec<(model::FieldIx, Value)>,
        user: RecordId,
    ) {
        sets.extend(self.stamps(object, user));
        self.apply(RowChange::Update { object, id, sets });
    }

    /// A new owner by routing (R110, R116).
    fn give(&mut self, item: RecordId, owner: RecordId, user: RecordId) {
        let Some(object) = self.catalogue.object_of(item) else {
            return;
        };
        let Some(field) = self.shapes.get(object).owner else {
            return;
        };
        self.patch(object, item, vec![(field, owner.into())], user);
    }
}
