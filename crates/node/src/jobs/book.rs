//! All jobs of an org in memory, each change mirrored in hidden notes.
//!
//! Invariant: notes are handed to the writer under the lock and in the lane that keeps their order, so the
//! stored state is never newer than the one in memory and never goes back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use engine::{Request, Submission, chunk_key, chunk_results};
use model::{KeyPrefix, Millis, Note, RecordId, Refusal, Space};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::files::{OutcomeWriter, ResultFiles};
use super::format::Format;
use super::job::{Batch, BatchState, Event, Job, JobError, JobState};
use crate::handle::unavailable;
use crate::inbox::{Answer, Lane};
use crate::org::OrgInner;

/// Jobs that an org keeps.
const JOBS_MAX: usize = 10_000;
/// Batches of all these jobs.
const BATCHES_MAX: usize = 50_000;
/// Rows that an org may load or read in 24 hours.
const ROWS_PER_DAY_MAX: u64 = 100_000_000;
/// A job is forgotten so long after its last change.
const KEEP_S: i64 = 7 * 86_400;
const DAY_S: i64 = 86_400;
/// Key of the note with the last numbers.
const LAST: &str = "last";

/// A job with its batches.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub job: Job,
    pub batches: Vec<Batch>,
}

#[derive(Default)]
pub(crate) struct Book {
    pub entries: BTreeMap<RecordId, Entry>,
    /// Jobs that are being uploaded.
    pub uploads: BTreeSet<RecordId>,
    last_job: u64,
    last_batch: u64,
}

/// A change that is on its way to the store.
#[must_use]
pub(crate) struct Stored(Result<oneshot::Receiver<Answer>, Refusal>);

impl Stored {
    pub async fn done(self) -> Result<(), JobError> {
        let answer = self.0?.await.unwrap_or_else(|_| Err(unavailable()));
        Ok(answer.map(drop)?)
    }

    pub fn wait(self) -> Result<(), Refusal> {
        self.0?
            .blocking_recv()
            .unwrap_or_else(|_| Err(unavailable()))
            .map(drop)
    }
}

/// The jobs of one org.
pub(crate) struct Jobs {
    folder: PathBuf,
    book: Mutex<Book>,
    pub format: OnceLock<Arc<dyn Format>>,
    runner: OnceLock<std::thread::Thread>,
}

fn json<T: serde::Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

fn note(key: String, value: Option<String>) -> Note {
    Note {
        space: Space::Job,
        key,
        value,
    }
}

/// The note of a job.
pub(crate) fn of_job(job: &Job) -> Note {
    note(job.id.as_15().to_owned(), json(job))
}

/// The note of a batch.
pub(crate) fn of_batch(batch: &Batch) -> Note {
    note(batch.id.as_15().to_owned(), json(batch))
}

/// Says that a batch needs no chunk note any more.
pub(crate) fn without_chunk(batch: RecordId) -> Note {
    note(chunk_key(batch), None)
}

