//! Computed values to nested answer rows. Stores and the evaluator share it, so that labels, parents
//! and TYPEOF look the same everywhere.

use std::sync::Arc;

use model::{Answer, AnswerRow, Catalogue, Cell, FieldType, ObjectIx, RecordId, Value};

use crate::format;
use crate::plan::{Column, Expr, QueryPlan, Shape, Show};

/// One row of an answer: `values` are those of [`QueryPlan::outputs`], `children` the answers of
/// [`QueryPlan::children`] for this row (one without rows may be given as such or as `None`). Slots that
/// are missing count as null.
pub fn assemble(
    plan: &QueryPlan,
    catalogue: &Catalogue,
    values: &[Value],
    children: Vec<Option<Answer>>,
) -> AnswerRow {
    let mut row = Row {
        plan,
        catalogue,
        values,
        children,
    };
    let cells = row.cells(&plan.columns);
    match plan.shape {
        Shape::Groups(_) => named(Arc::from("AggregateResult"), None, cells),
        Shape::Rows | Shape::Count => {
            let id = row.value(0).as_id();
            named(row.name(plan.scan.object), id, cells)
        }
    }
}

fn named(name: Arc<str>, id: Option<RecordId>, cells: Vec<(Arc<str>, Cell)>) -> AnswerRow {
    AnswerRow {
        type_name: name.clone(),
        object_name: name,
        id,
        cells,
    }
}

struct Row<'a> {
    plan: &'a QueryPlan,
    catalogue: &'a Catalogue,
    values: &'a [Value],
    children: Vec<Option<Answer>>,
}

impl Row<'_> {
    fn name(&self, object: ObjectIx) -> Arc<str> {
        Arc::from(self.catalogue.def(object).name.as_str())
    }

    fn value(&self, slot: usize) -> Value {
        let value = self.values.get(slot).cloned().unwrap_or_default();
        match self.plan.outputs.get(slot) {
            Some(Expr::Field(path)) if value.is_null() && path.kind == FieldType::Boolean => {
                Value::Bool(false)
            }
            _ => value,
        }
    }

    fn cells(&mut self, columns: &[Column]) -> Vec<(Arc<str>, Cell)> {
        columns
            .iter()
            .map(|column| match column {
                Column::Value { name, slot, show } => {
                    (name.clone(), Cell::Value(shown(self.value(*slot), show)))
                }
                Column::Compound { name, parts } => (name.clone(), self.compound(parts)),
                Column::Parent {
                    name,
                    id,
                    polymorphic,
                    columns,
                } => (name.clone(), self.parent(*id, *polymorphic, columns)),
                Column::TypeOf { name, id, branches } => {
                    (name.clone(), self.type_of(*id, branches))
                }
                Column::Children { name, child } => {
                    let answer = self.children.get_mut(*child).and_then(Option::take);
                    let answer = answer.filter(|a| a.total > 0).map(Box::new);
                    (name.clone(), Cell::Children(answer))
                }
            })
            .collect()
    }

    fn compound(&self, parts: &[(Arc<str>, usize)]) -> Cell {
        let part = |(name, slot): &(Arc<str>, usize)| (name.clone(), self.value(*slot));
        let parts: Vec<(Arc<str>, Value)> = parts.iter().map(part).collect();
        match parts.iter().all(|(_, value)| value.is_null()) {
            true => Cell::Value(Value::Null),
            false => Cell::Compound(parts),
        }
    }

    fn parent(&mut self, id: usize, polymorphic: bool, columns: &[Column]) -> Cell {
        let Some(id) = self.value(id).as_id() else {
            return Cell::Parent(None);
        };
        let cells = self.cells(columns);
        let object = Arc::from(self.catalogue.name_of(id).unwrap_or("Name"));
        let mut row = named(object, Some(id), cells);
        if polymorphic {
            row.type_name = Arc::from("Name");
        }
        Cell::Parent(Some(Box::new(row)))
    }

    fn type_of(&mut self, id: usize, branches: &[(ObjectIx, Vec<Column>)]) -> Cell {
        let Some(id) = self.value(id).as_id() else {
            return Cell::Parent(None);
        };
        let object = self.catalogue.object_of(id);
        let branch = branches.iter().find(|(o, _)| Some(*o) == object);
        let row = branch.map(|(object, columns)| {
            let cells = self.cells(columns);
            Box::new(named(self.name(*object), Some(id), cells))
        });
        Cell::Parent(row)
    }
}

fn shown(value: Value, show: &Show) -> Value {
    match show {
        Show::Plain => value,
        Show::Label(labels) => match value.as_text() {
            Some(text) => labelled(text, labels),
            None => value,
        },
        Show::Format { zone, kind } => format::format(&value, *kind, zone),
    }
}

/// Multipicklists carry several entries.
fn labelled(text: &str, labels: &[(Arc<str>, Arc<str>)]) -> Value {
    let label = |entry: &str| {
        let found = labels.iter().find(|(value, _)| &**value == entry);
        found.map_or_else(|| entry.to_owned(), |(_, label)| label.to_string())
    };
    let found = labels.iter().find(|(value, _)| &**value == text);
    match found {
        Some((_, label)) => Value::Text(label.clone()),
        None if text.contains(';') => {
            Value::from(text.split(';').map(label).collect::<Vec<_>>().join(";"))
        }
        None => Value::from(text),
    }
}
