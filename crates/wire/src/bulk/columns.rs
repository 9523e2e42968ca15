//! A header against an object, and records into typed rows (rest-api.md 8.1).
//!
//! An empty cell says nothing, `#N/A` says null. `Account.Ext__c` names a parent by one of its keys,
//! `User:Owner.Username` also says which object a polymorphic parent is of.

use model::{Catalogue, Code, FieldDef, FieldIx, ObjectDef, ObjectIx, RecordId, Refusal, Value};

use super::csv::Record;
use crate::json::clip;
use crate::rest::values::{Scalar, coerce};

/// What a cell says to make a field null.
pub const NULL: &str = "#N/A";

#[derive(Clone, Debug, PartialEq)]
enum Column {
    Id,
    Field(FieldIx),
    Parent {
        field: FieldIx,
        object: ObjectIx,
        by: FieldIx,
    },
}

/// The columns of an upload.
#[derive(Clone, Debug)]
pub struct Columns {
    columns: Vec<Column>,
}

/// One row, its names resolved and its values typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Fields and values.
    pub values: Vec<(FieldIx, Value)>,
    /// `Id`, if it has one.
    pub id: Option<RecordId>,
    /// Parents named by a key.
    pub parents: Vec<Parent>,
}

/// A parent named by a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Parent {
    /// The reference field.
    pub field: FieldIx,
    /// The parent's object.
    pub object: ObjectIx,
    /// The parent's field.
    pub by: FieldIx,
    /// Its value.
    pub key: Value,
}

fn is_key(field: &FieldDef) -> bool {
    field.external_id || field.id_lookup || field.name == "Id"
}

impl Columns {
    /// Reads a header.
    ///
    /// # Errors
    /// A name that is no field of the object, or stands there twice.
    pub fn read(
        header: &Record,
        catalogue: &Catalogue,
        object: &ObjectDef,
        version: u32,
    ) -> Result<Self, String> {
        let mut columns: Vec<Column> = Vec::with_capacity(header.cells().len());
        for name in header.cells().map(str::trim) {
            let column = column(name, catalogue, object, version)
                .ok_or_else(|| format!("InvalidBatch : Field name not found : {}", clip(name)))?;
            if columns.contains(&column) {
                return Err(format!(
                    "InvalidBatch : Duplicate field name : {}",
                    clip(name)
                ));
            }
            columns.push(column);
        }
        Ok(Self { columns })
    }

    /// Reads a record.
    ///
    /// # Errors
    /// The first value that does not fit its field, or a record of another width than the header.
    pub fn row(
        &self,
        record: &Record,
        catalogue: &Catalogue,
        object: &ObjectDef,
    ) -> Result<Row, Refusal> {
        let cells = record.cells();
        if cells.len() != self.columns.len() {
            let message = format!(
                "the row has {} columns, the header {}",
                cells.len(),
                self.columns.len()
            );
            return Err(Refusal::new(Code::InvalidInput, message));
        }
        let mut row = Row {
            values: Vec::with_capacity(cells.len()),
            ..Row::default()
        };
        for (column, cell) in self.columns.iter().zip(cells) {
            if cell.is_empty() {
                continue;
            }
            match column {
                Column::Id => row.id = value(object.def(FieldIx(0)), cell)?.as_id(),
                Column::Field(field) => row.values.push((*field, value(object.def(*field), cell)?)),
                Column::Parent { field, .. } if cell == NULL => {
                    row.values.push((*field, Value::Null))
                }
                Column::Parent { field, object, by } => {
                    let key = value(catalogue.def(*object).def(*by), cell)?;
                    row.parents.push(Parent {
                        field: *field,
                        object: *object,
                        by: *by,
                        key,
                    });
                }
            }
        }
        Ok(row)
    }
}