impl Jobs {
    /// The jobs that notes tell of. Files that belong to none of them are removed.
    pub fn open(folder: PathBuf, notes: &[(String, String)]) -> Self {
        let mut book = Book::read(notes);
        remove_strangers(&folder, &book);
        notes.iter().for_each(|note| book.catch_up(&folder, note));
        Self {
            folder,
            book: Mutex::new(book),
            format: OnceLock::new(),
            runner: OnceLock::new(),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock()
    }

    pub fn files(&self, batch: RecordId) -> ResultFiles {
        ResultFiles::new(self.folder.join(batch.as_15()))
    }

    /// Where an upload goes until it is whole.
    pub fn upload_path(&self, job: RecordId) -> PathBuf {
        self.folder.join(format!("upload-{}", job.as_15()))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets the runner begin.
    pub fn begin(&self, format: Arc<dyn Format>) {
        let _ = self.format.set(format); // the first one stays
        self.wake();
    }

    pub fn is_run_by(&self, runner: std::thread::Thread) {
        let _ = self.runner.set(runner); // one thread per org
    }

    /// Tells the runner that there is something to do.
    pub fn wake(&self) {
        if let Some(runner) = self.runner.get() {
            runner.unpark();
        }
    }
}

/// Removes folders and half uploads that no job knows.
fn remove_strangers(folder: &Path, book: &Book) {
    let known: BTreeSet<String> = book
        .entries
        .values()
        .flat_map(|e| e.batches.iter().map(|b| b.id.as_15().to_owned()))
        .collect();
    let Ok(found) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in found.flatten() {
        let is_known = entry
            .file_name()
            .to_str()
            .is_some_and(|name| known.contains(name));
        if !is_known {
            let path = entry.path();
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            if let Err(error) = removed {
                tracing::warn!(%error, path = %path.display(), "a file of a forgotten job stays");
            }
        }
    }
}

impl Book {
    fn read(notes: &[(String, String)]) -> Self {
        let mut book = Self::default();
        let mut batches = Vec::new();
        for (key, value) in notes {
            if key == LAST {
                let mut numbers = value.split(' ').map(|n| n.parse().unwrap_or(0));
                book.last_job = numbers.next().unwrap_or(0);
                book.last_batch = numbers.next().unwrap_or(0);
            } else if key.starts_with("750") {
                match serde_json::from_str::<Job>(value) {
                    Ok(job) => drop(book.entries.insert(
                        job.id,
                        Entry {
                            job,
                            batches: Vec::new(),
                        },
                    )),
                    Err(error) => tracing::error!(%error, key, "a stored job cannot be read"),
                }
            } else if key.starts_with("751") {
                match serde_json::from_str::<Batch>(value) {
                    Ok(batch) => batches.push(batch),
                    Err(error) => tracing::error!(%error, key, "a stored batch cannot be read"),
                }
            }
        }
        batches.sort_by_key(|batch| batch.id);
        for batch in batches {
            if let Some(entry) = book.entries.get_mut(&batch.job) {
                entry.batches.push(batch);
            }
        }
        book
    }

    /// A chunk that was committed just before a crash: its results belong into the file, also if the job
    /// was aborted meanwhile and nobody hands the chunk in again.
    fn catch_up(&mut self, folder: &Path, (key, value): &(String, String)) {
        let id = key
            .strip_prefix("chunk ")
            .and_then(|id| RecordId::parse(id).ok());
        let (Some(id), Some((number, results))) = (id, chunk_results(value)) else {
            return;
        };
        let mut batches = self.entries.values_mut().flat_map(|e| &mut e.batches);
        let Some(batch) = batches.find(|b| b.id == id) else {
            return;
        };
        let files = ResultFiles::new(folder.join(id.as_15()));
        let caught = OutcomeWriter::open(&files.outcomes()).and_then(|mut writer| {
            if writer.survey().chunk + 1 == number {
                writer.append(number, &results)?;
            }
            Ok(writer.survey())
        });
        match caught {
            Ok(at) => (batch.processed, batch.failed) = (at.rows, at.failed),
            Err(error) => {
                tracing::error!(%error, batch = %id, "results of a bulk job are not complete")
            }
        }
    }

    fn last(&self) -> Note {
        note(
            LAST.to_owned(),
            Some(format!("{} {}", self.last_job, self.last_batch)),
        )
    }

    pub fn entry(&mut self, job: RecordId) -> Result<&mut Entry, JobError> {
        self.entries.get_mut(&job).ok_or(JobError::NotFound)
    }

    /// Rows that were worked on within a day.
    fn rows_of_day(&self, now: Millis) -> u64 {
        let since = now.plus_s(-DAY_S);
        let batches = self.entries.values().flat_map(|e| &e.batches);
        batches
            .filter(|b| b.modified >= since)
            .map(|b| b.processed)
            .sum()
    }

    /// Adds a job under a new id.
    pub fn add(
        &mut self,
        make: impl FnOnce(RecordId) -> Job,
        now: Millis,
    ) -> Result<(Job, Vec<Note>), JobError> {
        if self.entries.len() >= JOBS_MAX {
            return Err(JobError::Quota(format!(
                "An org keeps at most {JOBS_MAX} jobs of seven days"
            )));
        }
        if self.rows_of_day(now) >= ROWS_PER_DAY_MAX {
            return Err(JobError::Quota(format!(
                "More than {ROWS_PER_DAY_MAX} rows in 24 hours"
            )));
        }
        self.last_job += 1;
        let job = make(RecordId::new(KeyPrefix::of("750"), self.last_job));
        self.entries.insert(
            job.id,
            Entry {
                job: job.clone(),
                batches: Vec::new(),
            },
        );
        let notes = vec![of_job(&job), self.last()];
        Ok((job, notes))
    }

    /// Adds a batch to a job.
    pub fn add_batch(
        &mut self,
        job: RecordId,
        id: RecordId,
        now: Millis,
    ) -> Result<(Batch, Vec<Note>), JobError> {
        let count: usize = self.entries.values().map(|e| e.batches.len()).sum();
        if count >= BATCHES_MAX {
            let message = format!("An org keeps at most {BATCHES_MAX} batches of seven days");
            return Err(JobError::Quota(message));
        }
        let batch = Batch {
            id,
            job,
            state: BatchState::Queued,
            message: None,
            created: now,
            modified: now,
            processed: 0,
            failed: 0,
            active_ms: 0,
        };
        self.entry(job)?.batches.push(batch.clone());
        let notes = vec![of_batch(&batch), self.last()];
        Ok((batch, notes))
    }

    /// A batch id that nobody has.
    pub fn next_batch(&mut self) -> RecordId {
        self.last_batch += 1;
        RecordId::new(KeyPrefix::of("751"), self.last_batch)
    }

    /// Jobs of which nobody has heard for so long that nobody will ask; never one with rows to load.
    pub fn outdated(&self, now: Millis) -> Vec<RecordId> {
        let is_old = |e: &&Entry| {
            let is_due = e.is_running() && e.batches.iter().any(|b| b.state.is_waiting());
            let is_used = is_due || self.uploads.contains(&e.job.id);
            e.job.modified.plus_s(KEEP_S) < now && !is_used
        };
        let old = self.entries.values().filter(is_old);
        old.map(|e| e.job.id).collect()
    }

    /// Forgets a job: its batches, whose files go, and the notes that go.
    pub fn forget(&mut self, job: RecordId) -> (Vec<RecordId>, Vec<Note>) {
        let Some(entry) = self.entries.remove(&job) else {
            return Default::default();
        };
        let batches: Vec<RecordId> = entry.batches.iter().map(|b| b.id).collect();
        let gone = |id: &RecordId| [note(id.as_15().to_owned(), None), without_chunk(*id)];
        let mut notes: Vec<Note> = batches.iter().flat_map(gone).collect();
        notes.push(note(job.as_15().to_owned(), None));
        (batches, notes)
    }
}

impl Entry {
    /// Moves the job on.
    pub fn apply(&mut self, event: Event, now: Millis) -> Result<Vec<Note>, JobError> {
        let state = self.job.state;
        let refused = || {
            JobError::State(format!(
                "The job is {} and does not take this change",
                state.as_str()
            ))
        };
        let next = state.after(self.job.kind, event).ok_or_else(refused)?;
        if next != state {
            self.job.state = next;
            self.job.modified = now;
        }
        let mut notes = vec![of_job(&self.job)];
        if next == JobState::Aborted {
            for batch in self.batches.iter_mut().filter(|b| b.state.is_waiting()) {
                batch.state = BatchState::NotProcessed;
                batch.modified = now;
                notes.push(of_batch(batch));
            }
        }
        Ok(notes)
    }

    /// True if batches of this job may run.
    pub fn is_running(&self) -> bool {
        use super::job::JobKind as K;
        match (self.job.kind, self.job.state) {
            (K::Ingest | K::Query, JobState::UploadComplete | JobState::InProgress) => true,
            (K::Classic, JobState::Open | JobState::Closed) => true,
            (K::Ingest | K::Query, JobState::Open | JobState::Closed) => false,
            (K::Classic, JobState::UploadComplete | JobState::InProgress) => false,
            (_, JobState::JobComplete | JobState::Aborted | JobState::Failed) => false,
        }
    }

    pub fn batch(&mut self, id: RecordId) -> Option<&mut Batch> {
        self.batches.iter_mut().find(|b| b.id == id)
    }
}

impl OrgInner {
    /// Sends notes to the store; called with the book locked, so that their order is that of the changes.
    pub(crate) fn store_notes(&self, _book: &Book, notes: Vec<Note>) -> Stored {
        let Some(caller) = self.caller_of(self.system_user) else {
            return Stored(Err(unavailable()));
        };
        let submission = Submission {
            caller,
            command_id: None,
            request: Request::Notes(notes),
        };
        Stored(self.inbox.push(Lane::Interactive, submission))
    }
}
