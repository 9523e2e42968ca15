//! What the porch may ask of jobs. Who does not own a job and may not see all data is told that there is
//! none.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use engine::Caller;
use model::{Code, RecordId, Refusal};

use super::book::{Entry, Stored};
use super::extract;
use super::files::ResultFiles;
use super::job::{Batch, Event, Job, JobError, JobKind, JobState, Operation};
use crate::handle::OrgHandle;
use crate::usage::Used;

/// A job that a client wants.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct NewJob {
    pub kind: JobKind,
    pub operation: Operation,
    /// Of a 2.0 query it is found in the query.
    pub object: String,
    pub external_id: Option<String>,
    pub query: Option<String>,
    pub content_type: String,
    pub line_ending: String,
    pub column_delimiter: String,
    pub concurrency: String,
}

/// A job as it is now.
#[derive(Clone, Debug)]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// Its batches, oldest first; 2.0 jobs have at most one.
    pub batches: Vec<Batch>,
}

impl JobView {
    fn of(entry: &Entry) -> Self {
        Self {
            job: entry.job.clone(),
            batches: entry.batches.clone(),
        }
    }

    /// Rows that are through, failed ones among them.
    pub fn processed(&self) -> u64 {
        self.batches.iter().map(|b| b.processed).sum()
    }

    /// Rows that were refused.
    pub fn failed(&self) -> u64 {
        self.batches.iter().map(|b| b.failed).sum()
    }

    /// Milliseconds spent.
    pub fn active_ms(&self) -> u64 {
        self.batches.iter().map(|b| b.active_ms).sum()
    }

    /// The batch of this id.
    pub fn batch(&self, id: RecordId) -> Option<&Batch> {
        self.batches.iter().find(|b| b.id == id)
    }
}

/// Room for an upload. Dropped without [`OrgHandle::finish_upload`], nothing has happened.
pub struct Upload {
    org: OrgHandle,
    job: RecordId,
    path: PathBuf,
    /// For 1.0: what was posted, beside the rows that were made of it.
    request: Option<Vec<u8>>,
    is_done: bool,
}

/// The file of an upload.
pub type UploadFile = File;

impl Upload {
    /// The file to write, empty. Blocks.
    ///
    /// # Errors
    /// The disk's.
    pub fn create(&self) -> io::Result<UploadFile> {
        std::fs::create_dir_all(self.org.inner.jobs.folder())?;
        File::create(&self.path)
    }

    /// Keeps what was posted too.
    pub fn keep_request(&mut self, posted: Vec<u8>) {
        self.request = Some(posted);
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.is_done {
            let _ = std::fs::remove_file(&self.path); // perhaps never written
            self.org.inner.jobs.lock().uploads.remove(&self.job);
        }
    }
}

fn disk(error: &io::Error) -> JobError {
    tracing::error!(%error, "a file of a bulk job could not be written");
    JobError::Disk("The rows could not be stored".to_owned())
}

fn may_see(caller: &Caller, job: &Job) -> bool {
    job.created_by == caller.user
        || caller.rights.has("ModifyAllData")
        || caller.rights.has("ManageDataIntegrations")
}

/// Bulk jobs.
impl OrgHandle {
    /// Gives jobs the means to read and write rows; they run from then on.
    pub fn begin_jobs(&self, format: std::sync::Arc<dyn super::Format>) {
        self.inner.jobs.begin(format);
    }

    /// A new job, durable when this returns; a query is on its way then.
    ///
    /// # Errors
    /// Unknown object, wrong operation, a query that is refused, too many jobs.
    pub async fn create_job(&self, caller: &Caller, wish: NewJob) -> Result<JobView, JobError> {
        let wish = self.checked(caller, wish)?;
        let now = self.now();
        let (id, stored) = {
            let mut book = self.inner.jobs.lock();
            let make = |id| Job {
                id,
                kind: wish.kind,
                operation: wish.operation,
                object: wish.object,
                external_id: wish.external_id,
                query: wish.query,
                content_type: wish.content_type,
                line_ending: wish.line_ending,
                column_delimiter: wish.column_delimiter,
                concurrency: wish.concurrency,
                version: caller.version,
                created_by: caller.user,
                created: now,
                modified: now,
                state: if wish.kind == JobKind::Query {
                    JobState::UploadComplete
                } else {
                    JobState::Open
                },
                error: None,
            };
            let (job, mut notes) = book.add(make, now)?;
            if job.kind == JobKind::Query {
                self.count_use(Used::BulkQueries);
                let batch = book.next_batch();
                notes.extend(book.add_batch(job.id, batch, now)?.1);
            }
            (job.id, self.inner.store_notes(&book, notes))
        };
        stored.done().await?;
        self.inner.jobs.wake();
        self.job(caller, id)
    }

