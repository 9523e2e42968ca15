//! Jobs and batches of Bulk 1.0 in JSON and XML (rest-api.md 9).

use model::{Millis, RecordId, Refusal};
use serde_json::Value as Json;

use super::results::Notation;
use crate::{json, xml};

/// Namespace of everything in XML.
pub const NAMESPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";

/// What a client says of a job, when it makes or changes one.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Asked {
    pub operation: Option<String>,
    pub object: Option<String>,
    pub external_id: Option<String>,
    pub concurrency: Option<String>,
    pub content_type: Option<String>,
    pub state: Option<String>,
}

impl Asked {
    /// Reads a `jobInfo`, in XML if it begins so.
    ///
    /// # Errors
    /// Neither XML nor a JSON object.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.trim_ascii_start().starts_with(b"<") || body.starts_with(b"\xef\xbb\xbf<") {
            let root = xml::parse(body)?;
            return Ok(Self::of(|name| {
                root.text_of(name).map(|t| t.trim().to_owned())
            }));
        }
        let whole: serde_json::Map<String, Json> = json::parse(body)?;
        Ok(Self::of(|name| {
            whole.get(name).and_then(Json::as_str).map(str::to_owned)
        }))
    }

    fn of(text: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name| text(name).filter(|t| !t.is_empty());
        Self {
            operation: filled("operation"),
            object: filled("object"),
            external_id: filled("externalIdFieldName"),
            concurrency: filled("concurrencyMode"),
            content_type: filled("contentType"),
            state: filled("state"),
        }
    }
}

/// A value of a `jobInfo` or `batchInfo`.
enum Item<'a> {
    Text(&'a str),
    Owned(String),
    Count(u64),
    Version(u32),
}

/// A job as it is printed.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct JobInfo<'a> {
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
    /// Queued, in progress, completed, failed.
    pub batches: [u64; 4],
    pub total: u64,
    pub processed: u64,
    pub failed: u64,
    pub active_ms: u64,
}

impl JobInfo<'_> {
    fn items(&self) -> Vec<(&'static str, Item<'_>)> {
        let mut items = vec![
            ("id", Item::Owned(self.id.to_string())),
            ("operation", Item::Text(self.operation)),
            ("object", Item::Text(self.object)),
            ("createdById", Item::Owned(self.created_by.to_string())),
            ("createdDate", Item::Owned(self.created.to_xml())),
            ("systemModstamp", Item::Owned(self.modified.to_xml())),
            ("state", Item::Text(self.state)),
        ];
        if let Some(field) = self.external_id {
            items.push(("externalIdFieldName", Item::Text(field)));
        }
        items.extend([
            ("concurrencyMode", Item::Text(self.concurrency)),
            ("contentType", Item::Text(self.content_type)),
            ("numberBatchesQueued", Item::Count(self.batches[0])),
            ("numberBatchesInProgress", Item::Count(self.batches[1])),
            ("numberBatchesCompleted", Item::Count(self.batches[2])),
            ("numberBatchesFailed", Item::Count(self.batches[3])),
            ("numberBatchesTotal", Item::Count(self.total)),
            ("numberRecordsProcessed", Item::Count(self.processed)),
            ("numberRetries", Item::Count(0)),
            ("apiVersion", Item::Version(self.version)),
            ("numberRecordsFailed", Item::Count(self.failed)),
            ("totalProcessingTime", Item::Count(self.active_ms)),
            ("apiActiveProcessingTime", Item::Count(self.active_ms)),
            ("apexProcessingTime", Item::Count(0)),
        ]);
        items
    }
}

/// A batch as it is printed.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct BatchInfo<'a> {
    pub id: RecordId,
    pub job: RecordId,
    pub state: &'a str,
    pub message: Option<&'a str>,
    pub created: Millis,
    pub modified: Millis,
    pub processed: u64,
    pub failed: u64,
    pub active_ms: u64,
}

impl BatchInfo<'_> {
    fn items(&self) -> Vec<(&'static str, Item<'_>)> {
        let mut items = vec![
            ("id", Item::Owned(self.id.to_string())),
            ("jobId", Item::Owned(self.job.to_string())),
            ("state", Item::Text(self.state)),
        ];
        if let Some(message) = self.message {
            items.push(("stateMessage", Item::Text(message)));
        }
        items.extend([
            ("createdDate", Item::Owned(self.created.to_xml())),
            ("systemModstamp", Item::Owned(self.modified.to_xml())),
            ("numberRecordsProcessed", Item::Count(self.processed)),
            ("numberRecordsFailed", Item::Count(self.failed)),
            ("totalProcessingTime", Item::Count(self.active_ms)),
            ("apiActiveProcessingTime", Item::Count(self.active_ms)),
            ("apexProcessingTime", Item::Count(0)),
        ]);
        items
    }
}

/// Prints a job; CSV stands for XML.
pub fn job(notation: Notation, job: &JobInfo<'_>) -> Vec<u8> {
    document(notation, "jobInfo", &job.items())
}

/// Prints a batch.
pub fn batch(notation: Notation, batch: &BatchInfo<'_>) -> Vec<u8> {
    document(notation, "batchInfo", &batch.items())
}

