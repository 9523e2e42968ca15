//! The simulated store: rows in memory, and faults on demand.
//!
//! Deterministic: the caller's seed (or its list of faults) decides everything. What a commit stored
//! survives [`SimStore::crash_and_reopen`], as with a disk; a handle that crashed, and one that is older
//! than the last opening, cannot be used any more.

mod fault;

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::eval::Rows;
use lang::plan::{QueryPlan, Shape};
use model::{
    Answer, Catalogue, CommitBatch, Found, KeyPrefix, Meta, Need, ObjectIx, Record, RecordId,
    RowChange, Space,
};
use parking_lot::Mutex;

use crate::same::{is_among, same};
use crate::{Among, CommitError, QueryError, ReadError};

pub use fault::{Fault, FaultPlan};

/// Everything that is stored. Cheap to clone; equal if the rows, notes and numbers are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The rows.
    pub rows: Arc<BTreeMap<(ObjectIx, RecordId), Arc<Record>>>,
    /// The notes.
    pub notes: Arc<BTreeMap<(Space, String), String>>,
    /// The last commit.
    pub meta: Meta,
}

/// What lies behind all handles.
#[derive(Default)]
struct Disk {
    contents: Contents,
    epoch: u64,
}

/// A handle that may write.
pub struct SimStore {
    disk: Arc<Mutex<Disk>>,
    epoch: u64,
    faults: Mutex<FaultPlan>,
    /// A crash or a failed commit: open again.
    is_closed: Mutex<bool>,
}

impl SimStore {
    /// An empty store.
    pub fn new(faults: FaultPlan) -> Self {
        Self::over(Arc::default(), faults)
    }

    /// A store that holds this already.
    pub fn with(contents: Contents, faults: FaultPlan) -> Self {
        let disk = Disk { contents, epoch: 0 };
        Self::over(Arc::new(Mutex::new(disk)), faults)
    }

    fn over(disk: Arc<Mutex<Disk>>, faults: FaultPlan) -> Self {
        let epoch = {
            let mut disk = disk.lock();
            disk.epoch += 1;
            disk.epoch
        };
        Self {
            disk,
            epoch,
            faults: Mutex::new(faults),
            is_closed: Mutex::new(false),
        }
    }

    /// As after a power cut: a new handle on what was committed; all others are fenced off.
    #[must_use]
    pub fn crash_and_reopen(&self) -> Self {
        *self.is_closed.lock() = true;
        Self::over(self.disk.clone(), self.faults.lock().clone())
    }

    /// What is stored now.
    pub fn contents(&self) -> Contents {
        self.disk.lock().contents.clone()
    }

    /// Exchanges the fault plan.
    pub fn set_faults(&self, faults: FaultPlan) {
        *self.faults.lock() = faults;
    }

    /// The next operation that can suffer this fault does.
    pub fn inject(&self, fault: Fault) {
        self.faults.lock().force(fault);
    }

    /// True after a crash or a failed commit: only [`SimStore::crash_and_reopen`] helps.
    pub fn is_closed(&self) -> bool {
        *self.is_closed.lock()
    }

    fn open(&self) -> Result<(), ReadError> {
        if self.is_closed() {
            return Err(ReadError::Failed(
                "the store must be opened again".to_owned(),
            ));
        }
        Ok(())
    }

    pub(crate) fn meta(&self) -> Result<Meta, ReadError> {
        self.open()?;
        Ok(self.disk.lock().contents.meta)
    }

    pub(crate) fn notes(&self, space: Space) -> Result<Vec<(String, String)>, ReadError> {
        self.open()?;
        Ok(self.contents().notes_of(space))
    }

    pub(crate) fn visit(
        &self,
        object: ObjectIx,
        among: Option<Among>,
        see: &mut dyn FnMut(Record),
    ) -> Result<(), ReadError> {
        self.open()?;
        let contents = self.contents();
        let passing = contents.of(object).filter(|r| is_among(r, among.as_ref()));
        passing.for_each(|record| see(Record::clone(record)));
        Ok(())
    }

    pub(crate) fn load(&self, needs: &[Need]) -> Result<Vec<Found>, ReadError> {
        self.open()?;
        if self.faults.lock().on_read() {
            return Err(ReadError::Failed("simulated".to_owned()));
        }
        let contents = self.contents();
        needs.iter().map(|need| contents.need(need)).collect()
    }

    pub(crate) fn commit(&mut self, batch: &CommitBatch) -> Result<(), CommitError> {
        if self.is_closed() {
            return Err(CommitError::Failed(
                "the store must be opened again".to_owned(),
            ));
        }
        let fault = self.faults.lock().on_commit();
        let done = self.commit_under(batch, fault);
        if done.is_err() {
            *self.is_closed.lock() = true;
        }
        done
    }

    fn commit_under(&self, batch: &CommitBatch, fault: Option<Fault>) -> Result<(), CommitError> {
        let simulated = || "simulated".to_owned();
        match fault {
            Some(Fault::Refused) => return Err(CommitError::Failed(simulated())),
            Some(Fault::CrashBefore) => return Err(CommitError::Unknown(simulated())),
            Some(Fault::CrashAfter | Fault::ReadFailed) | None => {}
        }
        let mut disk = self.disk.lock();
        if disk.epoch != self.epoch {
            let (ours, found) = (self.epoch, disk.epoch);
            return Err(CommitError::Fenced { ours, found });
        }
        disk.contents.apply(batch)?;
        match fault {
            Some(Fault::CrashAfter) => Err(CommitError::Unknown(simulated())),
            _ => Ok(()),
        }
    }

