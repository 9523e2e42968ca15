//! Bulk 1.0: jobs and their batches (rest-api.md 9). Content types are exact; errors are 400 with an
//! `exceptionCode`.

use axum::http::StatusCode;
use model::{Code, RecordId, Refusal};
use node::jobs::{
    Batch, BatchState, Event, JobError, JobKind, JobState, JobView, NewJob, Operation, ResultFiles,
};
use wire::bulk::batch;
use wire::bulk::classic::{self, Asked, BatchInfo, JobInfo};
use wire::bulk::results::Notation;
use wire::json::clip;
use wire::rest::entry;

use super::download::{self, kind_of};
use super::text;
use super::{Problem, id_of, upload, view_of};
use crate::answer::{self, Answer, Outcome};
use crate::call::{Call, text_of};

/// JSON if the request speaks JSON, else XML.
pub fn notation_of(headers: &axum::http::HeaderMap) -> Notation {
    let says_json = |name: &str| {
        text_of(headers, name).is_some_and(|t| t.to_ascii_lowercase().contains("json"))
    };
    if says_json("content-type") || says_json("accept") {
        Notation::Json
    } else {
        Notation::Xml
    }
}

/// The same for the porch.
pub fn notation(headers: &axum::http::HeaderMap) -> answer::Notation {
    match notation_of(headers) {
        Notation::Json => answer::Notation::Json,
        Notation::Csv | Notation::Xml => answer::Notation::Xml,
    }
}

/// Code of 1.0 for a refusal of the platform.
pub fn code_of(code: Code) -> &'static str {
    match code {
        Code::InvalidSessionId | Code::InvalidAuthHeader => "InvalidSessionId",
        Code::ApiDisabledForOrg | Code::FunctionalityNotEnabled => "FeatureNotEnabled",
        Code::RequestLimitExceeded | Code::LimitExceeded => "ExceededQuota",
        Code::UnsupportedApiVersion => "InvalidVersion",
        Code::UnknownException | Code::ServerUnavailable => "Unknown",
        Code::NotFound => "InvalidUrl",
        _ => "ClientInputError",
    }
}

impl Problem {
    /// In the voice of 1.0.
    fn classic(self, call: &Call) -> Outcome {
        let (code, message) = match self {
            Self::Other(fault) => return Err(fault),
            Self::Job(error) => match error {
                JobError::NotFound => ("InvalidJob", "Invalid job id".to_owned()),
                JobError::State(message) => ("InvalidJobState", message),
                JobError::Entity(message) => ("InvalidEntity", message),
                JobError::Operation(message) => ("InvalidOperation", message),
                JobError::Input(message) => ("InvalidBatch", message),
                JobError::Quota(message) => ("ExceededQuota", message),
                JobError::Disk(message) => {
                    return Err(Refusal::new(Code::ServerUnavailable, message).into());
                }
                JobError::Refused(refusal) => return Err(refusal.into()),
            },
        };
        let notation = notation_of(&call.parts.headers);
        let body = classic::error(notation, code, &message);
        Ok(Answer::of(StatusCode::BAD_REQUEST, kind_of(notation), body))
    }
}

fn answered(call: &Call, result: Result<Answer, Problem>) -> Outcome {
    result.or_else(|problem| problem.classic(call))
}

/// The caller with the version of the path.
fn caller_of(call: &Call) -> Result<engine::Caller, Problem> {
    let version = entry::served(call.param("async")).ok_or_else(|| {
        let message = format!("Api version {} is not served", clip(call.param("async")));
        Problem::from(Refusal::new(Code::UnsupportedApiVersion, message))
    })?;
    Ok(engine::Caller {
        version,
        ..call.session()?.caller.clone()
    })
}

fn job_info(view: &JobView) -> JobInfo<'_> {
    let count = |state| view.batches.iter().filter(|b| b.state == state).count() as u64;
    let job = &view.job;
    JobInfo {
        id: job.id,
        operation: job.operation.as_str(),
        object: &job.object,
        created_by: job.created_by,
        created: job.created,
        modified: job.modified,
        state: job.state.as_str(),
        external_id: job.external_id.as_deref(),
        concurrency: &job.concurrency,
        content_type: &job.content_type,
        version: job.version,
        batches: [
            count(BatchState::Queued),
            count(BatchState::InProgress),
            count(BatchState::Completed),
            count(BatchState::Failed),
        ],
        total: view.batches.len() as u64,
        processed: view.processed(),
        failed: view.failed(),
        active_ms: view.active_ms(),
    }
}