/// Prints the batches of a job.
pub fn batches(notation: Notation, batches: &[BatchInfo<'_>]) -> Vec<u8> {
    if notation == Notation::Json {
        let mut out = Vec::new();
        let mut object = json::Object::open(&mut out);
        json::list(object.key("batchInfo"), batches, |out, batch| {
            json_items(out, &batch.items())
        });
        object.close();
        return out;
    }
    let mut text = head("batchInfoList");
    for batch in batches {
        xml::open(&mut text, "batchInfo");
        xml_items(&mut text, &batch.items());
        xml::close_tag(&mut text, "batchInfo");
    }
    text.push_str("</batchInfoList>");
    text.into_bytes()
}

/// Prints the ids of the results of a query.
pub fn result_list(notation: Notation, ids: &[RecordId]) -> Vec<u8> {
    if notation == Notation::Json {
        let mut out = Vec::new();
        json::list(&mut out, ids, |out, id| json::id(out, *id));
        return out;
    }
    let mut text = head("result-list");
    ids.iter()
        .for_each(|id| xml::leaf(&mut text, "result", &id.to_string()));
    text.push_str("</result-list>");
    text.into_bytes()
}

/// Prints an error.
pub fn error(notation: Notation, code: &str, message: &str) -> Vec<u8> {
    let items = [
        ("exceptionCode", Item::Text(code)),
        ("exceptionMessage", Item::Text(message)),
    ];
    document(notation, "error", &items)
}

fn head(root: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root} xmlns=\"{NAMESPACE}\">")
}

fn document(notation: Notation, root: &str, items: &[(&'static str, Item<'_>)]) -> Vec<u8> {
    if notation == Notation::Json {
        let mut out = Vec::new();
        json_items(&mut out, items);
        return out;
    }
    let mut text = head(root);
    xml_items(&mut text, items);
    xml::close_tag(&mut text, root);
    text.into_bytes()
}

fn json_items(out: &mut Vec<u8>, items: &[(&'static str, Item<'_>)]) {
    let mut object = json::Object::open(out);
    for (name, item) in items {
        match item {
            Item::Text(text) => object.text(name, text),
            Item::Owned(text) => object.text(name, text),
            Item::Count(number) => object.raw(name, &number.to_string()),
            Item::Version(number) => object.raw(name, &format!("{number}.0")),
        };
    }
    object.close();
}

fn xml_items(out: &mut String, items: &[(&'static str, Item<'_>)]) {
    for (name, item) in items {
        match item {
            Item::Text(text) => xml::leaf(out, name, text),
            Item::Owned(text) => xml::leaf(out, name, text),
            Item::Count(number) => xml::leaf(out, name, &number.to_string()),
            Item::Version(number) => xml::leaf(out, name, &format!("{number}.0")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::KeyPrefix;

    #[test]
    fn both_notations_are_read() {
        let xml = format!(
            "<?xml version=\"1.0\"?>\n<jobInfo xmlns=\"{NAMESPACE}\"><operation>insert</operation><object>Case</object><contentType>CSV</contentType></jobInfo>"
        );
        let json = br#"{"operation":"insert","object":"Case","contentType":"CSV","externalIdFieldName":null}"#;
        assert_eq!(
            Asked::parse(xml.as_bytes()).unwrap(),
            Asked::parse(json).unwrap()
        );
        assert!(
            Asked::parse(b"[]").is_err()
                && Asked::parse(b"<a").is_err()
                && Asked::parse(b"").is_err()
        );
    }

    #[test]
    fn both_notations_are_written() {
        let batch = BatchInfo {
            id: RecordId::new(KeyPrefix::of("751"), 1),
            job: RecordId::new(KeyPrefix::of("750"), 1),
            state: "Failed",
            message: Some("InvalidBatch : a < b"),
            created: Millis(0),
            modified: Millis(0),
            processed: 2,
            failed: 1,
            active_ms: 3,
        };
        let text = String::from_utf8(self::batch(Notation::Xml, &batch)).unwrap();
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><batchInfo xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\">\
             <id>751000000000001AAA</id><jobId>750000000000001AAA</jobId><state>Failed</state>\
             <stateMessage>InvalidBatch : a &lt; b</stateMessage><createdDate>1970-01-01T00:00:00.000Z</createdDate>\
             <systemModstamp>1970-01-01T00:00:00.000Z</systemModstamp><numberRecordsProcessed>2</numberRecordsProcessed>\
             <numberRecordsFailed>1</numberRecordsFailed><totalProcessingTime>3</totalProcessingTime>\
             <apiActiveProcessingTime>3</apiActiveProcessingTime><apexProcessingTime>0</apexProcessingTime></batchInfo>"
        );
        let json: Json = serde_json::from_slice(&batches(Notation::Json, &[batch])).unwrap();
        assert_eq!(json["batchInfo"][0]["numberRecordsFailed"], 1);
        assert!(result_list(Notation::Xml, &[]).ends_with(b"</result-list>"));
        assert!(error(Notation::Xml, "InvalidBatch", "x").ends_with(b"<exceptionCode>InvalidBatch</exceptionCode><exceptionMessage>x</exceptionMessage></error>"));
    }
}
