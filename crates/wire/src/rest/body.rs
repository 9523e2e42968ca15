//! A record in a request body: names resolved against the catalogue, values typed.
//!
//! One record is read straight from the text without a tree. Problems of fields do not stop the reading,
//! so that a body that is not JSON at all is reported as such; then the first class of problems counts
//! (rest-api.md 3.3): unknown names before values.

use std::borrow::Cow;
use std::fmt;

use model::{Code, FieldIx, ObjectDef, RecordId, Refusal, Value};
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::values::{self, Scalar};
use crate::{json, xml};

/// No object has more fields that one client would set at once.
const KEYS_MAX: usize = 2_000;

/// One record of a request.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Row {
    /// Fields and values, each field once, in the order of the body.
    pub values: Vec<(FieldIx, Value)>,
    /// `Id`, if the body has one.
    pub id: Option<RecordId>,
    /// Parents named by an external id: reference field, parent's field name and value.
    pub parents: Vec<Parent>,
}

/// A parent named by an external id: `"Account":{"ExtId__c":"x"}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parent {
    /// The reference field that gets the parent's id.
    pub field: FieldIx,
    /// Type in `attributes`, needed for polymorphic references.
    pub type_name: Option<String>,
    /// Name of the external id field as sent.
    pub by: String,
    /// Its value as text.
    pub key: String,
}

/// Reads one record of `object`.
///
/// # Errors
/// The first problem of the first class: JSON, names, values.
pub fn record(body: &[u8], object: &ObjectDef, version: u32) -> Result<Row, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(json::no_body());
    }
    if !body.trim_ascii_start().starts_with(b"{") {
        let other: Json = json::parse(body)?;
        return Err(json::cannot_deserialize(&object.name, &json::kind(&other)));
    }
    let mut reading = Reading::new(object, version);
    let mut parser = serde_json::Deserializer::from_slice(body);
    reading
        .read(&mut parser)
        .and_then(|()| parser.end())
        .map_err(|e| json::refusal(&e, body))?;
    reading.finish()
}

/// Reads one record that is already a tree (collections, composite, tree).
///
/// # Errors
/// Like [`record`].
pub fn from_json(json: &Json, object: &ObjectDef, version: u32) -> Result<Row, Refusal> {
    let Json::Object(map) = json else {
        return Err(json::cannot_deserialize(&object.name, &json::kind(json)));
    };
    let mut reading = Reading::new(object, version);
    for (name, value) in map {
        match value {
            Json::Object(inner) => reading.object(name, inner),
            Json::Array(_) => reading.structure(name, "START_ARRAY value ["),
            scalar => reading.scalar(name, scalar_of(scalar)),
        }
    }
    reading.finish()
}

/// Reads one record in XML: `<Case><Subject>x</Subject></Case>`; the name of the root is free.
///
/// # Errors
/// INVALID_INPUT if it is no XML, else like [`record`].
pub fn from_xml(body: &[u8], object: &ObjectDef, version: u32) -> Result<Row, Refusal> {
    let root = xml::parse(body)?;
    let mut reading = Reading::new(object, version);
    for child in &root.children {
        match child.children.is_empty() {
            true if child.nil => reading.scalar(&child.name, Scalar::Null),
            true => reading.scalar(&child.name, Scalar::Text(child.text.as_str().into())),
            false => reading.structure(&child.name, "an element with elements inside"),
        }
    }
    reading.finish()
}

/// The scalar of a JSON value; null for lists and objects.
pub fn scalar_of(json: &Json) -> Scalar<'_> {
    match json {
        Json::Bool(flag) => Scalar::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Scalar::Int(whole),
            (None, Some(float)) => Scalar::Float(float),
            (None, None) => Scalar::Null,
        },
        Json::String(text) => Scalar::Text(Cow::Borrowed(text)),
        Json::Null | Json::Array(_) | Json::Object(_) => Scalar::Null,
    }
}

/// INVALID_FIELD for a name that the object does not have.
pub fn no_such_column(name: &str, object: &str) -> Refusal {
    let message = format!(
        "No such column '{}' on sobject of type {object}",
        json::clip(name)
    );
    Refusal::new(Code::InvalidField, message)
}

/// Collects fields of one record, from JSON, XML or CSV.
pub struct Reading<'c> {
    object: &'c ObjectDef,
    version: u32,
    row: Row,
    unknown: Option<Refusal>,
    unfit: Option<Refusal>,
    keys: usize,
}