fn batch_info(batch: &Batch) -> BatchInfo<'_> {
    BatchInfo {
        id: batch.id,
        job: batch.job,
        state: batch.state.as_str(),
        message: batch.message.as_deref(),
        created: batch.created,
        modified: batch.modified,
        processed: batch.processed,
        failed: batch.failed,
        active_ms: batch.active_ms,
    }
}

fn show_job(call: &Call, status: StatusCode, view: &JobView) -> Answer {
    let notation = notation_of(&call.parts.headers);
    Answer::of(
        status,
        kind_of(notation),
        classic::job(notation, &job_info(view)),
    )
}

fn show_batch(call: &Call, status: StatusCode, batch: &Batch) -> Answer {
    let notation = notation_of(&call.parts.headers);
    Answer::of(
        status,
        kind_of(notation),
        classic::batch(notation, &batch_info(batch)),
    )
}

/// POST /job.
pub async fn create(call: Call) -> Outcome {
    let made = make(&call).await;
    answered(&call, made)
}

async fn make(call: &Call) -> Result<Answer, Problem> {
    let caller = caller_of(call)?;
    let asked = Asked::parse(&call.body)?;
    let word = asked.operation.unwrap_or_default();
    let operation = Operation::parse(&word);
    let operation = operation
        .ok_or_else(|| JobError::Operation(format!("Unknown operation: {}", clip(&word))))?;
    let content_type = asked
        .content_type
        .unwrap_or_else(|| "XML".to_owned())
        .to_ascii_uppercase();
    if !["CSV", "JSON", "XML"].contains(&content_type.as_str()) {
        return Err(
            JobError::Input(format!("Unknown contentType: {}", clip(&content_type))).into(),
        );
    }
    let wish = NewJob {
        kind: JobKind::Classic,
        operation,
        object: asked.object.unwrap_or_default(),
        external_id: asked.external_id,
        query: None,
        content_type,
        line_ending: "LF".to_owned(),
        column_delimiter: "COMMA".to_owned(),
        concurrency: asked
            .concurrency
            .map_or_else(|| "Parallel".to_owned(), |c| clip(&c).to_owned()),
    };
    let view = call.session()?.org.create_job(&caller, wish).await?;
    Ok(show_job(call, StatusCode::CREATED, &view))
}

/// POST /job/J: close or abort.
pub async fn update(call: Call) -> Outcome {
    let made = change(&call).await;
    answered(&call, made)
}

async fn change(call: &Call) -> Result<Answer, Problem> {
    let caller = caller_of(call)?;
    let view = view_of(call, JobKind::Classic)?;
    let asked = Asked::parse(&call.body)?;
    let event = match asked.state.as_deref() {
        Some("Closed") => Event::Close,
        Some("Aborted") => Event::Abort,
        other => {
            let message = format!(
                "A client cannot set the state {}",
                clip(other.unwrap_or("null"))
            );
            return Err(JobError::State(message).into());
        }
    };
    let view = call
        .session()?
        .org
        .change_job(&caller, view.job.id, event)
        .await?;
    Ok(show_job(call, StatusCode::OK, &view))
}

/// GET /job/J.
pub async fn get(call: Call) -> Outcome {
    let made = caller_of(&call).and_then(|_| view_of(&call, JobKind::Classic));
    answered(
        &call,
        made.map(|view| show_job(&call, StatusCode::OK, &view)),
    )
}

/// POST /job/J/batch.
pub async fn add_batch(call: Call) -> Outcome {
    let made = add(&call).await;
    answered(&call, made)
}

async fn add(call: &Call) -> Result<Answer, Problem> {
    let caller = caller_of(call)?;
    let view = view_of(call, JobKind::Classic)?;
    let org = &call.session()?.org;
    let mut room = org.begin_upload(&caller, view.job.id)?;
    let input = if view.job.operation.is_query() {
        call.body.to_vec()
    } else {
        let body = call.body.clone();
        let kind = text::notation(&view.job);
        let read = tokio::task::spawn_blocking(move || rows(kind, &body)).await;
        let read =
            read.unwrap_or_else(|_| Err("InvalidBatch : the rows cannot be read".to_owned()));
        let input = read.map_err(JobError::Input)?;
        if kind != Notation::Csv {
            room.keep_request(call.body.to_vec());
        }
        input
    };
    if view.job.state != JobState::Open {
        return Err(JobError::State("The job is not open".to_owned()).into());
    }
    let room = upload::write_all(room, input).await?;
    let batch = org.finish_upload(room).await?;
    Ok(show_batch(call, StatusCode::CREATED, &batch))
}

