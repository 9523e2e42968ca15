//! Jobs of Bulk 2.0 in JSON (rest-api.md 8).

use model::{Code, Millis, RecordId, Refusal};
use serde::Deserialize;

use super::csv::Dialect;
use crate::json::{self, Object, clip};

/// The body of a request that makes a job.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Create {
    pub object: Option<String>,
    pub operation: Option<String>,
    pub query: Option<String>,
    pub external_id_field_name: Option<String>,
    pub content_type: Option<String>,
    pub line_ending: Option<String>,
    pub column_delimiter: Option<String>,
    pub concurrency_mode: Option<String>,
}

impl Create {
    /// Reads it.
    ///
    /// # Errors
    /// JSON_PARSER_ERROR, or a content type, ending or delimiter that is none.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let made: Self = object(body)?;
        let wrong = |what: &str, value: &str| {
            let message = format!("{what} is not supported: {}", clip(value));
            Err(Refusal::new(Code::InvalidInput, message))
        };
        if let Some(kind) = made
            .content_type
            .as_deref()
            .filter(|t| !t.eq_ignore_ascii_case("CSV"))
        {
            return wrong("contentType", kind);
        }
        let (delimiter, ending) = (made.delimiter(), made.ending());
        if Dialect::parse(&delimiter, "LF").is_none() {
            return wrong("columnDelimiter", &delimiter);
        }
        if Dialect::parse("COMMA", &ending).is_none() {
            return wrong("lineEnding", &ending);
        }
        Ok(made)
    }

    /// The delimiter's name.
    pub fn delimiter(&self) -> String {
        self.column_delimiter
            .as_deref()
            .unwrap_or("COMMA")
            .to_ascii_uppercase()
    }

    /// The ending's name.
    pub fn ending(&self) -> String {
        self.line_ending
            .as_deref()
            .unwrap_or("LF")
            .to_ascii_uppercase()
    }
}

/// A JSON object; a list is none, though serde would take it for one.
fn object<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Refusal> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(json::cannot_deserialize("job", "START_ARRAY value ["));
    }
    json::parse(body)
}

/// The body of a request that changes a job: the state it shall have.
///
/// # Errors
/// JSON_PARSER_ERROR, or no state.
pub fn wanted_state(body: &[u8]) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    struct Change {
        state: Option<String>,
    }
    let change: Change = object(body)?;
    change
        .state
        .ok_or_else(|| Refusal::new(Code::InvalidInput, "The state is missing"))
}

/// A job as it is printed.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Info<'a> {
    pub id: RecordId,
    pub operation: &'a str,
    pub object: &'a str,
    pub created_by: RecordId,
    pub created: Millis,
    pub modified: Millis,
    pub state: &'a str,
    pub external_id: Option<&'a str>,
    pub concurrency: &'a str,
    pub content_type: &'a str,
    pub version: u32,
    pub line_ending: &'a str,
    pub column_delimiter: &'a str,
    /// `V2Ingest` or `V2Query`.
    pub job_type: &'a str,
    pub processed: u64,
    pub failed: u64,
    pub active_ms: u64,
    pub error: Option<&'a str>,
}

/// How much of a job an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// After a change, and in lists.
    Short,
    /// With counters.
    Full,
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Prints a job.
pub fn info(out: &mut Vec<u8>, job: &Info<'_>, detail: Detail) {
    let is_ingest = job.job_type == "V2Ingest";
    let mut object = Object::open(out);
    object
        .id("id", job.id)
        .text("operation", job.operation)
        .text("object", job.object);
    object.id("createdById", job.created_by);
    object
        .text("createdDate", &job.created.to_rest())
        .text("systemModstamp", &job.modified.to_rest());
    object.text("state", job.state);
    if let Some(field) = job.external_id {
        object.text("externalIdFieldName", field);
    }
    object
        .text("concurrencyMode", job.concurrency)
        .text("contentType", job.content_type);
    object.raw("apiVersion", &format!("{}.0", job.version));
    if is_ingest && job.state == "Open" {
        let url = format!(
            "services/data/v{}.0/jobs/ingest/{}/batches",
            job.version, job.id
        );
        object.text("contentUrl", &url);
    }
    object
        .text("lineEnding", job.line_ending)
        .text("columnDelimiter", job.column_delimiter);
    if detail == Detail::Full {
        object
            .text("jobType", job.job_type)
            .int("numberRecordsProcessed", count(job.processed));
        if is_ingest {
            object.int("numberRecordsFailed", count(job.failed));
        }
        object
            .int("retries", 0)
            .int("totalProcessingTime", count(job.active_ms));
        if is_ingest {
            object
                .int("apiActiveProcessingTime", count(job.active_ms))
                .int("apexProcessingTime", 0);
        }
        if let Some(error) = job.error {
            object.text("errorMessage", error);
        }
    }
    object.close();
}