    fn checked(&self, caller: &Caller, mut wish: NewJob) -> Result<NewJob, JobError> {
        if wish.kind == JobKind::Query {
            let text = wish.query.as_deref().unwrap_or_default();
            let all = wish.operation == Operation::QueryAll;
            let plan = extract::plan(&self.inner, caller, text, all)?;
            wish.object = self.inner.catalogue.def(plan.scan.object).name.clone();
            return Ok(wish);
        }
        let unknown = || {
            JobError::Entity(format!(
                "Unknown object: {}",
                wish.object.chars().take(200).collect::<String>()
            ))
        };
        let (object, def) = self
            .inner
            .catalogue
            .find(&wish.object)
            .ok_or_else(unknown)?;
        if !caller.rights.can_describe(object) {
            return Err(unknown());
        }
        let rights = caller.rights.object(object);
        let needs = match wish.operation {
            Operation::Insert => [("create", rights.create)].as_slice().to_vec(),
            Operation::Update => vec![("update", rights.edit)],
            Operation::Upsert => vec![("create", rights.create), ("update", rights.edit)],
            Operation::Delete | Operation::HardDelete => vec![("delete", rights.delete)],
            Operation::Query | Operation::QueryAll => Vec::new(),
        };
        let word = wish.operation.as_str();
        if let Some((what, _)) = needs.iter().find(|(what, _)| !def.can(what)) {
            return Err(JobError::Operation(format!(
                "{} does not support {word}: it has no {what}",
                def.name
            )));
        }
        if needs.iter().any(|(_, may)| !may)
            || wish.operation == Operation::HardDelete && !caller.rights.has("BulkApiHardDelete")
        {
            let text = format!("The user may not {word} records of {}", def.name);
            return Err(Refusal::new(Code::InsufficientAccess, text).into());
        }
        if let (Operation::Upsert, name) =
            (wish.operation, wish.external_id.as_deref().unwrap_or("Id"))
        {
            let field = def.field(name).map(|ix| def.def(ix));
            let field = field
                .filter(|f| f.external_id || f.id_lookup || f.name == "Id")
                .ok_or_else(|| {
                    let name: String = name.chars().take(200).collect();
                    Refusal::new(
                        Code::InvalidField,
                        format!("{name} is no external id field of {}", def.name),
                    )
                })?;
            wish.external_id = Some(field.name.clone());
        }
        wish.object.clone_from(&def.name);
        Ok(wish)
    }

    /// A job of the caller.
    ///
    /// # Errors
    /// [`JobError::NotFound`].
    pub fn job(&self, caller: &Caller, id: RecordId) -> Result<JobView, JobError> {
        let mut book = self.inner.jobs.lock();
        let entry = book.entry(id)?;
        if may_see(caller, &entry.job) {
            Ok(JobView::of(entry))
        } else {
            Err(JobError::NotFound)
        }
    }

    /// Up to `max` jobs that the caller may see, oldest first, after the one of this id.
    pub fn jobs(&self, caller: &Caller, after: Option<RecordId>, max: usize) -> Vec<JobView> {
        let book = self.inner.jobs.lock();
        let entries = book
            .entries
            .values()
            .filter(|e| after.is_none_or(|a| e.job.id > a));
        entries
            .filter(|e| may_see(caller, &e.job))
            .take(max)
            .map(JobView::of)
            .collect()
    }

    /// Moves a job on, as a client may: complete, close, abort.
    ///
    /// # Errors
    /// [`JobError::State`] if it cannot happen now.
    pub async fn change_job(
        &self,
        caller: &Caller,
        id: RecordId,
        event: Event,
    ) -> Result<JobView, JobError> {
        self.job(caller, id)?;
        let stored = {
            let mut book = self.inner.jobs.lock();
            let is_uploading = book.uploads.contains(&id);
            let entry = book.entry(id)?;
            if event == Event::Complete && (is_uploading || entry.batches.is_empty()) {
                return Err(JobError::State(
                    "The job has no rows yet: upload them first".to_owned(),
                ));
            }
            let notes = entry.apply(event, self.now())?;
            self.inner.store_notes(&book, notes)
        };
        stored.done().await?;
        self.inner.jobs.wake();
        self.job(caller, id)
    }