impl<'c> Reading<'c> {
    /// Nothing read yet.
    pub fn new(object: &'c ObjectDef, version: u32) -> Self {
        Self {
            object,
            version,
            row: Row::default(),
            unknown: None,
            unfit: None,
            keys: 0,
        }
    }

    /// The record, or the first problem of the first class.
    ///
    /// # Errors
    /// INVALID_FIELD, JSON_PARSER_ERROR or MALFORMED_ID.
    pub fn finish(self) -> Result<Row, Refusal> {
        match self.unknown.or(self.unfit) {
            Some(refusal) => Err(refusal),
            None => Ok(self.row),
        }
    }

    fn read<'de, D: de::Deserializer<'de>>(&mut self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(RowVisitor(self))
    }

    fn field(&mut self, name: &str) -> Option<FieldIx> {
        self.keys += 1;
        let found = self.object.field(name);
        let visible = found
            .filter(|ix| self.keys <= KEYS_MAX && self.object.def(*ix).visible_in(self.version));
        if visible.is_none() {
            self.unknown
                .get_or_insert_with(|| no_such_column(name, &self.object.name));
        }
        visible
    }

    /// One field with a scalar.
    pub fn scalar(&mut self, name: &str, scalar: Scalar<'_>) {
        if name == "attributes" {
            return;
        }
        let Some(field) = self.field(name) else {
            return;
        };
        match values::coerce(self.object.def(field), scalar) {
            Err(refusal) => drop(self.unfit.get_or_insert(refusal)),
            Ok(value) if field == FieldIx(0) => self.row.id = value.as_id(),
            Ok(value) => self.set(field, value),
        }
    }

    /// The last mention of a field counts.
    fn set(&mut self, field: FieldIx, value: Value) {
        match self.row.values.iter_mut().find(|(f, _)| *f == field) {
            Some(known) => known.1 = value,
            None => self.row.values.push((field, value)),
        }
    }

    /// One field with a list or an object, which no field takes.
    fn structure(&mut self, name: &str, found: &str) {
        if name == "attributes" {
            return;
        }
        if let Some(field) = self.field(name) {
            let wanted = self.object.def(field).kind.as_str();
            self.unfit
                .get_or_insert_with(|| json::cannot_deserialize(wanted, found));
        }
    }

    /// A key with an object: a parent by external id, else a wrong type.
    pub fn object(&mut self, name: &str, inner: &serde_json::Map<String, Json>) {
        let relation = self
            .object
            .relationship(name)
            .filter(|_| self.object.field(name).is_none());
        let Some(field) = relation else {
            return self.structure(name, "START_OBJECT value {");
        };
        let mut keys = inner.iter().filter(|(key, _)| *key != "attributes");
        match (keys.next(), keys.next()) {
            (Some((by, key)), None) => {
                let key = match key {
                    Json::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let type_name = inner
                    .get("attributes")
                    .and_then(|a| a["type"].as_str())
                    .map(str::to_owned);
                self.row.parents.push(Parent {
                    field,
                    type_name,
                    by: by.clone(),
                    key,
                });
            }
            _ => {
                let why = format!("The relationship {name} needs exactly one external id field");
                self.unknown
                    .get_or_insert_with(|| Refusal::new(Code::InvalidField, why));
            }
        }
    }
}

struct RowVisitor<'r, 'c>(&'r mut Reading<'c>);

impl<'de> Visitor<'de> for RowVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {}", self.0.object.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(name)) = map.next_key::<Key<'de>>()? {
            map.next_value_seed(ValueSeed {
                reading: self.0,
                name: &name,
            })?;
        }
        Ok(())
    }
}

/// A key of an object, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> de::Deserialize<'de> for Key<'de> {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(KeyVisitor)
    }
}

