//! A store in a room of its own, and short words for rows.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use model::{
    Catalogue, CommitBatch, Days, FieldIx, FieldType, Millis, Note, ObjectIx, Record, RecordId,
    RowChange, Space, Value,
};
use store::{CommitError, FaultPlan, SimStore, Store};
use tempfile::TempDir;

/// The back ends under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Simulated,
}

impl Backend {
    pub const ALL: [Backend; 2] = [Backend::Sqlite, Backend::Simulated];
}

/// Runs a test on every back end.
pub fn on_every_store(test: impl Fn(&mut Room)) {
    for backend in Backend::ALL {
        test(&mut Room::new(backend));
    }
}

/// The catalogue that ships.
pub fn catalogue() -> &'static Arc<Catalogue> {
    static ALL: OnceLock<Arc<Catalogue>> = OnceLock::new();
    ALL.get_or_init(|| Arc::new(Catalogue::standard().unwrap()))
}

/// A store and where it lives.
pub struct Room {
    store: Option<Store>,
    folder: TempDir,
    seq: u64,
    generation: u32,
}

impl Room {
    pub fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = match backend {
            Backend::Sqlite => None,
            Backend::Simulated => Some(Store::Simulated(SimStore::new(FaultPlan::none()))),
        };
        let mut room = Self {
            store,
            folder,
            seq: 0,
            generation: 0,
        };
        if backend == Backend::Sqlite {
            room.store = Some(Store::open_sqlite(&room.path(), catalogue()).unwrap());
        }
        room
    }

    pub fn path(&self) -> PathBuf {
        self.folder
            .path()
            .join(format!("org{}.db", self.generation))
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub fn store_mut(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    /// Closes and opens.
    pub fn reopen(&mut self) {
        self.store = Some(match self.store.take().unwrap() {
            Store::Simulated(store) => Store::Simulated(store.crash_and_reopen()),
            open @ Store::Sqlite(_) => {
                drop(open);
                Store::open_sqlite(&self.path(), catalogue()).unwrap()
            }
        });
        self.seq = self.store().meta().unwrap().seq;
    }

    /// What a power cut leaves: the files as they are at this moment, without those that live in memory.
    pub fn power_cut(&mut self) {
        if let Store::Sqlite(_) = self.store() {
            let old = self.path();
            self.generation += 1;
            let new = self.path();
            for ending in ["", "-wal"] {
                let from = format!("{}{ending}", old.display());
                if fs::exists(&from).unwrap() {
                    fs::copy(from, format!("{}{ending}", new.display())).unwrap();
                }
            }
        }
        self.reopen();
    }

    pub fn batch(&self, rows: Vec<RowChange>, notes: Vec<Note>) -> CommitBatch {
        CommitBatch {
            seq: self.seq + 1,
            now: Millis(1_000 * (self.seq as i64 + 1)),
            rows,
            notes,
        }
    }

    pub fn try_commit(&mut self, rows: Vec<RowChange>) -> Result<(), CommitError> {
        let batch = self.batch(rows, Vec::new());
        self.try_batch(&batch)
    }

    pub fn try_batch(&mut self, batch: &CommitBatch) -> Result<(), CommitError> {
        let done = self.store_mut().commit(batch);
        if done.is_ok() {
            self.seq = batch.seq;
        }
        done
    }

    pub fn commit(&mut self, rows: Vec<RowChange>) {
        self.try_commit(rows).unwrap();
    }

    pub fn commit_notes(&mut self, notes: Vec<Note>) {
        let batch = self.batch(Vec::new(), notes);
        self.try_batch(&batch).unwrap();
    }

    /// All rows of an object.
    pub fn all(&self, object: &str) -> Vec<Record> {
        self.store().scan(object_ix(object), None).unwrap()
    }
}

pub fn object_ix(object: &str) -> ObjectIx {
    catalogue().object(object).unwrap()
}

pub fn field_ix(object: &str, field: &str) -> FieldIx {
    let (_, def) = catalogue().find(object).unwrap();
    def.field(field)
        .unwrap_or_else(|| panic!("{object}.{field}"))
}

pub fn id(object: &str, n: u64) -> RecordId {
    RecordId::new(catalogue().find(object).unwrap().1.prefix(), n)
}

pub fn sets(object: &str, values: &[(&str, Value)]) -> Vec<(FieldIx, Value)> {
    let pair = |(name, value): &(&str, Value)| (field_ix(object, name), value.clone());
    values.iter().map(pair).collect()
}

pub fn record(object: &str, n: u64, values: &[(&str, Value)]) -> Record {
    let mut record = Record::new(object_ix(object), id(object, n));
    record.apply(&sets(object, values));
    record
}

pub fn insert(object: &str, n: u64, values: &[(&str, Value)]) -> RowChange {
    RowChange::Insert(record(object, n, values))
}

pub fn update(object: &str, n: u64, values: &[(&str, Value)]) -> RowChange {
    RowChange::Update {
        object: object_ix(object),
        id: id(object, n),
        sets: sets(object, values),
    }
}

pub fn set_deleted(object: &str, n: u64, deleted: bool) -> RowChange {
    RowChange::SetDeleted {
        object: object_ix(object),
        id: id(object, n),
        deleted,
        sets: sets(object, &[("SystemModstamp", Value::DateTime(Millis(5)))]),
    }
}

pub fn remove(object: &str, n: u64) -> RowChange {
    RowChange::Remove {
        object: object_ix(object),
        id: id(object, n),
    }
}

pub fn note(space: Space, key: &str, value: Option<&str>) -> Note {
    Note {
        space,
        key: key.to_owned(),
        value: value.map(str::to_owned),
    }
}

/// A value of the field's type, different for each `n`; `None` for fields without a column.
pub fn some_value(kind: FieldType, n: u64) -> Option<Value> {
    use FieldType as T;
    Some(match kind {
        T::Id | T::Reference => Value::Id(id("User", n)),
        T::Boolean => Value::Bool(n.is_multiple_of(2)),
        T::Int => Value::Int(n as i64 - 3),
        T::Double | T::Currency | T::Percent => Value::Double(n as f64 * 0.25 - 1.0),
        T::Date => Value::Date(Days(n as i32 - 40_000)),
        T::Datetime => Value::DateTime(Millis(n as i64 * 1_000_003 - 7)),
        T::Time => Value::Time((n % 86_400_000) as i32),
        kind if kind.is_text() => Value::from(format!("Grüße Ω {n} 'x\" \u{1F600}")),
        _ => return None,
    })
}
