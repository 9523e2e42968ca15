//! Records in SOAP: what create and update send, what queries answer, results of writes.
//!
//! Elements stand in the order of the WSDL; required ones without a value are `xsi:nil`.

use model::{Answer, AnswerRow, Cell, Code, ObjectDef, RecordId, Refusal, Value};

use super::session::nil;
use crate::rest::answer::plain;
use crate::rest::body::{Reading, Row};
use crate::rest::values::Scalar;
use crate::xml::{self, Element};

/// Records of one create, update, upsert or delete.
pub const RECORDS_MAX: usize = 200;
/// Ids of one retrieve.
pub const RETRIEVE_MAX: usize = 2_000;

/// The type that an sObject names.
pub fn type_of(record: &Element) -> Option<&str> {
    record.text_of("type").map(str::trim)
}

/// Reads one sObject: `type`, `fieldsToNull`, `Id` and the fields.
///
/// # Errors
/// Unknown fields, values of a wrong type.
pub fn row(record: &Element, object: &ObjectDef, version: u32) -> Result<Row, Refusal> {
    let mut reading = Reading::new(object, version);
    for child in record.children.iter().skip_while(|c| c.name == "type") {
        match child.name.as_str() {
            "type" => {}
            "fieldsToNull" if child.nil => {}
            "fieldsToNull" => reading.scalar(child.text.trim(), Scalar::Null),
            "id" => reading.scalar("Id", scalar(child)),
            name if child.children.is_empty() => reading.scalar(name, scalar(child)),
            name => parent(&mut reading, name, child),
        }
    }
    reading.finish()
}

fn scalar(element: &Element) -> Scalar<'_> {
    if element.nil {
        Scalar::Null
    } else {
        Scalar::Text(element.text.as_str().into())
    }
}

/// `<Account><type>Account</type><ExtId__c>x</ExtId__c></Account>`.
fn parent(reading: &mut Reading<'_>, name: &str, element: &Element) {
    let mut map = serde_json::Map::new();
    if let Some(kind) = type_of(element) {
        map.insert("attributes".to_owned(), serde_json::json!({ "type": kind }));
    }
    for child in element
        .children
        .iter()
        .filter(|c| c.name != "type" && !c.nil)
    {
        map.insert(child.name.clone(), child.text.clone().into());
    }
    reading.object(name, &map);
}

/// `<result><done/><queryLocator/>...<size/></result>`.
pub fn query_result(out: &mut String, name: &str, answer: &Answer) {
    xml::open(out, name);
    query_inside(out, answer);
    xml::close_tag(out, name);
}

fn query_inside(out: &mut String, answer: &Answer) {
    xml::leaf(out, "done", if answer.done { "true" } else { "false" });
    match &answer.next {
        Some(locator) => xml::leaf(out, "queryLocator", locator),
        None => nil(out, "queryLocator"),
    }
    for row in &answer.rows {
        record(out, "records", row);
    }
    xml::leaf(out, "size", &answer.total.to_string());
}

/// One record as `<name xsi:type="sf:sObject">`.
pub fn record(out: &mut String, name: &str, row: &AnswerRow) {
    let tag = format!("{name} xsi:type=\"sf:sObject\"");
    xml::open(out, &tag);
    xml::leaf(out, "sf:type", &row.type_name);
    let has_id = row.cells.iter().any(|(name, _)| &**name == "Id");
    match row.id.filter(|_| has_id) {
        Some(id) => xml::leaf(out, "sf:Id", &id.to_string()),
        None => nil(out, "sf:Id"),
    }
    for (name, cell) in &row.cells {
        let name = format!("sf:{name}");
        match cell {
            Cell::Value(Value::Null) | Cell::Parent(None) | Cell::Children(None) => nil(out, &name),
            Cell::Value(value) => xml::leaf(out, &name, &plain(value)),
            Cell::Parent(Some(parent)) => record(out, &name, parent),
            Cell::Children(Some(children)) => {
                xml::open(out, &format!("{name} xsi:type=\"QueryResult\""));
                query_inside(out, children);
                xml::close_tag(out, &name);
            }
        }
    }
    xml::close_tag(out, name);
}