struct ValueSeed<'r, 'c, 'n> {
    reading: &'r mut Reading<'c>,
    name: &'n str,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.reading.scalar(self.name, Scalar::Bool(flag));
        Ok(())
    }
    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.reading.scalar(self.name, Scalar::Int(number));
        Ok(())
    }
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        let scalar = i64::try_from(number).map_or(Scalar::Float(number as f64), Scalar::Int);
        self.reading.scalar(self.name, scalar);
        Ok(())
    }
    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.reading.scalar(self.name, Scalar::Float(number));
        Ok(())
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.reading
            .scalar(self.name, Scalar::Text(Cow::Borrowed(text)));
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.reading.scalar(self.name, Scalar::Null);
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.reading.structure(self.name, "START_ARRAY value [");
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut inner = serde_json::Map::new();
        while let Some((key, value)) = map.next_entry::<String, Json>()? {
            if inner.len() < 8 {
                inner.insert(key, value);
            }
        }
        if self.name != "attributes" {
            self.reading.object(self.name, &inner);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Catalogue;

    type Told = (Code, String, Vec<String>);

    fn read(object: &str, body: &str) -> Result<Vec<(String, Value)>, Told> {
        let all = Catalogue::standard().unwrap();
        let (_, def) = all.find(object).unwrap();
        let named = |row: Row| {
            row.values
                .into_iter()
                .map(|(f, v)| (def.def(f).name.clone(), v))
                .collect()
        };
        let streamed = record(body.as_bytes(), def, 64).map(named);
        if let Ok(tree) = serde_json::from_str::<Json>(body) {
            assert_eq!(
                from_json(&tree, def, 64).map(named),
                streamed,
                "both readers agree"
            );
        }
        streamed.map_err(|r| (r.code, r.message, r.fields))
    }

    #[test]
    fn a_record_is_typed() {
        let body = r#"{"attributes":{"type":"Case"},"subject":"a\u0041","Subject":"b","IsEscalated":"true","ParentId":"","Origin":null}"#;
        assert_eq!(
            read("Case", body),
            Ok(vec![
                ("Subject".to_owned(), Value::from("b")),
                ("IsEscalated".to_owned(), Value::Bool(true)),
                ("ParentId".to_owned(), Value::Null),
                ("Origin".to_owned(), Value::Null),
            ])
        );
    }

    #[test]
    fn refusals_by_class() {
        for (body, code, message) in [
            (
                r#"{"Subject":"#,
                Code::JsonParserError,
                "Unexpected end-of-input at [line:1, column:11]",
            ),
            (
                r#"{"Subject":"x"} {}"#,
                Code::JsonParserError,
                "Unexpected character ('{' (code 123)) at [line:1, column:17]",
            ),
            (
                "[]",
                Code::JsonParserError,
                "Cannot deserialize instance of Case from START_ARRAY value [ or request may be missing a required field",
            ),
            (
                r#"{"Subject":{"a":1},"Nope":1}"#,
                Code::InvalidField,
                "No such column 'Nope' on sobject of type Case",
            ),
            (
                r#"{"Subject":{"a":1}}"#,
                Code::JsonParserError,
                "Cannot deserialize instance of string from START_OBJECT value { or request may be missing a required field",
            ),
            (
                r#"{"Priority":["High"]}"#,
                Code::JsonParserError,
                "Cannot deserialize instance of picklist from START_ARRAY value [ or request may be missing a required field",
            ),
            (
                r#"{"ParentId":"xyz"}"#,
                Code::MalformedId,
                "ParentId: id value of incorrect type: xyz",
            ),
        ] {
            let got = read("Case", body).unwrap_err();
            assert_eq!((got.0, got.1.as_str()), (code, message), "{body}");
        }
        assert_eq!(
            read("Case", r#"{"ParentId":"xyz"}"#).unwrap_err().2,
            ["ParentId"]
        );
    }

    #[test]
    fn a_record_in_xml() {
        let all = Catalogue::standard().unwrap();
        let (_, def) = all.find("Case").unwrap();
        let read = |text: &str| from_xml(text.as_bytes(), def, 64).map_err(|r| r.code);
        let row = read("<Case><Subject>a &amp; b</Subject><Origin/></Case>").unwrap();
        let values: Vec<_> = row.values.into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [Value::from("a & b"), Value::Null]);
        assert_eq!(read("<Case><Nope/></Case>"), Err(Code::InvalidField));
        assert_eq!(
            read("<Case><Subject><b/></Subject></Case>"),
            Err(Code::JsonParserError)
        );
        assert_eq!(read("<Case>"), Err(Code::InvalidInput));
    }

    #[test]
    fn parents_by_external_id() {
        let all = Catalogue::standard().unwrap();
        let (_, def) = all.find("Case").unwrap();
        let row = record(br#"{"Contact":{"Email":"a@b.c"}}"#, def, 64).unwrap();
        assert_eq!(
            (row.parents[0].by.as_str(), row.parents[0].key.as_str()),
            ("Email", "a@b.c")
        );
    }

    #[test]
    fn hostile_bodies_end() {
        let deep = format!(
            "{{\"Subject\":{}{}}}",
            "[".repeat(50_000),
            "]".repeat(50_000)
        );
        assert!(read("Case", &deep).is_err());
        let wide: String = (0..5_000).map(|n| format!("\"k{n}\":1,")).collect();
        assert_eq!(
            read("Case", &format!("{{{wide}\"Subject\":1}}"))
                .unwrap_err()
                .0,
            Code::InvalidField
        );
    }
}
