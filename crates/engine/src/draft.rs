//! What one command wants to change, and the eyes with which it looks at the org while it decides.
//!
//! A [`Planner`] reads through four layers, newest first: its own draft, the batch so far, configuration
//! in memory, rows read from the store. It writes to its draft only; a refusal or a missing row drops
//! the draft and nothing has happened.

use hashbrown::HashMap;
use model::{
    Code, FieldIx, Need, Note, ObjectIx, Record, RecordId, Refusal, RowChange, Space, Value,
};

use crate::access::Caller;
use crate::changes::{After, Changes};
use crate::engine::Engine;
use crate::resident::UniqueKey;
use crate::rows::{Folded, RowCache};

/// Why planning stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Rows are missing: see [`Planner::misses`].
    Miss,
    /// The caller may not.
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(crate) type Planned<T> = Result<T, Stop>;

pub(crate) fn refuse<T>(code: Code, message: impl Into<String>) -> Planned<T> {
    Err(Stop::Refused(Refusal::new(code, message)))
}

/// Changes that are applied whole or dropped.
#[derive(Default)]
pub(crate) struct Draft {
    pub changes: Changes,
    pub notes: Vec<Note>,
    /// What routing shall do, in order, each with the operation that asked for it.
    pub routing: Vec<(usize, routing::Command)>,
    /// Rows that routing will make, as the client sent them.
    pub adopted: Vec<Record>,
    /// Operation that is being planned.
    pub op: usize,
    next: Vec<(ObjectIx, u64)>,
    /// Unique values taken (`Some`) and given up (`None`) by this draft.
    claims: HashMap<UniqueKey, Option<RecordId>>,
}

impl Draft {
    /// Numbers handed out by this draft.
    pub fn numbers(&self) -> &[(ObjectIx, u64)] {
        &self.next
    }
}

pub(crate) struct Planner<'a> {
    pub engine: &'a Engine,
    pub rows: &'a RowCache,
    pub caller: &'a Caller,
    pub draft: Draft,
    pub misses: Vec<Need>,
}

impl<'a> Planner<'a> {
    pub fn new(engine: &'a Engine, rows: &'a RowCache, caller: &'a Caller) -> Self {
        Self {
            engine,
            rows,
            caller,
            draft: Draft::default(),
            misses: Vec::new(),
        }
    }

    /// The row as this draft would leave it, recycle bin included.
    pub fn load(&mut self, object: ObjectIx, id: RecordId) -> Planned<Option<Record>> {
        if let Some(adopted) = self.draft.adopted.iter().find(|r| r.id == id) {
            return Ok(Some(adopted.clone()));
        }
        let after = self.draft.changes.after(object, id);
        match after {
            After::Is(record) => return Ok(Some(record.clone())),
            After::Gone => return Ok(None),
            After::Same | After::Patched(..) => {}
        }
        let Some(base) = self.engine.current(self.rows, object, id) else {
            self.miss(Need::Row(object, id));
            return Err(Stop::Miss);
        };
        let mut base = base.map(std::borrow::Cow::into_owned);
        if let (Some(record), After::Patched(sets, deleted)) =
            (&mut base, self.draft.changes.after(object, id))
        {
            record.apply(sets);
            record.is_deleted = deleted.unwrap_or(record.is_deleted);
        }
        Ok(base)
    }

    /// True if the row is there and not in the recycle bin; `None` if it must be read first.
    pub fn exists(&mut self, object: ObjectIx, id: RecordId) -> Option<bool> {
        if self.draft.adopted.iter().any(|r| r.id == id) {
            return Some(true);
        }
        match self.draft.changes.after(object, id) {
            After::Is(record) => return Some(!record.is_deleted),
            After::Gone => return Some(false),
            After::Patched(_, Some(deleted)) => return Some(!deleted),
            After::Same | After::Patched(_, None) => {}
        }
        match self.engine.current(self.rows, object, id) {
            Some(row) => Some(row.is_some_and(|r| !r.is_deleted)),
            None => {
                self.miss(Need::Row(object, id));
                None
            }
        }
    }

