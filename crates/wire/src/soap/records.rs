//! Records in SOAP: what create and update send, and what queries answer (rest-api.md 10, form rules 3, 4, 10).

use std::borrow::Cow;
use std::sync::Arc;

use model::{Answer, AnswerRow, Cell, Code, FieldDef, FieldType, ObjectDef, Refusal, Value};

use super::Api;
use super::session::nil;
use crate::json;
use crate::rest::answer::plain;
use crate::rest::body::{Reading, Row};
use crate::rest::values::{Scalar, coerce};
use crate::xml::{self, Element};

/// The object that a record names: in `type`, or by its `xsi:type`.
pub fn type_of(record: &Element) -> Option<&str> {
    let typed = || record.kind.as_deref().filter(|kind| *kind != "sObject");
    record.text_of("type").map(str::trim).or_else(typed)
}

/// Reads one sObject: `type`, `fieldsToNull`, `Id` and the fields.
///
/// # Errors
/// Unknown fields, values of a wrong type.
pub fn row(record: &Element, object: &ObjectDef, version: u32) -> Result<Row, Refusal> {
    let mut reading = Reading::new(object, version);
    for child in &record.children {
        match child.name.as_str() {
            "type" => {}
            "fieldsToNull" if child.nil => {}
            "fieldsToNull" => reading.scalar(child.text.trim(), Scalar::Null),
            name if child.children.is_empty() => reading.scalar(name, scalar(child, object)),
            name => parent(&mut reading, name, child),
        }
    }
    reading.finish().map_err(|refusal| match refusal.code {
        Code::JsonParserError => wrong_type(record, object).unwrap_or(refusal),
        _ => refusal,
    })
}

fn scalar<'e>(element: &'e Element, object: &ObjectDef) -> Scalar<'e> {
    if element.nil {
        return Scalar::Null;
    }
    let field = object.field(&element.name).map(|ix| object.def(ix));
    Scalar::Text(field.map_or(Cow::Borrowed(&element.text), |field| {
        lexical(field, &element.text)
    }))
}

/// XML Schema has forms of dates that JSON clients never send: a day with a zone, a moment without one.
fn lexical<'e>(field: &FieldDef, text: &'e str) -> Cow<'e, str> {
    let trimmed = text.trim();
    match (field.kind, trimmed.split_once(['T', 't'])) {
        (FieldType::Date, None) => Cow::Borrowed(
            trimmed
                .get(..10)
                .filter(|_| has_zone(trimmed))
                .unwrap_or(text),
        ),
        (FieldType::Datetime, Some((_, clock))) if !clock.contains(['Z', 'z', '+', '-']) => {
            Cow::Owned(format!("{trimmed}Z"))
        }
        _ => Cow::Borrowed(text),
    }
}

fn has_zone(day: &str) -> bool {
    let zone = day.get(10..).unwrap_or("");
    let is_offset = zone.len() == 6 && zone.starts_with(['+', '-']) && zone.get(3..4) == Some(":");
    zone == "Z"
        || is_offset
            && zone
                .bytes()
                .skip(1)
                .all(|b| b.is_ascii_digit() || b == b':')
}

