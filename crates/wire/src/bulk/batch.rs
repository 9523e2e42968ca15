//! Rows of Bulk 1.0 in JSON and XML become CSV, so that there is one way into the org: the columns are all
//! names that occur, in the order of their first appearance; what a row does not name stays empty.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::columns::NULL;
use super::csv::{Dialect, Ending, Parser};
use crate::xml::{self, Element};

/// Rows of a batch.
pub const ROWS_MAX: usize = 10_000;

/// CSV as this module writes it.
const OWN: Dialect = Dialect {
    delimiter: b',',
    ending: Ending::Lf,
};

/// Names in the order in which they came.
#[derive(Default)]
struct Names {
    places: BTreeMap<String, usize>,
    list: Vec<String>,
}

impl Names {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.list.len();
        self.places.insert(name.to_owned(), place);
        self.list.push(name.to_owned());
        place
    }
}

/// One row: places of names, and their texts.
type Sparse = Vec<(usize, String)>;

fn csv(names: &Names, rows: &[Sparse]) -> Vec<u8> {
    let mut out = Vec::new();
    OWN.write(&names.list, &mut out);
    let mut cells = vec![""; names.list.len()];
    for row in rows {
        cells.fill("");
        for (place, text) in row {
            if let Some(cell) = cells.get_mut(*place) {
                *cell = text;
            }
        }
        OWN.write(&cells, &mut out);
    }
    out
}

fn too_many() -> String {
    format!("InvalidBatch : A batch takes at most {ROWS_MAX} records")
}

/// Counts the rows of CSV.
///
/// # Errors
/// More than [`ROWS_MAX`]. What cannot be read is left to the one who loads it.
pub fn count_csv(body: &[u8]) -> Result<usize, String> {
    let mut parser = Parser::new(Dialect::PLAIN);
    let mut rest = body;
    let mut records = 0;
    while !rest.is_empty() {
        let Ok((used, complete)) = parser.feed(rest) else {
            break;
        };
        rest = rest.get(used..).unwrap_or_default();
        records += usize::from(complete);
        if records > ROWS_MAX + 1 {
            return Err(too_many());
        }
    }
    Ok(records.saturating_sub(1))
}

/// Rows in JSON: a list of objects.
///
/// # Errors
/// No such list, too many rows, a value that is a list.
pub fn from_json(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut names = Names::default();
    let mut rows = Vec::new();
    let mut parser = serde_json::Deserializer::from_slice(body);
    let mut problem = None;
    let mut each = |map: Map<String, Json>| {
        if rows.len() >= ROWS_MAX {
            return Err(too_many());
        }
        let mut row = Sparse::new();
        json_row(&map, "", &mut names, &mut row)?;
        rows.push(row);
        Ok(())
    };
    let read = Each {
        each: &mut each,
        problem: &mut problem,
    }
    .deserialize(&mut parser);
    if let Some(problem) = problem {
        return Err(problem);
    }
    read.and_then(|()| parser.end())
        .map_err(|e| format!("InvalidBatch : Failed to parse JSON: {e}"))?;
    Ok(csv(&names, &rows))
}

/// Takes the objects of a list one by one, so that the whole list is never a tree.
struct Each<'a, F> {
    each: &'a mut F,
    problem: &'a mut Option<String>,
}

impl<'de, F: FnMut(Map<String, Json>) -> Result<(), String>> DeserializeSeed<'de> for Each<'_, F> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Map<String, Json>) -> Result<(), String>> Visitor<'de> for Each<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(map) = list.next_element()? {
            if let Err(problem) = (self.each)(map) {
                let text = problem.clone();
                *self.problem = Some(problem);
                return Err(serde::de::Error::custom(text));
            }
        }
        Ok(())
    }
}