    /// Ids of live rows of `object` whose field has this value, in id order.
    pub fn matching(
        &mut self,
        object: ObjectIx,
        field: FieldIx,
        value: &Value,
    ) -> Planned<Vec<RecordId>> {
        let wanted = Folded::of(value);
        let is_wanted = |r: &Record| match value {
            Value::Id(_) => r.get(field) == value,
            _ => Folded::of(r.get(field)) == wanted,
        };
        let engine = self.engine;
        let mut ids: Vec<RecordId> = if engine.shapes.get(object).is_resident {
            match engine.resident.unique.over(object, field) {
                Some(rule) => engine
                    .resident
                    .holder(&(rule, wanted.clone()))
                    .into_iter()
                    .collect(),
                None => {
                    let rows = engine.resident.table(object).values();
                    rows.filter(|r| is_wanted(r)).map(|r| r.id).collect()
                }
            }
        } else {
            match self.rows.matching(object, field, value) {
                Some(ids) => ids.to_vec(),
                None => {
                    self.miss(Need::Match(object, field, value.clone()));
                    return Err(Stop::Miss);
                }
            }
        };
        ids.extend(self.engine.batch_touched(object));
        ids.extend(self.draft.changes.touched(object));
        ids.sort_unstable();
        ids.dedup();
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let live = self.load(object, id)?.filter(|r| !r.is_deleted);
            if live.is_some_and(|r| is_wanted(&r)) {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// A hidden note as the batch left it.
    pub fn note(&mut self, space: Space, key: &str) -> Planned<Option<String>> {
        let drafted = self
            .draft
            .notes
            .iter()
            .rev()
            .find(|n| n.space == space && n.key == key);
        if let Some(note) = drafted {
            return Ok(note.value.clone());
        }
        match self.engine.current_note(self.rows, space, key) {
            Some(value) => Ok(value),
            None => {
                self.miss(Need::Note(space, key.to_owned()));
                Err(Stop::Miss)
            }
        }
    }

    pub fn miss(&mut self, need: Need) {
        if !self.misses.contains(&need) {
            self.misses.push(need);
        }
    }

    /// Fails if rows have been found missing.
    pub fn complete(&self) -> Planned<()> {
        if self.misses.is_empty() {
            Ok(())
        } else {
            Err(Stop::Miss)
        }
    }

    /// Something for routing to do, after the rows.
    pub fn route(&mut self, command: routing::Command) {
        self.draft.routing.push((self.draft.op, command));
    }

    /// The next number of an object: of its id and of its automatic name.
    pub fn number(&mut self, object: ObjectIx) -> u64 {
        if let Some((_, next)) = self.draft.next.iter_mut().find(|(o, _)| *o == object) {
            *next += 1;
            return *next;
        }
        let next = self.engine.last_number(object) + 1;
        self.draft.next.push((object, next));
        next
    }

    /// A row with id, automatic name, defaults and system fields.
    pub fn new_row(&mut self, object: ObjectIx) -> Record {
        let number = self.number(object);
        self.engine.blank(object, number, self.caller.user)
    }

    /// Adds a new row to the draft, its unique values checked.
    pub fn insert(&mut self, row: Record) -> Planned<()> {
        self.claim(None, &row)?;
        self.draft.changes.push(RowChange::Insert(row));
        Ok(())
    }

    /// Adds the difference of two versions of a row to the draft, stamped, unique values checked.
    pub fn replace(&mut self, before: &Record, mut after: Record) -> Planned<()> {
        self.engine.stamp(&mut after, self.caller.user);
        self.claim(Some(before), &after)?;
        let sets = difference(before, &after);
        self.draft.changes.push(RowChange::Update {
            object: before.object,
            id: before.id,
            sets,
        });
        Ok(())
    }

    /// Takes a row away for good.
    pub fn remove(&mut self, row: &Record) {
        self.release(row);
        self.draft.changes.push(RowChange::Remove {
            object: row.object,
            id: row.id,
        });
    }

    /// Moves a row to the recycle bin or out of it.
    pub fn set_deleted(&mut self, row: &Record, deleted: bool) {
        let mut after = row.clone();
        self.engine.stamp(&mut after, self.caller.user);
        let sets = difference(row, &after);
        self.draft.changes.push(RowChange::SetDeleted {
            object: row.object,
            id: row.id,
            deleted,
            sets,
        });
    }

    fn release(&mut self, row: &Record) {
        for rule in self.engine.resident.unique.of_object(row.object) {
            if let Some(key) = self.engine.resident.unique.key(*rule, row) {
                self.draft.claims.insert(key, None);
            }
        }
    }

    fn claim(&mut self, before: Option<&Record>, after: &Record) -> Planned<()> {
        let engine = self.engine;
        if !engine.shapes.get(after.object).is_resident {
            return self.claim_stored(after);
        }
        let rules = &engine.resident.unique;
        for ix in rules.of_object(after.object) {
            let (old, new) = (
                before.and_then(|b| rules.key(*ix, b)),
                rules.key(*ix, after),
            );
            if old == new {
                continue;
            }
            if let Some(key) = &new
                && let Some(holder) = self.holder(key)
                && holder != after.id
            {
                return Err(self.duplicate(*ix, holder));
            }
            if let Some(key) = old {
                self.draft.claims.insert(key, None);
            }
            if let Some(key) = new {
                self.draft.claims.insert(key, Some(after.id));
            }
        }
        Ok(())
    }

    /// Unique fields of objects that are not in memory.
    fn claim_stored(&mut self, after: &Record) -> Planned<()> {
        let engine = self.engine;
        for field in &engine.shapes.get(after.object).unique {
            let value = after.get(*field);
            if value.is_null() {
                continue;
            }
            let holder = self
                .matching(after.object, *field, value)?
                .into_iter()
                .find(|id| *id != after.id);
            if let Some(holder) = holder {
                let name = &engine.catalogue.def(after.object).def(*field).name;
                return Err(Stop::Refused(duplicate_value(
                    Code::DuplicateValue,
                    std::slice::from_ref(name),
                    holder,
                )));
            }
        }
        Ok(())
    }

    /// Who has a unique value after this draft.
    pub fn holder(&self, key: &UniqueKey) -> Option<RecordId> {
        match self.draft.claims.get(key) {
            Some(holder) => *holder,
            None => self.engine.resident.holder(key),
        }
    }

    fn duplicate(&self, rule: u16, holder: RecordId) -> Stop {
        let rule = self.engine.resident.unique.rule(rule);
        let def = self.engine.catalogue.def(rule.object);
        let names: Vec<String> = rule
            .fields
            .iter()
            .map(|f| def.def(*f).name.clone())
            .collect();
        Stop::Refused(duplicate_value(rule.code, &names, holder))
    }
}

fn duplicate_value(code: Code, names: &[String], holder: RecordId) -> Refusal {
    let message = match code {
        Code::DuplicateUsername => {
            "Duplicate Username. The username already exists in this or another organization. \
             Usernames must be unique across all organizations."
                .to_owned()
        }
        _ => format!(
            "duplicate value found: {} duplicates value on record with id: {}",
            names.join(", "),
            holder.as_15()
        ),
    };
    let fields = if code == Code::DuplicateValue {
        Vec::new()
    } else {
        names.to_vec()
    };
    Refusal::about(code, message, fields)
}

/// The fields in which two versions of a row differ, with the later values.
pub(crate) fn difference(before: &Record, after: &Record) -> Vec<(FieldIx, Value)> {
    let mut sets: Vec<(FieldIx, Value)> = after
        .values()
        .iter()
        .filter(|(field, value)| before.get(*field) != value)
        .cloned()
        .collect();
    let cleared = before
        .values()
        .iter()
        .filter(|(field, _)| after.get(*field).is_null());
    sets.extend(cleared.map(|(field, _)| (*field, Value::Null)));
    sets
}