/// The refusal of the first value that its field cannot take.
fn wrong_type(record: &Element, object: &ObjectDef) -> Option<Refusal> {
    record.children.iter().find_map(|child| {
        let field = object.def(object.field(&child.name)?);
        coerce(field, scalar(child, object)).err()?;
        let message = format!(
            "{}: value not of required type: {}",
            field.label,
            json::clip(&child.text)
        );
        Some(Refusal::about(
            Code::FieldIntegrityException,
            message,
            [&field.name],
        ))
    })
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

/// `<result>` of query, queryAll and queryMore.
pub fn query_result(out: &mut String, api: Api, answer: &Answer) {
    out.push_str("<result>");
    query_inside(out, api, answer);
    out.push_str("</result>");
}

fn query_inside(out: &mut String, api: Api, answer: &Answer) {
    xml::leaf(out, "done", if answer.done { "true" } else { "false" });
    match &answer.next {
        Some(locator) => xml::leaf(out, "queryLocator", locator),
        None => nil(out, "queryLocator"),
    }
    for row in &answer.rows {
        record(out, api, "records", row);
    }
    xml::leaf(out, "size", &answer.total.to_string());
}

/// One record. In the partner API its Id stands apart and, where it was selected, once more among the fields.
pub fn record(out: &mut String, api: Api, name: &str, row: &AnswerRow) {
    let is_selected = row.cells.iter().any(|(name, _)| &**name == "Id");
    let id = row.id.filter(|_| is_selected);
    match api {
        Api::Partner => {
            xml::open(out, &format!("{name} xsi:type=\"sf:sObject\""));
            xml::leaf(out, "sf:type", &row.type_name);
        }
        Api::Enterprise => xml::open(out, &format!("{name} xsi:type=\"sf:{}\"", row.type_name)),
    }
    match id {
        Some(id) => xml::leaf(out, "sf:Id", &id.to_string()),
        None => nil(out, "sf:Id"),
    }
    if api == Api::Enterprise && row.id.is_some() {
        let mut cells: Vec<_> = row
            .cells
            .iter()
            .filter(|(name, _)| &**name != "Id")
            .collect();
        cells.sort_by(|a, b| a.0.cmp(&b.0)); // the WSDL's order; an aggregate's columns have none
        cells
            .into_iter()
            .for_each(|(name, content)| cell(out, api, name, content));
    } else {
        row.cells
            .iter()
            .for_each(|(name, content)| cell(out, api, name, content));
    }
    xml::close_tag(out, name);
}

fn cell(out: &mut String, api: Api, name: &str, content: &Cell) {
    let name = format!("sf:{name}");
    match content {
        Cell::Value(Value::Null) | Cell::Parent(None) | Cell::Children(None) => nil(out, &name),
        Cell::Value(value) => xml::leaf(out, &name, &plain(value)),
        Cell::Compound(parts) => compound(out, &name, parts),
        Cell::Parent(Some(parent)) => record(out, api, &name, parent),
        Cell::Children(Some(children)) => {
            xml::open(out, &format!("{name} xsi:type=\"QueryResult\""));
            query_inside(out, api, children);
            xml::close_tag(out, &name);
        }
    }
}

/// Parts of the WSDL's address beside those of its base, a location.
const ADDRESS: [&str; 8] = [
    "city",
    "country",
    "countryCode",
    "geocodeAccuracy",
    "postalCode",
    "state",
    "stateCode",
    "street",
];

/// An address or a location with every element that the WSDL asks for, those of a location first.
fn compound(out: &mut String, name: &str, parts: &[(Arc<str>, Value)]) {
    let is_address = parts.iter().any(|(part, _)| ADDRESS.contains(&&**part));
    let (kind, more) = match is_address {
        true => ("address", &ADDRESS[..]),
        false => ("location", &[][..]),
    };
    xml::open(out, &format!("{name} xsi:type=\"{kind}\""));
    for element in ["latitude", "longitude"].iter().chain(more) {
        match parts.iter().find(|(part, _)| **part == **element) {
            Some((_, value)) if !value.is_null() => xml::leaf(out, element, &plain(value)),
            _ => nil(out, element),
        }
    }
    xml::close_tag(out, name);
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Catalogue;

    fn read(object: &str, inside: &str) -> Result<Vec<(String, Value)>, Refusal> {
        let all = Catalogue::standard().unwrap();
        let (_, def) = all.find(object).unwrap();
        let element = xml::parse(format!("<sObjects>{inside}</sObjects>").as_bytes()).unwrap();
        let row = row(&element, def, 64)?;
        Ok(row
            .values
            .into_iter()
            .map(|(f, v)| (def.def(f).name.clone(), v))
            .collect())
    }

    #[test]
    fn an_sobject_is_read() {
        let all = Catalogue::standard().unwrap();
        let (_, def) = all.find("Case").unwrap();
        let text = "<sObjects><type>Case</type><fieldsToNull>Origin</fieldsToNull><id>500000000000001AAA</id>\
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
    fn the_type_stands_in_an_element_or_an_attribute() {
        let of = |text: &str| type_of(&xml::parse(text.as_bytes()).unwrap()).map(str::to_owned);
        assert_eq!(of("<s xsi:type='ens:Case'/>").as_deref(), Some("Case"));
        assert_eq!(
            of("<s xsi:type='sObject'><type> Case </type></s>").as_deref(),
            Some("Case")
        );
        assert_eq!(of("<s xsi:type='sObject'/>"), None);
        let group = read("Group", "<type>Group</type><Type>Queue</Type>").unwrap();
        assert_eq!(group, [("Type".to_owned(), Value::from("Queue"))]);
    }

    #[test]
    fn values_have_the_forms_of_xml_schema() {
        let of = |inside: &str| read("AgentWork", inside).map(|v| v[0].1.clone());
        assert_eq!(
            of("<AcceptDateTime>1970-01-01T00:00:01</AcceptDateTime>"),
            Ok(Value::DateTime(model::Millis(1_000)))
        );
        assert_eq!(
            of("<ShouldSkipCapacityCheck>1</ShouldSkipCapacityCheck>"),
            Ok(Value::Bool(true))
        );
        let field = FieldDef {
            kind: FieldType::Date,
            ..FieldDef::default()
        };
        for (text, want) in [
            ("2026-01-01Z", "2026-01-01"),
            ("2026-01-01+02:00", "2026-01-01"),
            ("2026-01-01", "2026-01-01"),
            ("2026-01-01x", "2026-01-01x"),
            ("\u{20ac}", "\u{20ac}"),
        ] {
            assert_eq!(lexical(&field, text), want);
        }
    }

    #[test]
    fn what_does_not_fit_names_its_field() {
        let refused = read("AgentWork", "<CapacityWeight>much</CapacityWeight>").unwrap_err();
        assert_eq!(
            (refused.code, refused.fields),
            (
                Code::FieldIntegrityException,
                vec!["CapacityWeight".to_owned()]
            )
        );
        assert!(
            refused
                .message
                .ends_with(": value not of required type: much")
        );
        assert_eq!(
            read("Case", "<Nope>1</Nope>").unwrap_err().code,
            Code::InvalidField
        );
        assert_eq!(
            read("Case", "<fieldsToNull>Nope</fieldsToNull>")
                .unwrap_err()
                .code,
            Code::InvalidField
        );
        assert_eq!(
            read("Case", "<ContactId>x</ContactId>").unwrap_err().code,
            Code::MalformedId
        );
    }
}