fn json_row(
    map: &Map<String, Json>,
    before: &str,
    names: &mut Names,
    row: &mut Sparse,
) -> Result<(), String> {
    for (name, value) in map {
        let text = match value {
            Json::Null => NULL.to_owned(),
            Json::Bool(flag) => flag.to_string(),
            Json::Number(number) => number.to_string(),
            Json::String(text) if text.is_empty() => NULL.to_owned(),
            Json::String(text) => text.clone(),
            Json::Object(_) if name == "attributes" => continue,
            Json::Object(inner) if before.is_empty() => {
                let kind = inner
                    .get("attributes")
                    .and_then(|a| a.get("type"))
                    .and_then(Json::as_str);
                json_row(inner, &parent(kind, name), names, row)?;
                continue;
            }
            Json::Object(_) | Json::Array(_) => {
                return Err(format!(
                    "InvalidBatch : {} is no value of a field",
                    crate::json::clip(name)
                ));
            }
        };
        row.push((names.place(&format!("{before}{name}")), text));
    }
    Ok(())
}

/// What stands before the names of a parent's key.
fn parent(kind: Option<&str>, relation: &str) -> String {
    match kind {
        Some(kind) => format!("{kind}:{relation}."),
        None => format!("{relation}."),
    }
}

/// Rows in XML: `sObjects` of `sObject`.
///
/// # Errors
/// No such document, or too many rows.
pub fn from_xml(body: &[u8]) -> Result<Vec<u8>, String> {
    let root = xml::parse(body)
        .map_err(|r| format!("InvalidBatch : Failed to parse XML: {}", r.message))?;
    let mut names = Names::default();
    let mut rows = Vec::new();
    for record in root.all("sObject") {
        if rows.len() >= ROWS_MAX {
            return Err(too_many());
        }
        let mut row = Sparse::new();
        xml_row(record, "", &mut names, &mut row);
        rows.push(row);
    }
    Ok(csv(&names, &rows))
}

fn xml_row(record: &Element, before: &str, names: &mut Names, row: &mut Sparse) {
    for field in &record.children {
        if let (Some(inner), true) = (field.child("sObject"), before.is_empty()) {
            xml_row(
                inner,
                &parent(inner.text_of("type"), &field.name),
                names,
                row,
            );
        } else if field.name != "type" || before.is_empty() {
            let is_null = field.nil || field.text.is_empty();
            let text = if is_null {
                NULL.to_owned()
            } else {
                field.text.clone()
            };
            row.push((names.place(&format!("{before}{}", field.name)), text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(csv: Vec<u8>) -> String {
        String::from_utf8(csv).unwrap()
    }

    #[test]
    fn rows_become_csv() {
        let json = br#"[{"A":"x","B":null,"attributes":{"type":"Case"}},{"C":1.5,"A":true,"P":{"attributes":{"type":"User"},"K":"k"},"Q":{"K":""}}]"#;
        assert_eq!(
            text(from_json(json).unwrap()),
            "\"A\",\"B\",\"C\",\"User:P.K\",\"Q.K\"\n\"x\",\"#N/A\",\"\",\"\",\"\"\n\"true\",\"\",\"1.5\",\"k\",\"#N/A\"\n"
        );
        let xml = b"<sObjects xmlns='u' xmlns:xsi='v'><sObject><A>x &amp; y</A><B xsi:nil='true'/></sObject><sObject><P><sObject><type>User</type><K>k</K></sObject></P></sObject></sObjects>";
        assert_eq!(
            text(from_xml(xml).unwrap()),
            "\"A\",\"B\",\"User:P.K\"\n\"x & y\",\"#N/A\",\"\"\n\"\",\"\",\"k\"\n"
        );
    }

    #[test]
    fn what_is_no_batch() {
        for body in [
            "",
            "{}",
            "[1]",
            "[{\"A\":[1]}]",
            "[{\"A\":1}",
            "[] x",
            "[{\"P\":{\"Q\":{\"R\":1}}}]",
        ] {
            assert!(
                from_json(body.as_bytes())
                    .unwrap_err()
                    .starts_with("InvalidBatch : "),
                "{body}"
            );
        }
        assert!(from_xml(b"<sObjects>").is_err());
        let many = format!("[{}]", vec!["{}"; ROWS_MAX + 1].join(","));
        assert_eq!(from_json(many.as_bytes()).unwrap_err(), too_many());
        assert_eq!(count_csv("A\n1\n\n2\n".as_bytes()), Ok(2));
        assert_eq!(
            count_csv("A\n".repeat(ROWS_MAX + 2).as_bytes()),
            Err(too_many())
        );
    }
}
