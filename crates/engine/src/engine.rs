//! The engine: one value per org that decides every command (ARCHITECTURE sections 2 and 4).
//!
//! Owns configuration rows, the routing state and the counters. It reads rows only through a
//! [`RowCache`] and hands out what it decided as one [`Outcome`] per batch.
//!
//! Law: an engine opened from the rows that were committed equals the engine that committed them
//! ([`Engine::fingerprint`]).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use model::{Catalogue, CommitBatch, Meta, Millis, Need, Note, ObjectIx, Record, RecordId, Space};
use routing::RoutingState;

use crate::access::Directory;
use crate::applied::Applied;
use crate::changes::{After, Changes};
use crate::columns::Columns;
use crate::configuration::Configured;
use crate::known::Known;
use crate::request::{Event, Reply, Submission};
use crate::resident::Resident;
use crate::rows::RowCache;
use crate::shape::Shapes;
use crate::works::Flag;

/// The rows of a store do not make an org.
#[derive(Debug, thiserror::Error)]
#[error("the stored org cannot be opened: {0}")]
pub struct Corrupt(pub String);

impl Corrupt {
    pub(crate) fn missing(object: &str, field: &str) -> Self {
        Self(format!("the catalogue has no {object} {field}"))
    }
}

/// Rows of one object that [`Engine::open`] wants; recycle bin excluded.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// Which object.
    pub object: ObjectIx,
    /// Only rows in which this field has one of these values; all rows if `None`.
    pub only: Option<(model::FieldIx, Vec<model::Value>)>,
}

/// What [`Engine::open`] wants to be given.
#[derive(Clone, Debug, PartialEq)]
pub struct BootNeeds {
    /// Rows.
    pub scans: Vec<Scan>,
    /// Hidden rows, by whole spaces.
    pub spaces: Vec<Space>,
}

/// What a store has, as [`BootNeeds`] asked.
#[derive(Clone, Debug, Default)]
pub struct Boot {
    /// Rows in any order.
    pub records: Vec<Record>,
    /// Hidden rows in any order.
    pub notes: Vec<Note>,
    /// The last commit.
    pub meta: Meta,
}

/// One batch, decided.
#[derive(Debug, Default)]
pub struct Outcome {
    /// To be made durable first.
    pub commit: CommitBatch,
    /// Then the callers are answered, in the order of the batch.
    pub replies: Vec<Result<Reply, model::Refusal>>,
    /// Then consoles hear of it, in order.
    pub events: Vec<Event>,
    /// Rights or users changed: publish [`Engine::directory`] anew.
    pub directory_changed: bool,
}

/// How far [`Engine::run`] came.
#[derive(Debug)]
pub enum Step {
    /// Read these, add them to the cache and run the same batch again.
    Need(Vec<Need>),
    /// Done.
    Done(Outcome),
}

/// Rounds of reading for one operation before it is given up.
pub(crate) const ROUNDS_MAX: u8 = 4;

/// All live state of one org.
pub struct Engine {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) known: Known,
    pub(crate) shapes: Shapes,
    pub(crate) columns: Columns,
    pub(crate) resident: Resident,
    pub(crate) routing: RoutingState,
    pub(crate) configured: Configured,
    pub(crate) directory: Arc<Directory>,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) applied: Applied,
    /// Raised flags by AgentWork (R182); hidden rows in `Space::Other`.
    pub(crate) flags: BTreeMap<RecordId, Flag>,
    pub(crate) now: Millis,
    pub(crate) seq: u64,
    pub(crate) org: RecordId,
    pub(crate) system_user: RecordId,
    pub(crate) counters: Vec<u64>,
    pub(crate) batch: Batch,
}

