//! Query answers and single records, in JSON and XML (rest-api.md 1.6, 1.7, 6.1).

use std::sync::Arc;

use model::{Answer, AnswerRow, Cell, RecordId, Value};

use crate::{json, xml};

/// `/services/data/v64.0` of a version.
pub fn base(version: u32) -> String {
    format!("/services/data/v{version}.0")
}

/// Path of a record, for `attributes.url`, Location and 300 answers.
pub fn record_url(version: u32, object: &str, id: RecordId) -> String {
    format!("/services/data/v{version}.0/sobjects/{object}/{id}")
}

/// A query answer or one page of it.
pub fn answer(out: &mut Vec<u8>, answer: &Answer, version: u32) {
    json::put(
        out,
        format_args!("{{\"totalSize\":{},\"done\":{}", answer.total, answer.done),
    );
    if let Some(next) = &answer.next {
        out.extend_from_slice(b",\"nextRecordsUrl\":");
        json::text(out, &format!("{}/query/{next}", base(version)));
    }
    out.extend_from_slice(b",\"records\":");
    json::list(out, &answer.rows, |out, one| row(out, one, version));
    out.push(b'}');
}

/// One record.
pub fn row(out: &mut Vec<u8>, row: &AnswerRow, version: u32) {
    out.extend_from_slice(b"{\"attributes\":{\"type\":");
    json::text(out, &row.type_name);
    if let Some(id) = row.id {
        json::put(
            out,
            format_args!(
                ",\"url\":\"/services/data/v{version}.0/sobjects/{}/",
                row.object_name
            ),
        );
        out.extend_from_slice(&id.to_18());
        out.push(b'"');
    }
    out.push(b'}');
    for (name, cell) in &row.cells {
        out.push(b',');
        json::text(out, name);
        out.push(b':');
        self::cell(out, cell, version);
    }
    out.push(b'}');
}

fn cell(out: &mut Vec<u8>, cell: &Cell, version: u32) {
    match cell {
        Cell::Value(value) => json::value(out, value),
        Cell::Compound(parts) => compound(out, parts),
        Cell::Parent(Some(parent)) => row(out, parent, version),
        Cell::Children(Some(children)) => answer(out, children, version),
        Cell::Parent(None) | Cell::Children(None) => out.extend_from_slice(b"null"),
    }
}

fn compound(out: &mut Vec<u8>, parts: &[(Arc<str>, Value)]) {
    let mut object = json::Object::open(out);
    for (name, value) in parts {
        json::value(object.key(name), value);
    }
    object.close();
}

/// `{"searchRecords":[...]}`, before 37.0 a bare list (rest-api.md 6.4).
pub fn search(out: &mut Vec<u8>, rows: &[AnswerRow], version: u32) {
    if version >= 37 {
        out.extend_from_slice(b"{\"searchRecords\":");
    }
    json::list(out, rows, |out, one| row(out, one, version));
    if version >= 37 {
        out.push(b'}');
    }
}

/// A query answer in XML.
pub fn answer_xml(answer: &Answer, version: u32) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    result_xml(&mut out, "QueryResult", answer, version);
    out
}

/// One record in XML; its element is named like its object.
pub fn row_xml(row: &AnswerRow, version: u32) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    record_xml(&mut out, &row.type_name, row, version);
    out
}

fn result_xml(out: &mut String, name: &str, answer: &Answer, version: u32) {
    xml::open(out, name);
    xml::leaf(out, "done", if answer.done { "true" } else { "false" });
    if let Some(next) = &answer.next {
        xml::leaf(
            out,
            "nextRecordsUrl",
            &format!("{}/query/{next}", base(version)),
        );
    }
    for row in &answer.rows {
        record_xml(out, "records", row, version);
    }
    xml::leaf(out, "totalSize", &answer.total.to_string());
    xml::close_tag(out, name);
}

