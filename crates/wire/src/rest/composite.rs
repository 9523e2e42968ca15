//! Composite requests: subrequests, references between them, answers (rest-api.md 7.1, 7.2, 7.5).

use std::borrow::Cow;

use model::{Code, Refusal};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::json;

/// Subrequests of one composite or batch request.
pub const SUBREQUESTS_MAX: usize = 25;
/// Graphs of one request.
pub const GRAPHS_MAX: usize = 75;
/// Nodes of all graphs of one request.
pub const NODES_MAX: usize = 500;
/// After so many failed graphs the rest is not tried.
pub const FAILED_GRAPHS_MAX: usize = 14;

/// `{"allOrNone","compositeRequest"}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Composite {
    /// One failure undoes all.
    #[serde(default)]
    pub all_or_none: bool,
    /// In order.
    pub composite_request: Vec<Subrequest>,
}

/// One subrequest.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subrequest {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub url: String,
    /// Name for references.
    pub reference_id: String,
    /// Body.
    #[serde(default)]
    pub body: Json,
    /// Headers.
    #[serde(default)]
    pub http_headers: Map<String, Json>,
}

/// `{"haltOnError","batchRequests"}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// Nothing runs after a failure.
    #[serde(default)]
    pub halt_on_error: bool,
    /// In order.
    pub batch_requests: Vec<BatchRequest>,
}

/// One request of a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchRequest {
    /// HTTP method.
    pub method: String,
    /// Relative to `/services/data/`, or absolute.
    pub url: String,
    /// Body.
    #[serde(default)]
    pub rich_input: Json,
}

/// `{"graphs"}`.
#[derive(Debug, Deserialize)]
pub struct Graphs {
    /// Each atomic.
    pub graphs: Vec<Graph>,
}

/// One graph.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Graph {
    /// Its name.
    pub graph_id: String,
    /// Its nodes.
    pub composite_request: Vec<Subrequest>,
}

/// Checks number and names of subrequests.
///
/// # Errors
/// LIMIT_EXCEEDED or JSON_PARSER_ERROR.
pub fn check(all: &[Subrequest], max: usize) -> Result<(), Refusal> {
    if all.len() > max {
        let message = format!("The maximum number of subrequests is {max}");
        return Err(Refusal::new(Code::LimitExceeded, message));
    }
    for (at, one) in all.iter().enumerate() {
        let name = &one.reference_id;
        let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !fits {
            return Err(json::wrong(&format!(
                "Invalid reference id: {}",
                json::clip(name)
            )));
        }
        if all
            .get(..at)
            .unwrap_or_default()
            .iter()
            .any(|before| before.reference_id == *name)
        {
            return Err(json::wrong(&format!(
                "Duplicate reference id: {}",
                json::clip(name)
            )));
        }
    }
    Ok(())
}

/// The bodies of finished subrequests by reference id; a failed one has none.
#[derive(Debug, Default)]
pub struct Results(Vec<(String, Option<Json>)>);

/// Most bytes that references may put into one URL or one body: a long text field and all its like fit.
/// Without a limit a small request that names one large answer over and over grows to any size.
const FILLED_MAX: usize = 256 * 1024;

impl Results {
    /// Keeps a result.
    pub fn keep(&mut self, reference: &str, body: Option<Json>) {
        self.0.push((reference.to_owned(), body));
    }

    /// Puts another result in the place of one that is kept.
    pub fn replace(&mut self, reference: &str, body: Option<Json>) {
        match self.0.iter_mut().find(|(known, _)| known == reference) {
            Some(known) => known.1 = body,
            None => self.keep(reference, body),
        }
    }

