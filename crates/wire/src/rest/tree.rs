//! Trees of records: parents with their children, stored all or none (rest-api.md 7.3).

use model::{Catalogue, Code, FieldIx, ObjectIx, RecordId, Refusal};
use serde_json::{Map, Value as Json};

use super::body::{self, Row};
use super::errors::result_errors;
use crate::json;

/// Records of one tree request.
pub const RECORDS_MAX: usize = 200;
/// Levels of one tree.
const LEVELS_MAX: usize = 5;

/// One record of a tree.
#[derive(Debug)]
pub struct Node {
    /// Its name in the answer.
    pub reference_id: String,
    /// Its object.
    pub object: ObjectIx,
    /// Its fields.
    pub row: Result<Row, Refusal>,
    /// The reference field that gets the parent's id, and which node that is.
    pub parent: Option<(FieldIx, usize)>,
}

/// Reads a tree: all records, parents before their children.
///
/// # Errors
/// No such shape, too many records or levels.
pub fn read(
    body: &[u8],
    catalogue: &Catalogue,
    object: ObjectIx,
    version: u32,
) -> Result<Vec<Node>, Refusal> {
    let json: Json = json::parse(body)?;
    let records = json
        .get("records")
        .ok_or_else(|| json::wrong("The property records is missing"))?;
    let mut reading = Reading {
        catalogue,
        version,
        nodes: Vec::new(),
    };
    reading.list(records, object, None, 1)?;
    Ok(reading.nodes)
}

struct Reading<'c> {
    catalogue: &'c Catalogue,
    version: u32,
    nodes: Vec<Node>,
}

impl Reading<'_> {
    fn list(
        &mut self,
        records: &Json,
        object: ObjectIx,
        parent: Option<(FieldIx, usize)>,
        level: usize,
    ) -> Result<(), Refusal> {
        let Json::Array(records) = records else {
            return Err(json::cannot_deserialize(
                "a list of records",
                &json::kind(records),
            ));
        };
        if level > LEVELS_MAX {
            return Err(Refusal::new(
                Code::LimitExceeded,
                format!("A tree has at most {LEVELS_MAX} levels"),
            ));
        }
        for record in records {
            self.record(record, object, parent, level)?;
        }
        Ok(())
    }

    fn record(
        &mut self,
        record: &Json,
        object: ObjectIx,
        parent: Option<(FieldIx, usize)>,
        level: usize,
    ) -> Result<(), Refusal> {
        if self.nodes.len() >= RECORDS_MAX {
            return Err(super::collections::too_many(RECORDS_MAX));
        }
        let Json::Object(map) = record else {
            return Err(json::cannot_deserialize("a record", &json::kind(record)));
        };
        let reference = map
            .get("attributes")
            .and_then(|a| a.get("referenceId"))
            .and_then(Json::as_str);
        let reference_id = reference
            .ok_or_else(|| json::wrong("attributes.referenceId is missing"))?
            .to_owned();
        if self
            .nodes
            .iter()
            .any(|node| node.reference_id == reference_id)
        {
            return Err(json::wrong(&format!(
                "Duplicate reference id: {}",
                json::clip(&reference_id)
            )));
        }
        let def = self.catalogue.def(object);
        let (mut fields, mut lists) = (Map::new(), Vec::new());
        for (name, value) in map {
            match self
                .child(object, name)
                .filter(|_| value.get("records").is_some())
            {
                Some(child) => lists.push((child, &value["records"])),
                None => drop(fields.insert(name.clone(), value.clone())),
            }
        }
        let row = body::from_json(&Json::Object(fields), def, self.version);
        let at = self.nodes.len();
        self.nodes.push(Node {
            reference_id,
            object,
            row,
            parent,
        });
        for ((child, field), records) in lists {
            self.list(records, child, Some((field, at)), level + 1)?;
        }
        Ok(())
    }

    /// The child object and its reference field behind a relationship name.
    fn child(&self, object: ObjectIx, relation: &str) -> Option<(ObjectIx, FieldIx)> {
        let relations = &self.catalogue.def(object).child_relationships;
        let found = relations.iter().find(|c| {
            c.relationship_name
                .as_deref()
                .is_some_and(|n| n.eq_ignore_ascii_case(relation))
        })?;
        let (child, def) = self.catalogue.find(&found.child_object)?;
        Some((child, def.field(&found.field)?))
    }
}

/// The answer: all ids, or only the failing records.
pub fn answer(out: &mut Vec<u8>, nodes: &[Node], results: &[Result<RecordId, Refusal>]) {
    let has_errors = results.iter().any(Result::is_err);
    let mut object = json::Object::open(out);
    object.bool("hasErrors", has_errors);
    let undone = |result: &Result<RecordId, Refusal>| {
        result.as_ref().is_ok_and(|_| has_errors)
            || result
                .as_ref()
                .is_err_and(|r| r.code == Code::AllOrNoneOperationRolledBack)
    };
    let shown = nodes
        .iter()
        .zip(results)
        .filter(|(_, result)| !undone(result));
    json::list(object.key("results"), shown, |out, (node, result)| {
        let mut o = json::Object::open(out);
        o.text("referenceId", &node.reference_id);
        match result {
            Ok(id) => drop(o.id("id", *id)),
            Err(refusal) => result_errors(o.key("errors"), std::slice::from_ref(refusal)),
        }
        o.close();
    });
    object.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_before_their_children() {
        let all = Catalogue::standard().unwrap();
        let case = all.object("Case").unwrap();
        let body = br#"{"records":[{"attributes":{"type":"Case","referenceId":"r1"},"Subject":"a",
            "Cases":{"records":[{"attributes":{"type":"Case","referenceId":"r2"},"Subject":"b"}]}}]}"#;
        let nodes = read(body, &all, case, 64).unwrap();
        assert_eq!(nodes.len(), 2);
        let field = all.def(case).field("ParentId").unwrap();
        assert_eq!((nodes[0].parent, nodes[1].parent), (None, Some((field, 0))));
        for wrong in [
            "{}",
            "[]",
            r#"{"records":{}}"#,
            r#"{"records":[5]}"#,
            r#"{"records":[{"Subject":"x"}]}"#,
        ] {
            assert!(read(wrong.as_bytes(), &all, case, 64).is_err(), "{wrong}");
        }
    }
}