/// `<result>` of create, update, delete and undelete; an upsert says `created` first.
pub fn save_result(
    out: &mut String,
    done: Result<(RecordId, Option<bool>), &Refusal>,
    shows_created: bool,
) {
    out.push_str("<result>");
    if shows_created {
        let created = done
            .as_ref()
            .ok()
            .and_then(|(_, created)| *created)
            .unwrap_or(false);
        xml::leaf(out, "created", if created { "true" } else { "false" });
    }
    match done {
        Ok((id, _)) => xml::leaf(out, "id", &id.to_string()),
        Err(refusal) => {
            error(out, refusal);
            nil(out, "id");
        }
    }
    xml::leaf(out, "success", if done.is_ok() { "true" } else { "false" });
    out.push_str("</result>");
}

fn error(out: &mut String, refusal: &Refusal) {
    out.push_str("<errors>");
    for field in &refusal.fields {
        xml::leaf(out, "fields", field);
    }
    xml::leaf(out, "message", &refusal.message);
    xml::leaf(out, "statusCode", refusal.code.as_str());
    out.push_str("</errors>");
}

/// Refuses more records than a call takes.
///
/// # Errors
/// EXCEEDED_ID_LIMIT.
pub fn check_count(count: usize, max: usize) -> Result<(), Refusal> {
    if count <= max {
        return Ok(());
    }
    let message =
        format!("record limit reached. cannot submit more than {max} records into this call");
    Err(Refusal::new(Code::ExceededIdLimit, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Catalogue, KeyPrefix};
    use std::sync::Arc;

    #[test]
    fn an_sobject_is_read() {
        let all = Catalogue::standard().unwrap();
        let (_, def) = all.find("Case").unwrap();
        let text = "<sObjects><type>Case</type><fieldsToNull>Origin</fieldsToNull><Id>500000000000001AAA</Id>\
            <Subject xsi:type='xsd:string'>a &amp; b</Subject><Priority xsi:nil='true'/>\
            <Contact><type>Contact</type><Email>x@y.z</Email></Contact></sObjects>";
        let element = xml::parse(text.as_bytes()).unwrap();
        assert_eq!(type_of(&element), Some("Case"));
        let row = row(&element, def, 64).unwrap();
        let named: Vec<_> = row
            .values
            .iter()
            .map(|(f, v)| (def.def(*f).name.as_str(), v.clone()))
            .collect();
        assert_eq!(
            named,
            [
                ("Origin", Value::Null),
                ("Subject", Value::from("a & b")),
                ("Priority", Value::Null)
            ]
        );
        assert!(row.id.is_some());
        assert_eq!(row.parents[0].key, "x@y.z");
    }

    #[test]
    fn records_and_results_stand_in_the_order_of_the_wsdl() {
        let id = RecordId::new(KeyPrefix::of("500"), 1);
        let row = AnswerRow {
            type_name: Arc::from("Case"),
            object_name: Arc::from("Case"),
            id: Some(id),
            cells: vec![
                (Arc::from("Id"), Cell::Value(Value::Id(id))),
                (Arc::from("Origin"), Cell::Value(Value::Null)),
            ],
        };
        let mut out = String::new();
        query_result(
            &mut out,
            "result",
            &Answer {
                total: 1,
                done: true,
                next: None,
                rows: vec![row],
            },
        );
        assert_eq!(
            out,
            "<result><done>true</done><queryLocator xsi:nil=\"true\"/><records xsi:type=\"sf:sObject\"><sf:type>Case</sf:type>\
             <sf:Id>500000000000001AAA</sf:Id><sf:Id>500000000000001AAA</sf:Id><sf:Origin xsi:nil=\"true\"/></records>\
             <size>1</size></result>"
        );
        let mut out = String::new();
        save_result(
            &mut out,
            Err(&Refusal::about(Code::StringTooLong, "x", ["Subject"])),
            false,
        );
        save_result(&mut out, Ok((id, Some(true))), true);
        assert_eq!(
            out,
            "<result><errors><fields>Subject</fields><message>x</message><statusCode>STRING_TOO_LONG</statusCode></errors>\
             <id xsi:nil=\"true\"/><success>false</success></result>\
             <result><created>true</created><id>500000000000001AAA</id><success>true</success></result>"
        );
    }
}