    /// The value behind `p.id` or `q.records[0].Id`.
    fn value(&self, expression: &str) -> Result<&Json, Refusal> {
        let (name, path) = expression.split_once('.').unwrap_or((expression, ""));
        let missing = || {
            let (name, path) = (json::clip(name), json::clip(path));
            let message =
                format!("Invalid reference specified. No value for {name}.{path} found in {name}");
            Refusal::new(Code::ProcessingHalted, message)
        };
        let (_, body) = self
            .0
            .iter()
            .find(|(known, _)| known == name)
            .ok_or_else(missing)?;
        let mut at = body.as_ref().ok_or_else(missing)?;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let (key, indexes) = part
                .split_once('[')
                .map_or((part, ""), |(key, rest)| (key, rest));
            if !key.is_empty() {
                at = at.get(key).ok_or_else(missing)?;
            }
            for index in indexes.split('[').filter(|index| !index.is_empty()) {
                let index: usize = index.trim_end_matches(']').parse().map_err(|_| missing())?;
                at = at.get(index).ok_or_else(missing)?;
            }
        }
        Ok(at)
    }

    /// Text with its references replaced.
    ///
    /// # Errors
    /// PROCESSING_HALTED if a reference leads nowhere, LIMIT_EXCEEDED above [`FILLED_MAX`].
    pub fn fill(&self, text: &str) -> Result<String, Refusal> {
        self.fill_text(text, &mut Room(FILLED_MAX))
    }

    /// A body with its references replaced; a text that is only a reference takes the type of the value.
    ///
    /// # Errors
    /// As for [`Results::fill`].
    pub fn fill_json(&self, json: &Json) -> Result<Json, Refusal> {
        self.fill_value(json, &mut Room(FILLED_MAX))
    }

    fn fill_text(&self, text: &str, room: &mut Room) -> Result<String, Refusal> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("@{") {
            let Some((expression, tail)) = after.split_once('}') else {
                break;
            };
            out.push_str(before);
            let value = self.value(expression)?;
            let text = match value {
                Json::String(text) => Cow::Borrowed(text.as_str()),
                other => Cow::Owned(other.to_string()),
            };
            room.take(text.len())?;
            out.push_str(&text);
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn fill_value(&self, json: &Json, room: &mut Room) -> Result<Json, Refusal> {
        Ok(match json {
            Json::String(text) => match whole(text) {
                Some(expression) => {
                    let value = self.value(expression)?;
                    room.take(size(value))?;
                    value.clone()
                }
                None => Json::String(self.fill_text(text, room)?),
            },
            Json::Array(list) => Json::Array(
                list.iter()
                    .map(|item| self.fill_value(item, room))
                    .collect::<Result<_, _>>()?,
            ),
            Json::Object(map) => {
                let filled = map
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.fill_value(value, room)?)));
                Json::Object(filled.collect::<Result<_, Refusal>>()?)
            }
            other => other.clone(),
        })
    }
}

/// Bytes that references may still bring.
struct Room(usize);

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), Refusal> {
        let left = self.0.checked_sub(bytes).ok_or_else(|| {
            let message =
                format!("The references of a subrequest bring more than {FILLED_MAX} bytes");
            Refusal::new(Code::LimitExceeded, message)
        })?;
        self.0 = left;
        Ok(())
    }
}

/// Roughly the bytes of a value as text.
fn size(value: &Json) -> usize {
    match value {
        Json::String(text) => text.len(),
        other => other.to_string().len(),
    }
}

/// The expression of a text that is one reference and nothing else.
pub fn whole(text: &str) -> Option<&str> {
    let expression = text.strip_prefix("@{")?.strip_suffix('}')?;
    (!expression.contains('}')).then_some(expression)
}