/// The rows of a batch as CSV.
fn rows(notation: Notation, body: &[u8]) -> Result<Vec<u8>, String> {
    match notation {
        Notation::Csv => batch::count_csv(body).map(|_| body.to_vec()),
        Notation::Json => batch::from_json(body),
        Notation::Xml => batch::from_xml(body),
    }
}

/// GET /job/J/batch.
pub async fn batches(call: Call) -> Outcome {
    let made = caller_of(&call).and_then(|_| view_of(&call, JobKind::Classic));
    let notation = notation_of(&call.parts.headers);
    let shown = made.map(|view| {
        let all: Vec<BatchInfo<'_>> = view.batches.iter().map(batch_info).collect();
        Answer::of(
            StatusCode::OK,
            kind_of(notation),
            classic::batches(notation, &all),
        )
    });
    answered(&call, shown)
}

/// A batch of the path, with its job.
fn batch_of(call: &Call) -> Result<(JobView, Batch), Problem> {
    caller_of(call)?;
    let view = view_of(call, JobKind::Classic)?;
    let unknown = || JobError::Input("Invalid batch id".to_owned());
    let id = id_of(call, "batch").map_err(|_| unknown())?;
    let batch = view.batch(id).cloned().ok_or_else(unknown)?;
    Ok((view, batch))
}

/// GET /job/J/batch/B.
pub async fn batch(call: Call) -> Outcome {
    let made = batch_of(&call).map(|(_, batch)| show_batch(&call, StatusCode::OK, &batch));
    answered(&call, made)
}

fn open(path: std::path::PathBuf) -> Result<std::fs::File, Problem> {
    std::fs::File::open(path).map_err(|error| download::unreadable(&error))
}

/// GET /job/J/batch/B/request.
pub async fn request(call: Call) -> Outcome {
    let made = batch_of(&call).and_then(|(view, batch)| {
        let files = call.session()?.org.job_files(batch.id);
        let is_own = !view.job.operation.is_query() && text::notation(&view.job) != Notation::Csv;
        let path = if is_own {
            files.request()
        } else {
            files.input()
        };
        let response = download::file(open(path)?, kind_of(text::notation(&view.job)));
        Ok(Answer::Raw(Box::new(response)))
    });
    answered(&call, made)
}

/// A batch that has results, and its files.
fn finished(call: &Call) -> Result<(JobView, Batch, ResultFiles), Problem> {
    let (view, batch) = batch_of(call)?;
    if batch.state != BatchState::Completed {
        let message = format!("The batch is {} and has no results", batch.state.as_str());
        return Err(JobError::Input(message).into());
    }
    let files = call.session()?.org.job_files(batch.id);
    Ok((view, batch, files))
}

/// GET /job/J/batch/B/result.
pub async fn result(call: Call) -> Outcome {
    let made = finished(&call).map(|(view, batch, files)| {
        if !view.job.operation.is_query() {
            return download::outcomes_of(&view.job, files);
        }
        // a list of ids has no form in CSV
        let notation = match text::notation(&view.job) {
            Notation::Json => Notation::Json,
            Notation::Csv | Notation::Xml => Notation::Xml,
        };
        let body = classic::result_list(notation, &[batch.result_id()]);
        Answer::of(StatusCode::OK, kind_of(notation), body)
    });
    answered(&call, made)
}

/// GET /job/J/batch/B/result/R.
pub async fn rows_of_result(call: Call) -> Outcome {
    let made = finished(&call).and_then(|(view, batch, files)| {
        let asked = RecordId::parse(call.param("result")).ok();
        if !view.job.operation.is_query() || asked != Some(batch.result_id()) {
            return Err(JobError::Input("Invalid result id".to_owned()).into());
        }
        let file = files
            .answer()
            .map_err(|error| download::unreadable(&error))?;
        Ok(Answer::Raw(Box::new(download::file(
            file,
            kind_of(text::notation(&view.job)),
        ))))
    });
    answered(&call, made)
}

/// A fault in the voice of 1.0, for the porch.
pub fn fault(refusal: &Refusal, notation: answer::Notation) -> (&'static str, Vec<u8>) {
    let notation = match notation {
        answer::Notation::Json => Notation::Json,
        answer::Notation::Xml => Notation::Xml,
    };
    let body = classic::error(notation, code_of(refusal.code), &refusal.message);
    (kind_of(notation), body)
}
