//! Bulk 2.0: jobs that load (rest-api.md 8.1).

use axum::http::StatusCode;
use node::jobs::{Event, JobError, JobKind, JobView, NewJob, Operation};
use wire::bulk::job::{Create, Detail};
use wire::bulk::multipart;
use wire::json::clip;

use super::download::{self, Which};
use super::{Problem, answered, change, list, remove, show, upload, view_of};
use crate::answer::{Answer, Outcome};
use crate::body;
use crate::call::Call;
use crate::routes::Takes;

/// POST /jobs/ingest: a job, or a job with its rows.
pub async fn create(call: Call) -> Outcome {
    answered(make(&call).await)
}

async fn make(call: &Call) -> Result<Answer, Problem> {
    let kind = call.header("content-type").unwrap_or_default();
    if !kind
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("multipart/")
    {
        body::check_type(Takes::Json, &call.parts.headers)?;
        let view = job(call, &call.body).await?;
        return Ok(show(&view, Detail::Short));
    }
    let parts = multipart::parse(kind, &call.body)?;
    let view = job(call, parts.job).await?;
    let session = call.session()?;
    let room = session.org.begin_upload(&session.caller, view.job.id)?;
    let room = upload::write_all(room, parts.content.to_vec()).await?;
    session.org.finish_upload(room).await?;
    let view = session
        .org
        .change_job(&session.caller, view.job.id, Event::Complete)
        .await?;
    Ok(show(&view, Detail::Short))
}

/// A new job as a client describes it.
async fn job(call: &Call, body: &[u8]) -> Result<JobView, Problem> {
    let asked = Create::parse(body)?;
    let (column_delimiter, line_ending) = (asked.delimiter(), asked.ending());
    let word = asked.operation.unwrap_or_default();
    let operation = Operation::parse(&word).filter(|op| !op.is_query());
    let operation = operation
        .ok_or_else(|| JobError::Operation(format!("Unknown operation: {}", clip(&word))))?;
    let wish = NewJob {
        kind: JobKind::Ingest,
        operation,
        object: asked.object.unwrap_or_default(),
        external_id: asked.external_id_field_name.filter(|name| !name.is_empty()),
        query: None,
        content_type: "CSV".to_owned(),
        line_ending,
        column_delimiter,
        concurrency: "Parallel".to_owned(),
    };
    let session = call.session()?;
    Ok(session.org.create_job(&session.caller, wish).await?)
}

/// GET /jobs/ingest.
pub async fn all(call: Call) -> Outcome {
    answered(list(&call, JobKind::Ingest, "ingest"))
}

/// PUT /jobs/ingest/ID/batches.
pub async fn batches(call: Call) -> Outcome {
    answered(store(&call).await)
}

async fn store(call: &Call) -> Result<Answer, Problem> {
    let view = view_of(call, JobKind::Ingest)?;
    let session = call.session()?;
    let room = session.org.begin_upload(&session.caller, view.job.id)?;
    let room = upload::receive(call, room).await?;
    session.org.finish_upload(room).await?;
    Ok(Answer::empty(StatusCode::CREATED))
}

/// GET /jobs/ingest/ID.
pub async fn get(call: Call) -> Outcome {
    answered(view_of(&call, JobKind::Ingest).map(|view| show(&view, Detail::Full)))
}

/// PATCH /jobs/ingest/ID.
pub async fn update(call: Call) -> Outcome {
    answered(change(&call, JobKind::Ingest).await)
}

/// DELETE /jobs/ingest/ID.
pub async fn delete(call: Call) -> Outcome {
    answered(remove(&call, JobKind::Ingest).await)
}

/// GET /jobs/ingest/ID/successfulResults.
pub async fn successful(call: Call) -> Outcome {
    results(&call, Which::Successful)
}

/// GET /jobs/ingest/ID/failedResults.
pub async fn failed(call: Call) -> Outcome {
    results(&call, Which::Failed)
}

/// GET /jobs/ingest/ID/unprocessedRecords.
pub async fn unprocessed(call: Call) -> Outcome {
    results(&call, Which::Unprocessed)
}

fn results(call: &Call, which: Which) -> Outcome {
    let made = view_of(call, JobKind::Ingest).and_then(|view| {
        let org = &call.session()?.org;
        let files = view.batches.first().map(|batch| org.job_files(batch.id));
        Ok(download::rows_of(&view.job, files, which))
    });
    answered(made)
}