    pub(crate) fn reader(&self) -> SimReader {
        SimReader {
            disk: self.disk.clone(),
        }
    }
}

/// Reads the same memory; sees each commit at once.
#[derive(Clone)]
pub struct SimReader {
    disk: Arc<Mutex<Disk>>,
}

impl SimReader {
    pub(crate) fn get(&self, object: ObjectIx, id: RecordId) -> Result<Option<Record>, ReadError> {
        Ok(self.contents().copy_of(object, id))
    }

    pub(crate) fn query(
        &self,
        plan: &QueryPlan,
        catalogue: &Catalogue,
    ) -> Result<Answer, QueryError> {
        // The evaluator refuses one thing only: more groups than the plan allows.
        lang::eval::run(plan, catalogue, &self.contents()).map_err(|_| match &plan.shape {
            Shape::Groups(groups) => QueryError::TooManyRows(groups.groups_max),
            Shape::Rows | Shape::Count => QueryError::TooManyRows(0),
        })
    }

    /// What is stored now.
    pub fn contents(&self) -> Contents {
        self.disk.lock().contents.clone()
    }
}

impl Rows for Contents {
    fn row(&self, object: ObjectIx, id: RecordId) -> Option<&Record> {
        self.rows.get(&(object, id)).map(Arc::as_ref)
    }

    fn all(&self, object: ObjectIx) -> Box<dyn Iterator<Item = &Record> + '_> {
        Box::new(self.of(object).map(Arc::as_ref))
    }
}

impl Contents {
    /// The rows of an object, by id.
    pub fn of(&self, object: ObjectIx) -> impl Iterator<Item = &Arc<Record>> {
        self.rows
            .range((object, lowest())..)
            .take_while(move |((of, _), _)| *of == object)
            .map(|(_, record)| record)
    }

    fn copy_of(&self, object: ObjectIx, id: RecordId) -> Option<Record> {
        self.rows.get(&(object, id)).map(|r| Record::clone(r))
    }

    fn notes_of(&self, space: Space) -> Vec<(String, String)> {
        self.notes
            .range((space, String::new())..)
            .take_while(|((of, _), _)| *of == space)
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect()
    }

    fn need(&self, need: &Need) -> Result<Found, ReadError> {
        Ok(match need {
            Need::Row(object, id) => Found::Row(self.copy_of(*object, *id)),
            Need::Match(object, field, value) => {
                let fits = |r: &&Arc<Record>| !r.is_deleted && same(r.get(*field), value);
                let found = self.of(*object).filter(fits).take(Need::MATCH_MAX);
                Found::Match(found.map(|r| Record::clone(r)).collect())
            }
            Need::Note(space, key) => Found::Note(self.notes.get(&(*space, key.clone())).cloned()),
        })
    }

    /// Stores a batch.
    ///
    /// # Errors
    /// [`CommitError`] as a store answers it; nothing has changed then.
    pub fn apply(&mut self, batch: &CommitBatch) -> Result<(), CommitError> {
        if self.meta.seq.checked_add(1) != Some(batch.seq) {
            let (last, got) = (self.meta.seq, batch.seq);
            return Err(CommitError::WrongSeq { last, got });
        }
        // At most one change per row, so each can be checked for itself, before the first write.
        for change in &batch.rows {
            self.fits(change)?;
        }
        let rows = Arc::make_mut(&mut self.rows);
        for change in &batch.rows {
            write(rows, change);
        }
        let notes = Arc::make_mut(&mut self.notes);
        for note in &batch.notes {
            let key = (note.space, note.key.clone());
            match &note.value {
                Some(value) => drop(notes.insert(key, value.clone())),
                None => drop(notes.remove(&key)),
            }
        }
        self.meta = Meta {
            seq: batch.seq,
            now: batch.now,
        };
        Ok(())
    }

    fn fits(&self, change: &RowChange) -> Result<(), CommitError> {
        let key = change.key();
        let (object, id) = (format!("{:?}", key.0), key.1);
        match (change, self.rows.contains_key(&key)) {
            (RowChange::Insert(_), true) => Err(CommitError::RowExists { object, id }),
            (RowChange::Update { .. } | RowChange::SetDeleted { .. }, false) => {
                Err(CommitError::NoSuchRow { object, id })
            }
            (RowChange::Insert(_) | RowChange::Remove { .. }, _)
            | (RowChange::Update { .. } | RowChange::SetDeleted { .. }, true) => Ok(()),
        }
    }
}

/// Before every id.
fn lowest() -> RecordId {
    RecordId::new(KeyPrefix::of("000"), 0)
}

type RowMap = BTreeMap<(ObjectIx, RecordId), Arc<Record>>;

fn write(rows: &mut RowMap, change: &RowChange) {
    let key = change.key();
    match change {
        RowChange::Insert(record) => drop(rows.insert(key, Arc::new(record.clone()))),
        RowChange::Update { sets, .. } => {
            if let Some(record) = rows.get_mut(&key) {
                Arc::make_mut(record).apply(sets);
            }
        }
        RowChange::SetDeleted { deleted, sets, .. } => {
            if let Some(record) = rows.get_mut(&key) {
                let record = Arc::make_mut(record);
                record.is_deleted = *deleted;
                record.apply(sets);
            }
        }
        RowChange::Remove { .. } => drop(rows.remove(&key)),
    }
}
