//! Rows that a query answers, before any protocol prints them.

use std::sync::Arc;

use crate::{RecordId, Value};

/// The answer to a query or sub-query, or one page of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Rows in all, the same on every page; for `COUNT()` the count.
    pub total: u64,
    /// No further page.
    pub done: bool,
    /// Locator of the next page (`01g...-2000`).
    pub next: Option<String>,
    /// The rows of this page, in order.
    pub rows: Vec<AnswerRow>,
}

/// One row: cells in the order of SELECT, under the names of the answer (canonical API names, aliases,
/// `expr0`).
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerRow {
    /// `attributes.type`: the object, `Name` for a polymorphic parent, or `AggregateResult`.
    pub type_name: Arc<str>,
    /// The object of the row's URL where it differs from `type_name` (polymorphic parents).
    pub object_name: Arc<str>,
    /// The row's id for its URL; `None` for aggregates.
    pub id: Option<RecordId>,
    /// Name and content.
    pub cells: Vec<(Arc<str>, Cell)>,
}

/// Content of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A field or an expression.
    Value(Value),
    /// An address or a location: its parts by name, of which one at least is not null.
    Compound(Vec<(Arc<str>, Value)>),
    /// A parent record; `None` if there is none.
    Parent(Option<Box<AnswerRow>>),
    /// A child sub-query; `None` if it found nothing.
    Children(Option<Box<Answer>>),
}