fn record_xml(out: &mut String, name: &str, row: &AnswerRow, version: u32) {
    out.push('<');
    out.push_str(name);
    out.push_str(" type=\"");
    xml::escape(out, &row.type_name);
    if let Some(id) = row.id {
        out.push_str("\" url=\"");
        xml::escape(out, &record_url(version, &row.object_name, id));
    }
    out.push_str("\">");
    for (name, cell) in &row.cells {
        match cell {
            Cell::Value(Value::Null) | Cell::Parent(None) | Cell::Children(None) => {
                out.push('<');
                out.push_str(name);
                out.push_str("/>");
            }
            Cell::Value(value) => xml::leaf(out, name, &plain(value)),
            Cell::Compound(parts) => {
                xml::open(out, name);
                for (part, value) in parts.iter().filter(|(_, value)| !value.is_null()) {
                    xml::leaf(out, part, &plain(value));
                }
                xml::close_tag(out, name);
            }
            Cell::Parent(Some(parent)) => record_xml(out, name, parent, version),
            Cell::Children(Some(children)) => result_xml(out, name, children, version),
        }
    }
    xml::close_tag(out, name);
}

/// A value in its XML Schema text form: datetimes end in `Z`.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => format!("{number:?}"),
        Value::Text(text) => text.to_string(),
        Value::Id(id) => id.to_string(),
        Value::DateTime(at) => at.to_xml(),
        Value::Date(day) => day.to_string(),
        Value::Time(ms) => json::clock(*ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(prefix: &'static str, number: u64) -> RecordId {
        RecordId::new(model::KeyPrefix::parse(prefix).unwrap(), number)
    }

    fn sample() -> Answer {
        let owner = AnswerRow {
            type_name: Arc::from("Name"),
            object_name: Arc::from("User"),
            id: Some(id("005", 1)),
            cells: vec![(Arc::from("Name"), Cell::Value(Value::from("A & B")))],
        };
        let case = AnswerRow {
            type_name: Arc::from("Case"),
            object_name: Arc::from("Case"),
            id: Some(id("500", 1)),
            cells: vec![
                (Arc::from("Id"), Cell::Value(Value::Id(id("500", 1)))),
                (Arc::from("Origin"), Cell::Value(Value::Null)),
                (Arc::from("Owner"), Cell::Parent(Some(Box::new(owner)))),
                (Arc::from("Parent"), Cell::Parent(None)),
                (Arc::from("Cases"), Cell::Children(None)),
            ],
        };
        Answer {
            total: 2,
            done: false,
            next: Some("01gxx-1".to_owned()),
            rows: vec![case],
        }
    }

    #[test]
    fn json_golden() {
        let mut out = Vec::new();
        answer(&mut out, &sample(), 64);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v64.0/query/01gxx-1","records":["#,
                r#"{"attributes":{"type":"Case","url":"/services/data/v64.0/sobjects/Case/500000000000001AAA"},"#,
                r#""Id":"500000000000001AAA","Origin":null,"Owner":{"attributes":{"type":"Name","#,
                r#""url":"/services/data/v64.0/sobjects/User/005000000000001AAA"},"Name":"A & B"},"Parent":null,"Cases":null}]}"#
            )
        );
        let mut out = Vec::new();
        answer(
            &mut out,
            &Answer {
                done: true,
                ..Answer::default()
            },
            64,
        );
        assert_eq!(out, br#"{"totalSize":0,"done":true,"records":[]}"#);
    }

    #[test]
    fn aggregates_have_no_url() {
        let row = AnswerRow {
            type_name: Arc::from("AggregateResult"),
            object_name: Arc::from("AggregateResult"),
            id: None,
            cells: vec![(Arc::from("expr0"), Cell::Value(Value::Int(4)))],
        };
        let mut out = Vec::new();
        self::row(&mut out, &row, 64);
        assert_eq!(
            out,
            br#"{"attributes":{"type":"AggregateResult"},"expr0":4}"#
        );
    }

    #[test]
    fn xml_golden() {
        assert_eq!(
            answer_xml(&sample(), 64),
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8"?><QueryResult><done>false</done>"#,
                "<nextRecordsUrl>/services/data/v64.0/query/01gxx-1</nextRecordsUrl>",
                r#"<records type="Case" url="/services/data/v64.0/sobjects/Case/500000000000001AAA">"#,
                "<Id>500000000000001AAA</Id><Origin/>",
                r#"<Owner type="Name" url="/services/data/v64.0/sobjects/User/005000000000001AAA"><Name>A &amp; B</Name></Owner>"#,
                "<Parent/><Cases/></records><totalSize>2</totalSize></QueryResult>"
            )
        );
    }
}