fn column(name: &str, catalogue: &Catalogue, object: &ObjectDef, version: u32) -> Option<Column> {
    let visible = |ix: &FieldIx| object.def(*ix).visible_in(version);
    if let Some(field) = object.field(name).filter(visible) {
        return Some(if field == FieldIx(0) {
            Column::Id
        } else {
            Column::Field(field)
        });
    }
    let (path, by) = name.split_once('.')?;
    let (kind, relation) = match path.split_once(':') {
        Some((kind, relation)) => (Some(kind), relation),
        None => (None, path),
    };
    let field = object.relationship(relation).filter(visible)?;
    let targets = &object.def(field).reference_to;
    let target = match (kind, targets.as_slice()) {
        (Some(kind), all) => all.iter().find(|t| t.eq_ignore_ascii_case(kind))?,
        (None, [one]) => one,
        (None, _) => return None,
    };
    let (target, def) = catalogue.find(target)?;
    let by = def.field(by).filter(|ix| is_key(def.def(*ix)))?;
    Some(Column::Parent {
        field,
        object: target,
        by,
    })
}

fn value(field: &FieldDef, cell: &str) -> Result<Value, Refusal> {
    if cell == NULL {
        return Ok(Value::Null);
    }
    coerce(field, Scalar::Text(cell.into())).map_err(|refusal| match refusal.code {
        Code::JsonParserError => {
            let message = format!(
                "{}: value not of required type: {}",
                field.label,
                clip(cell)
            );
            Refusal::about(Code::FieldIntegrityException, message, [&field.name])
        }
        _ => refusal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::csv::{Dialect, Parser};

    fn records(text: &str) -> Vec<Record> {
        let mut parser = Parser::new(Dialect::PLAIN);
        let mut rest = text.as_bytes();
        let mut all = Vec::new();
        while !rest.is_empty() {
            let (used, complete) = parser.feed(rest).unwrap();
            rest = &rest[used..];
            if complete {
                all.push(parser.record().clone());
            }
        }
        all
    }

    fn of(object: &str, text: &str) -> Result<Vec<Result<Row, Code>>, String> {
        let catalogue = Catalogue::standard().unwrap();
        let (_, def) = catalogue.find(object).unwrap();
        let records = records(text);
        let columns = Columns::read(&records[0], &catalogue, def, 64)?;
        let read = |r| columns.row(r, &catalogue, def).map_err(|r| r.code);
        Ok(records[1..].iter().map(read).collect())
    }

    #[test]
    fn cells_say_nothing_null_or_a_value() {
        let rows = of(
            "Case",
            "subject, Id ,Origin\nA,,\n#N/A,500000000000001AAA,Web\n",
        )
        .unwrap();
        let first = rows[0].as_ref().unwrap();
        assert_eq!((first.values.len(), first.id), (1, None));
        let second = rows[1].as_ref().unwrap();
        assert_eq!(second.values[0].1, Value::Null);
        assert_eq!(second.id.unwrap().to_string(), "500000000000001AAA");
    }

    #[test]
    fn parents_by_a_key() {
        let rows = of("Case", "Contact.Email,User:Owner.Username\na@b.c,#N/A\n").unwrap();
        let row = rows[0].as_ref().unwrap();
        assert_eq!((row.parents.len(), row.values.len()), (1, 1));
        assert_eq!(row.parents[0].key, Value::from("a@b.c"));
    }

    #[test]
    fn headers_and_rows_that_do_not_fit() {
        for header in [
            "Nope",
            "Subject,subject",
            "Owner.Username",
            "Contact.Nope",
            "Contact.LastName",
            "Nope.Id",
            "",
        ] {
            let why = of("Case", &format!("{header},Status\n")).unwrap_err();
            assert!(why.starts_with("InvalidBatch : "), "{why}");
        }
        let rows = of("Case", "Subject,ContactId\nA\nA,xyz\n").unwrap();
        assert_eq!(rows, [Err(Code::InvalidInput), Err(Code::MalformedId)]);
    }
}