/// The batch that is being run.
#[derive(Default)]
pub(crate) struct Batch {
    pub changes: Changes,
    pub notes: IndexMap<(Space, String), Option<String>, hashbrown::DefaultHashBuilder>,
    pub events: Vec<Event>,
    pub replies: Vec<Result<Reply, model::Refusal>>,
    /// Results of the operations of the current Save.
    pub results: Vec<Result<crate::Saved, model::Refusal>>,
    pub rounds: u8,
    pub is_running: bool,
    pub directory_changed: bool,
    /// Counters before the batch.
    pub counters: Vec<u64>,
}

impl Engine {
    /// What [`open`](Self::open) wants to read.
    ///
    /// # Errors
    /// [`Corrupt`] if the catalogue lacks an object that the engine works with.
    pub fn boot_needs(catalogue: &Catalogue) -> Result<BootNeeds, Corrupt> {
        let known = Known::of(catalogue)?;
        let shapes = Shapes::of(catalogue);
        let mut scans: Vec<Scan> = catalogue
            .each()
            .filter(|(ix, _)| shapes.get(*ix).is_resident)
            .map(|(object, _)| Scan { object, only: None })
            .collect();
        let texts = |values: &[&str]| values.iter().map(|v| model::Value::from(*v)).collect();
        scans.push(Scan {
            object: known.request.ix,
            only: None,
        });
        scans.push(Scan {
            object: known.requirement.ix,
            only: None,
        });
        scans.push(Scan {
            object: known.work.ix,
            only: Some((known.work.status, texts(&["Assigned", "Opened"]))),
        });
        scans.push(Scan {
            object: known.presence.ix,
            only: Some((known.presence.is_current, vec![model::Value::Bool(true)])),
        });
        let mut spaces = vec![Space::Counter, Space::Setting, Space::Applied, Space::Other];
        spaces.extend_from_slice(routing::NOTE_SPACES);
        Ok(BootNeeds { scans, spaces })
    }

    /// The engine of an org whose rows are these.
    ///
    /// # Errors
    /// [`Corrupt`] if the rows do not make an org.
    pub fn open(catalogue: Arc<Catalogue>, boot: Boot) -> Result<Self, Corrupt> {
        let known = Known::of(&catalogue)?;
        let shapes = Shapes::of(&catalogue);
        let columns = Columns::of(&catalogue, &known)?;
        let resident = Resident::new(&catalogue, &shapes);
        let mut engine = Self {
            counters: vec![0; catalogue.each().count()],
            known,
            shapes,
            columns,
            resident,
            routing: RoutingState::new(),
            configured: Configured::default(),
            directory: Arc::default(),
            settings: BTreeMap::new(),
            applied: Applied::default(),
            flags: BTreeMap::new(),
            now: boot.meta.now,
            seq: boot.meta.seq,
            org: RecordId::new(model::KeyPrefix::of("00D"), 0),
            system_user: RecordId::new(model::KeyPrefix::of("005"), 0),
            batch: Batch::default(),
            catalogue,
        };
        engine.restore(boot)?;
        Ok(engine)
    }

    fn restore(&mut self, boot: Boot) -> Result<(), Corrupt> {
        let mut restored = routing::Restored::default();
        for record in boot.records {
            if record.is_deleted {
                continue;
            }
            let object = record.object;
            if object == self.known.request.ix {
                restored.requests.push(self.columns.read_request(&record));
            } else if object == self.known.work.ix {
                restored.works.push(self.columns.read_work(&record));
            } else if object == self.known.presence.ix {
                restored.presences.push(self.columns.read_presence(&record));
            } else if object == self.known.requirement.ix {
                restored
                    .requirements
                    .push(self.columns.read_requirement(&record));
            } else {
                self.resident.put(record);
            }
        }
        for note in boot.notes {
            let Some(value) = note.value.clone() else {
                continue;
            };
            match note.space {
                Space::Counter => self.restore_counter(&note.key, &value)?,
                Space::Setting => drop(self.settings.insert(note.key, value)),
                Space::Applied => self.applied.restore(note.key, &value),
                Space::Other => self.restore_flag(&note.key, &value),
                _ => restored.notes.push(note),
            }
        }
        self.applied.restored();
        self.restore_people()?;
        let live: BTreeSet<RecordId> = restored.requests.iter().map(|r| r.id).collect();
        restored.requirements.retain(|r| live.contains(&r.related));
        self.configure_all();
        self.routing.restore(restored, self.now);
        Ok(())
    }