    /// Forgets a job and its files.
    ///
    /// # Errors
    /// [`JobError::State`] while it is open or running.
    pub async fn delete_job(&self, caller: &Caller, id: RecordId) -> Result<(), JobError> {
        let view = self.job(caller, id)?;
        let state = view.job.state;
        let may_go = state.is_final()
            || view.job.kind == JobKind::Ingest && state == JobState::UploadComplete;
        if !may_go {
            return Err(JobError::State(format!(
                "A job that is {} cannot be deleted",
                state.as_str()
            )));
        }
        let (batches, stored) = {
            let mut book = self.inner.jobs.lock();
            let (batches, notes) = book.forget(id);
            (batches, self.inner.store_notes(&book, notes))
        };
        stored.done().await?;
        for batch in batches {
            let files = self.inner.jobs.files(batch);
            let removed = tokio::task::spawn_blocking(move || files.remove()).await;
            if !matches!(removed, Ok(Ok(()))) {
                tracing::warn!(%batch, "files of a deleted job stay until the next start");
            }
        }
        Ok(())
    }

    /// Room for the rows of a job: the one upload of 2.0, the next batch of 1.0.
    ///
    /// # Errors
    /// [`JobError::State`] if the job takes no rows now.
    pub fn begin_upload(&self, caller: &Caller, id: RecordId) -> Result<Upload, JobError> {
        let view = self.job(caller, id)?;
        let takes = view.job.state == JobState::Open
            && (view.job.kind == JobKind::Classic || view.batches.is_empty());
        let mut book = self.inner.jobs.lock();
        if !takes || view.job.kind != JobKind::Classic && !book.uploads.insert(id) {
            let text = format!(
                "The job is {} and takes no rows now",
                view.job.state.as_str()
            );
            return Err(JobError::State(text));
        }
        let unique = if view.job.kind == JobKind::Classic {
            book.next_batch()
        } else {
            id
        };
        drop(book);
        let path = self.inner.jobs.upload_path(unique);
        Ok(Upload {
            org: self.clone(),
            job: id,
            path,
            request: None,
            is_done: false,
        })
    }

    /// Makes a batch of an upload, durable when this returns.
    ///
    /// # Errors
    /// As for [`OrgHandle::begin_upload`], or the disk's.
    pub async fn finish_upload(&self, mut upload: Upload) -> Result<Batch, JobError> {
        let job = upload.job;
        let id = self.inner.jobs.lock().next_batch();
        let files = self.inner.jobs.files(id);
        let path = upload.path.clone();
        let request = upload.request.take();
        let at = files.clone();
        let moved = tokio::task::spawn_blocking(move || settle(&at, &path, request.as_deref()));
        moved
            .await
            .unwrap_or_else(|e| Err(io::Error::other(e)))
            .map_err(|e| disk(&e))?;
        upload.is_done = true;
        let added = self.add_batch(job, id);
        let (batch, stored) = match added {
            Ok(added) => added,
            Err(error) => {
                let _ = files.remove(); // nobody knows them
                return Err(error);
            }
        };
        stored.done().await?;
        self.inner.jobs.wake();
        Ok(batch)
    }

    fn add_batch(&self, job: RecordId, id: RecordId) -> Result<(Batch, Stored), JobError> {
        let mut book = self.inner.jobs.lock();
        book.uploads.remove(&job);
        let entry = book.entry(job)?;
        if entry.job.state != JobState::Open {
            return Err(JobError::State(format!(
                "The job is {} by now",
                entry.job.state.as_str()
            )));
        }
        let (batch, notes) = book.add_batch(job, id, self.now())?;
        self.count_use(Used::BulkBatches);
        Ok((batch, self.inner.store_notes(&book, notes)))
    }

    /// The files of a batch; give it an id that a [`JobView`] showed.
    pub fn job_files(&self, batch: RecordId) -> ResultFiles {
        self.inner.jobs.files(batch)
    }
}

/// Moves a whole upload into the folder of its batch.
fn settle(files: &ResultFiles, upload: &std::path::Path, request: Option<&[u8]>) -> io::Result<()> {
    files.create()?;
    File::open(upload)?.sync_all()?;
    std::fs::rename(upload, files.input())?;
    if let Some(posted) = request {
        std::fs::write(files.request(), posted)?;
        File::open(files.request())?.sync_all()?;
    }
    files.sync()
}
