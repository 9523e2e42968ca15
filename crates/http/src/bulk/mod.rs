//! The Bulk APIs over HTTP (rest-api.md 8, 9). Jobs live in `node`, their texts in `wire`; here they meet.
//!
//! ```text
//! ingest    2.0: jobs that load
//! query     2.0: jobs that read
//! classic   1.0: jobs and their batches
//! text      rows as node asks for them
//! upload    a body into a file, in bounded memory
//! download  results out of files, in bounded memory
//! ```

pub mod classic;
mod download;
pub mod ingest;
pub mod query;
mod text;
mod upload;

pub use text::Text;

use axum::http::StatusCode;
use model::{Code, RecordId, Refusal};
use node::jobs::{Event, Job, JobError, JobKind, JobView};
use wire::bulk::job::{self, Detail, Info};

use crate::answer::{Answer, Fault, Outcome, kind};
use crate::call::Call;

/// Content type of CSV in 2.0.
const CSV: &str = "text/csv; charset=UTF-8";

/// The id of a path; what is no id is not found.
fn id_of(call: &Call, name: &str) -> Result<RecordId, JobError> {
    RecordId::parse(call.param(name)).map_err(|_| JobError::NotFound)
}

/// A job of the caller and of this kind.
fn view_of(call: &Call, kind: JobKind) -> Result<JobView, Problem> {
    let session = call.session()?;
    let view = session.org.job(&session.caller, id_of(call, "job")?)?;
    if view.job.kind == kind {
        Ok(view)
    } else {
        Err(JobError::NotFound.into())
    }
}

/// Why a request about jobs is refused.
enum Problem {
    Job(JobError),
    Other(Fault),
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Other(fault)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal.into())
    }
}

impl Problem {
    /// In the voice of 2.0.
    fn answer(self) -> Outcome {
        let error = match self {
            Self::Other(fault) => return Err(fault),
            Self::Job(error) => error,
        };
        let (code, message) = match error {
            JobError::NotFound => return Err(Fault::not_found()),
            JobError::Disk(message) => {
                let refusal = Refusal::new(Code::ServerUnavailable, message);
                return Err(refusal.into());
            }
            JobError::Refused(refusal) if refusal.code == Code::InvalidField => {
                ("INVALIDFIELD", refusal.message)
            }
            JobError::Refused(refusal) => return Err(refusal.into()),
            JobError::State(message) => ("INVALIDJOBSTATE", message),
            JobError::Entity(message) => ("INVALIDENTITY", message),
            JobError::Operation(message) => ("INVALIDOPERATION", message),
            JobError::Input(message) => ("CLIENTINPUTERROR", message),
            JobError::Quota(message) => ("EXCEEDEDQUOTA", message),
        };
        let mut out = Vec::new();
        job::error(&mut out, code, &message);
        Ok(Answer::of(StatusCode::BAD_REQUEST, kind::JSON, out))
    }
}

fn answered(result: Result<Answer, Problem>) -> Outcome {
    result.or_else(Problem::answer)
}

fn info(view: &JobView) -> Info<'_> {
    let Job {
        id,
        created_by,
        created,
        modified,
        version,
        ..
    } = view.job;
    let job = &view.job;
    Info {
        id,
        operation: job.operation.as_str(),
        object: &job.object,
        created_by,
        created,
        modified,
        state: job.state.as_str(),
        external_id: job.external_id.as_deref(),
        concurrency: &job.concurrency,
        content_type: &job.content_type,
        version,
        line_ending: &job.line_ending,
        column_delimiter: &job.column_delimiter,
        job_type: if job.kind == JobKind::Query {
            "V2Query"
        } else {
            "V2Ingest"
        },
        processed: view.processed(),
        failed: view.failed(),
        active_ms: view.active_ms(),
        error: job.error.as_deref(),
    }
}

fn show(view: &JobView, detail: Detail) -> Answer {
    let mut out = Vec::with_capacity(512);
    job::info(&mut out, &info(view), detail);
    Answer::json(out)
}

/// PATCH of both kinds: the state that the client wants.
async fn change(call: &Call, kind: JobKind) -> Result<Answer, Problem> {
    let view = view_of(call, kind)?;
    let wanted = job::wanted_state(&call.body)?;
    let event = match wanted.as_str() {
        "UploadComplete" if kind == JobKind::Ingest => Event::Complete,
        "Aborted" => Event::Abort,
        other => {
            let message = format!("A client cannot set the state {}", wire::json::clip(other));
            return Err(JobError::State(message).into());
        }
    };
    let session = call.session()?;
    let view = session
        .org
        .change_job(&session.caller, view.job.id, event)
        .await?;
    Ok(show(&view, Detail::Short))
}

async fn remove(call: &Call, kind: JobKind) -> Result<Answer, Problem> {
    let view = view_of(call, kind)?;
    let session = call.session()?;
    session.org.delete_job(&session.caller, view.job.id).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Jobs of a page of a list.
const LIST_MAX: usize = 1_000;

/// GET of a list: `?queryLocator` is the last job of the page before.
fn list(call: &Call, kind: JobKind, path: &str) -> Result<Answer, Problem> {
    let session = call.session()?;
    let form = call.query();
    let after = match form.filled("queryLocator") {
        Some(text) => Some(
            RecordId::parse(text)
                .map_err(|_| Refusal::new(Code::InvalidQueryLocator, "invalid query locator"))?,
        ),
        None => None,
    };
    let is_wanted = |view: &JobView| {
        let asked = form.filled("jobType");
        let fits = asked.is_none_or(|wanted| match view.job.kind {
            JobKind::Ingest => wanted.eq_ignore_ascii_case("V2Ingest"),
            JobKind::Query => wanted.eq_ignore_ascii_case("V2Query"),
            JobKind::Classic => wanted.eq_ignore_ascii_case("Classic"),
        });
        fits && view.job.kind == kind
    };
    let found = session.org.jobs(&session.caller, after, LIST_MAX + 1);
    let last = (found.len() > LIST_MAX)
        .then(|| found.get(LIST_MAX - 1).map(|view| view.job.id))
        .flatten();
    let next = last.map(|id| {
        format!(
            "/services/data/v{}.0/jobs/{path}?queryLocator={id}",
            call.version
        )
    });
    let shown: Vec<Info<'_>> = found
        .iter()
        .take(LIST_MAX)
        .filter(|view| is_wanted(view))
        .map(info)
        .collect();
    let mut out = Vec::new();
    job::list(&mut out, &shown, next.as_deref());
    Ok(Answer::json(out))
}