/// The refusal of everything else in a request that is undone.
pub fn halted() -> Refusal {
    Refusal::new(
        Code::ProcessingHalted,
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
}

/// The refusal of what comes after a failure in a batch.
pub fn skipped() -> Refusal {
    Refusal::new(
        Code::BatchProcessingHalted,
        "Invocation of this request in the Batch was skipped.",
    )
}

/// One answer of a composite request.
#[derive(Debug)]
pub struct Subanswer {
    /// Name.
    pub reference_id: String,
    /// Status.
    pub status: u16,
    /// Body as JSON text; empty for none.
    pub body: Vec<u8>,
    /// `Location`.
    pub location: Option<String>,
}

/// `{"compositeResponse":[...]}`.
pub fn answer(out: &mut Vec<u8>, answers: &[Subanswer]) {
    let mut object = json::Object::open(out);
    json::list(object.key("compositeResponse"), answers, |out, one| {
        let mut o = json::Object::open(out);
        body(o.key("body"), &one.body);
        let mut headers = json::Object::open(o.key("httpHeaders"));
        if let Some(location) = &one.location {
            headers.text("Location", location);
        }
        headers.close();
        o.int("httpStatusCode", i64::from(one.status))
            .text("referenceId", &one.reference_id);
        o.close();
    });
    object.close();
}

fn body(out: &mut Vec<u8>, body: &[u8]) {
    out.extend_from_slice(if body.is_empty() { b"null" } else { body });
}

/// `{"hasErrors","results"}` of a batch.
pub fn batch_answer(out: &mut Vec<u8>, answers: &[(u16, Vec<u8>)]) {
    let mut object = json::Object::open(out);
    object.bool(
        "hasErrors",
        answers.iter().any(|(status, _)| *status >= 400),
    );
    json::list(object.key("results"), answers, |out, (status, result)| {
        let mut o = json::Object::open(out);
        o.int("statusCode", i64::from(*status));
        body(o.key("result"), result);
        o.close();
    });
    object.close();
}

/// `{"graphs"}`: name, answers, and whether all went well.
pub fn graphs_answer(out: &mut Vec<u8>, graphs: &[(String, Vec<Subanswer>, bool)]) {
    let mut object = json::Object::open(out);
    json::list(
        object.key("graphs"),
        graphs,
        |out, (id, answers, is_successful)| {
            let mut o = json::Object::open(out);
            o.text("graphId", id);
            answer(o.key("graphResponse"), answers);
            o.bool("isSuccessful", *is_successful);
            o.close();
        },
    );
    object.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_to_a_large_answer_do_not_grow_without_bound() {
        let mut results = Results::default();
        results.keep(
            "p",
            Some(json!({"text": "x".repeat(100_000), "id": "500x"})),
        );
        let many = |what: &str| format!("{what} ").repeat(5_000);
        assert_eq!(results.fill(&many("@{p.id}")).unwrap().len(), 25_000);
        let refused = |result: Result<Json, Refusal>| {
            assert_eq!(result.unwrap_err().code, Code::LimitExceeded);
        };
        refused(results.fill(&many("@{p.text}")).map(Json::from));
        refused(results.fill_json(&json!({"Description": many("@{p.text}")})));
        refused(results.fill_json(&json!(vec!["@{p}"; 5_000])));
        refused(results.fill_json(&json!(vec![json!({"a": "@{p.text}"}); 5_000])));
        assert!(
            results
                .fill_json(&json!(["@{p.text}", "@{p.text}"]))
                .is_ok()
        );
    }

    #[test]
    fn references() {
        let mut results = Results::default();
        results.keep("p", Some(json!({"id": "500x", "n": 5})));
        results.keep("q", Some(json!({"records": [{"Id": "a"}, {"Id": "b"}]})));
        results.keep("bad", None);
        assert_eq!(
            results.fill("/x/@{p.id}/@{q.records[1].Id}").unwrap(),
            "/x/500x/b"
        );
        assert_eq!(results.fill("no @{end").unwrap(), "no @{end");
        let body = json!({"ParentId": "@{p.id}", "N": "@{p.n}", "T": "n=@{p.n}", "L": ["@{p.id}"]});
        assert_eq!(
            results.fill_json(&body).unwrap(),
            json!({"ParentId": "500x", "N": 5, "T": "n=5", "L": ["500x"]})
        );
        for wrong in [
            "@{bad.id}",
            "@{x.id}",
            "@{p.nope}",
            "@{q.records[7].Id}",
            "@{q.records[x].Id}",
            "@{}",
        ] {
            let refused = results.fill(wrong).unwrap_err();
            assert_eq!(refused.code, Code::ProcessingHalted, "{wrong}");
        }
        assert_eq!(
            results.fill("@{bad.id}").unwrap_err().message,
            "Invalid reference specified. No value for bad.id found in bad"
        );
    }

    #[test]
    fn names_are_checked() {
        let of = |names: &[&str]| {
            let all: Vec<_> = names
                .iter()
                .map(|name| Subrequest {
                    method: "GET".to_owned(),
                    url: String::new(),
                    reference_id: (*name).to_owned(),
                    body: Json::Null,
                    http_headers: Map::new(),
                })
                .collect();
            check(&all, 3).is_ok()
        };
        assert!(of(&["a", "b_1"]));
        assert!(!of(&["1a"]) && !of(&["a", "a"]) && !of(&["a-b"]) && !of(&["a", "b", "c", "d"]));
    }
}
