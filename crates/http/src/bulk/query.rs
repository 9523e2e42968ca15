//! Bulk 2.0: jobs that read (rest-api.md 8.2).

use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use model::{Code, Refusal};
use node::jobs::{JobError, JobKind, JobState, NewJob, Operation};
use wire::bulk::job::{Create, Detail};
use wire::json::clip;

use super::{CSV, Problem, answered, change, download, list, remove, show, view_of};
use crate::answer::{Answer, Outcome};
use crate::call::Call;

/// Rows of a page that names no number.
const PAGE: u64 = 50_000;
/// Rows of a page at most.
const PAGE_MAX: u64 = 1_000_000;

/// POST /jobs/query.
pub async fn create(call: Call) -> Outcome {
    answered(make(&call).await)
}

async fn make(call: &Call) -> Result<Answer, Problem> {
    let asked = Create::parse(&call.body)?;
    let (column_delimiter, line_ending) = (asked.delimiter(), asked.ending());
    let word = asked.operation.unwrap_or_default();
    let operation = Operation::parse(&word).filter(|op| op.is_query());
    let operation = operation
        .ok_or_else(|| JobError::Operation(format!("Unknown operation: {}", clip(&word))))?;
    let query = asked.query.filter(|text| !text.trim().is_empty());
    let query = query.ok_or_else(|| JobError::Input("The query is missing".to_owned()))?;
    let wish = NewJob {
        kind: JobKind::Query,
        operation,
        object: String::new(),
        external_id: None,
        query: Some(query),
        content_type: "CSV".to_owned(),
        line_ending,
        column_delimiter,
        concurrency: "Parallel".to_owned(),
    };
    let session = call.session()?;
    let mut view = session.org.create_job(&session.caller, wish).await?;
    if view.job.state == JobState::InProgress {
        view.job.state = JobState::UploadComplete; // as it was made, however fast the runner is
    }
    Ok(show(&view, Detail::Short))
}

/// GET /jobs/query.
pub async fn all(call: Call) -> Outcome {
    answered(list(&call, JobKind::Query, "query"))
}

/// GET /jobs/query/ID.
pub async fn get(call: Call) -> Outcome {
    answered(view_of(&call, JobKind::Query).map(|view| show(&view, Detail::Full)))
}

/// PATCH /jobs/query/ID.
pub async fn update(call: Call) -> Outcome {
    answered(change(&call, JobKind::Query).await)
}

/// DELETE /jobs/query/ID.
pub async fn delete(call: Call) -> Outcome {
    answered(remove(&call, JobKind::Query).await)
}

/// GET /jobs/query/ID/results.
pub async fn results(call: Call) -> Outcome {
    answered(page(&call))
}

fn page(call: &Call) -> Result<Answer, Problem> {
    let view = view_of(call, JobKind::Query)?;
    match view.job.state {
        JobState::JobComplete => {}
        JobState::Failed | JobState::Aborted => {
            let message = format!("The job is {} and has no results", view.job.state.as_str());
            return Err(JobError::State(message).into());
        }
        JobState::Open | JobState::UploadComplete | JobState::InProgress | JobState::Closed => {
            return Ok(Answer::empty(StatusCode::NO_CONTENT));
        }
    }
    let form = call.query();
    let from = match form.filled("locator").filter(|text| *text != "null") {
        Some(text) => number_of(text)?,
        None => 0,
    };
    let max = match form.filled("maxRecords") {
        Some(text) => text.parse::<u64>().ok().filter(|n| *n > 0).ok_or_else(|| {
            JobError::Input(format!(
                "maxRecords must be a number above 0: {}",
                clip(text)
            ))
        })?,
        None => PAGE,
    };
    let batch = view.batches.first().ok_or(JobError::NotFound)?;
    let files = call.session()?.org.job_files(batch.id);
    let page = files
        .page(from, max.min(PAGE_MAX))
        .map_err(|e| download::unreadable(&e))?;
    let locator = page
        .next
        .map_or_else(|| "null".to_owned(), |n| BASE64.encode(n.to_string()));
    let count = page.count;
    let mut response = download::page(page, CSV);
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("sforce-numberofrecords"),
        HeaderValue::from(count),
    );
    if let Ok(locator) = HeaderValue::from_str(&locator) {
        headers.insert(HeaderName::from_static("sforce-locator"), locator);
    }
    Ok(Answer::Raw(Box::new(response)))
}

/// The row that a locator names.
fn number_of(locator: &str) -> Result<u64, Refusal> {
    let bytes = BASE64.decode(locator).ok();
    let number = bytes
        .and_then(|b| String::from_utf8(b).ok())
        .and_then(|t| t.parse().ok());
    number.ok_or_else(|| Refusal::new(Code::InvalidQueryLocator, "invalid query locator"))
}