/// `{done, records, nextRecordsUrl}`.
pub fn list(out: &mut Vec<u8>, jobs: &[Info<'_>], next: Option<&str>) {
    let mut object = Object::open(out);
    object.bool("done", next.is_none());
    json::list(object.key("records"), jobs, |out, job| {
        info(out, job, Detail::Short)
    });
    object.text_or_null("nextRecordsUrl", next);
    object.close();
}

/// `[{"errorCode","message"}]`: the codes of jobs are their own.
pub fn error(out: &mut Vec<u8>, code: &str, message: &str) {
    json::list(out, [()], |out, ()| {
        let mut object = Object::open(out);
        object.text("errorCode", code).text("message", message);
        object.close();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::KeyPrefix;

    fn shown(state: &str, job_type: &str, detail: Detail) -> String {
        let id = |prefix| RecordId::new(KeyPrefix::of(prefix), 1);
        let job = Info {
            id: id("750"),
            operation: "insert",
            object: "Case",
            created_by: id("005"),
            created: Millis(0),
            modified: Millis(0),
            state,
            external_id: None,
            concurrency: "Parallel",
            content_type: "CSV",
            version: 64,
            line_ending: "LF",
            column_delimiter: "COMMA",
            job_type,
            processed: 3,
            failed: 1,
            active_ms: 12,
            error: Some("why"),
        };
        let mut out = Vec::new();
        info(&mut out, &job, detail);
        String::from_utf8(out).unwrap()
    }

    const HEAD: &str = r#"{"id":"750000000000001AAA","operation":"insert","object":"Case","createdById":"005000000000001AAA","createdDate":"1970-01-01T00:00:00.000+0000","systemModstamp":"1970-01-01T00:00:00.000+0000","#;

    #[test]
    fn the_forms_of_a_job() {
        let open = r#""state":"Open","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":64.0,"contentUrl":"services/data/v64.0/jobs/ingest/750000000000001AAA/batches","lineEnding":"LF","columnDelimiter":"COMMA"}"#;
        assert_eq!(
            shown("Open", "V2Ingest", Detail::Short),
            format!("{HEAD}{open}")
        );
        let full = r#""state":"Failed","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":64.0,"lineEnding":"LF","columnDelimiter":"COMMA","jobType":"V2Ingest","numberRecordsProcessed":3,"numberRecordsFailed":1,"retries":0,"totalProcessingTime":12,"apiActiveProcessingTime":12,"apexProcessingTime":0,"errorMessage":"why"}"#;
        assert_eq!(
            shown("Failed", "V2Ingest", Detail::Full),
            format!("{HEAD}{full}")
        );
        assert!(!shown("Open", "V2Query", Detail::Full).contains("contentUrl"));
    }

    #[test]
    fn requests() {
        let made =
            Create::parse(br#"{"object":"Case","operation":"insert","columnDelimiter":"pipe"}"#)
                .unwrap();
        assert_eq!(
            (made.delimiter().as_str(), made.ending().as_str()),
            ("PIPE", "LF")
        );
        for body in [
            r#"{"contentType":"JSON"}"#,
            r#"{"lineEnding":"CR"}"#,
            r#"{"columnDelimiter":"X"}"#,
            "[",
            "[]",
            "",
        ] {
            assert!(Create::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert_eq!(wanted_state(br#"{"state":"Aborted"}"#).unwrap(), "Aborted");
        assert!(wanted_state(b"{}").is_err());
    }
}