    fn restore_counter(&mut self, key: &str, value: &str) -> Result<(), Corrupt> {
        let object = self.catalogue.object(key);
        let (Some(object), Ok(number)) = (object, value.parse()) else {
            return Err(Corrupt(format!("counter {key} is {value}")));
        };
        self.counters[usize::from(object.0)] = number;
        Ok(())
    }

    fn restore_people(&mut self) -> Result<(), Corrupt> {
        let org = self
            .resident
            .table(self.known.organization.ix)
            .keys()
            .next();
        self.org = *org.ok_or_else(|| Corrupt("there is no Organization row".into()))?;
        let system = self
            .resident
            .table(self.known.user.ix)
            .values()
            .find(|u| u.get(self.known.user.user_type).as_text() == Some("AutomatedProcess"));
        if let Some(user) = system {
            self.system_user = user.id;
        }
        Ok(())
    }

    /// The catalogue of the org.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Id of the Organization.
    pub fn org(&self) -> RecordId {
        self.org
    }

    /// The user in whose name timers and routing write.
    pub fn system_user(&self) -> RecordId {
        self.system_user
    }

    /// Time of the last batch.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Number of the last batch.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Users and rights as of now; the same `Arc` until they change.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.clone()
    }

    /// When the next batch must run even without a command.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.routing.next_deadline()
    }

    /// The state of a row as the batch so far left it; `None` if it must be read.
    pub(crate) fn current<'a>(
        &'a self,
        rows: &'a RowCache,
        object: ObjectIx,
        id: RecordId,
    ) -> Option<Option<Cow<'a, Record>>> {
        if self.shapes.get(object).is_resident {
            return Some(self.resident.get(object, id).map(Cow::Borrowed));
        }
        match self.batch.changes.after(object, id) {
            After::Is(record) => Some(Some(Cow::Borrowed(record))),
            After::Gone => Some(None),
            After::Same => rows.row(object, id).map(|row| row.map(Cow::Borrowed)),
            After::Patched(sets, deleted) => rows.row(object, id).map(|row| {
                row.map(|record| {
                    let mut record = record.clone();
                    record.apply(sets);
                    record.is_deleted = deleted.unwrap_or(record.is_deleted);
                    Cow::Owned(record)
                })
            }),
        }
    }

    /// Rows of an object that the batch so far made or patched; none for configuration.
    pub(crate) fn batch_touched(&self, object: ObjectIx) -> Vec<RecordId> {
        if self.shapes.get(object).is_resident {
            return Vec::new();
        }
        self.batch.changes.touched(object).collect()
    }

    pub(crate) fn current_note(
        &self,
        rows: &RowCache,
        space: Space,
        key: &str,
    ) -> Option<Option<String>> {
        match self.batch.notes.get(&(space, key.to_owned())) {
            Some(value) => Some(value.clone()),
            None => rows.note(space, key).map(|v| v.map(str::to_owned)),
        }
    }

    pub(crate) fn put_note(&mut self, note: Note) {
        self.batch.notes.insert((note.space, note.key), note.value);
    }

    pub(crate) fn last_number(&self, object: ObjectIx) -> u64 {
        self.counters[usize::from(object.0)]
    }

    /// A row with id, automatic name, defaults and system fields.
    pub(crate) fn blank(&self, object: ObjectIx, number: u64, user: RecordId) -> Record {
        let shape = self.shapes.get(object);
        let prefix = shape.prefix.unwrap_or(model::KeyPrefix::of("000"));
        let mut row = Record::new(object, RecordId::new(prefix, number));
        for (field, value) in &shape.defaults {
            row.set(*field, value.clone());
        }
        if let Some(field) = shape.auto_number {
            row.set(field, model::Value::from(format!("{number:08}")));
        }
        for field in [shape.created, shape.modified, shape.modstamp]
            .into_iter()
            .flatten()
        {
            row.set(field, self.now.into());
        }
        for field in [shape.created_by, shape.modified_by].into_iter().flatten() {
            row.set(field, user.into());
        }
        row
    }

    /// Who changed the row last, and when.
    pub(crate) fn stamp(&self, row: &mut Record, user: RecordId) {
        for (field, value) in self.stamps(row.object, user) {
            row.set(field, value);
        }
    }

    pub(crate) fn stamps(
        &self,
        object: ObjectIx,
        user: RecordId,
    ) -> impl Iterator<Item = (model::FieldIx, model::Value)> {
        let shape = self.shapes.get(object);
        let now = self.now;
        [
            shape.modified.map(|f| (f, now.into())),
            shape.modified_by.map(|f| (f, user.into())),
            shape.modstamp.map(|f| (f, now.into())),
        ]
        .into_iter()
        .flatten()
    }

    /// Everything that counts, as text lines in a fixed order: two engines are equal if these are.
    pub fn fingerprint(&self) -> Vec<String> {
        let mut lines = vec![format!("seq {} now {}", self.seq, self.now.0)];
        for (object, def) in self.catalogue.each() {
            let number = self.last_number(object);
            if number > 0 {
                lines.push(format!("counter {} {number}", def.name));
            }
            for row in self.resident.table(object).values() {
                lines.push(format!("{} {} {:?}", def.name, row.id, row.values()));
            }
        }
        lines.extend(
            self.settings
                .iter()
                .map(|(k, v)| format!("setting {k} {v}")),
        );
        lines.extend(self.applied.fingerprint());
        lines.extend(
            self.flags
                .iter()
                .map(|(work, flag)| format!("flag {work} {flag:?}")),
        );
        lines.extend(self.configured.fingerprint());
        lines.extend(self.directory.fingerprint());
        lines.extend(self.routing.snapshot());
        lines
    }

    /// Runs a batch as far as the rows at hand allow. After [`Step::Need`] the same batch must be run
    /// again with more rows; what is done already is kept.
    pub fn run(&mut self, batch: &[Submission], rows: &RowCache, now: Millis) -> Step {
        if !self.batch.is_running {
            self.batch = Batch {
                is_running: true,
                counters: self.counters.clone(),
                ..Batch::default()
            };
            self.now = self.now.max(now);
            self.routing.start_batch(self.now);
        }
        while let Some(submission) = batch.get(self.batch.replies.len()) {
            match self.execute(submission, rows) {
                Ok(reply) => {
                    self.batch.replies.push(reply);
                    self.batch.rounds = 0;
                }
                Err(mut needs) => {
                    let rest = &batch[self.batch.replies.len() + 1..];
                    needs.extend(self.foresee(rest, rows));
                    return Step::Need(needs);
                }
            }
        }
        self.settle();
        Step::Done(self.finish())
    }

    /// Numbers that the batch used.
    fn note_counters(&mut self) {
        for (object, def) in self.catalogue.each() {
            let (old, new) = (
                self.batch.counters[usize::from(object.0)],
                self.last_number(object),
            );
            if old != new {
                let value = Some(new.to_string());
                self.batch
                    .notes
                    .insert((Space::Counter, def.name.clone()), value);
            }
        }
    }

    fn finish(&mut self) -> Outcome {
        self.seq += 1;
        self.note_counters();
        let batch = std::mem::take(&mut self.batch);
        Outcome {
            commit: CommitBatch {
                seq: self.seq,
                now: self.now,
                rows: batch.changes.into_rows(),
                notes: batch
                    .notes
                    .into_iter()
                    .map(|((space, key), value)| Note { space, key, value })
                    .collect(),
            },
            replies: batch.replies,
            events: batch.events,
            directory_changed: batch.directory_changed,
        }
    }
}
