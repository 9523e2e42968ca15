//! Query plans as SQL, and their answers.
//!
//! A plan ([`lang::plan`]) already says what is meant; here it is only written down in SQLite's words
//! and run under limits of time and size. Labels, nesting and TYPEOF are made by `lang` from the values.

mod buf;
mod expr;
mod groups;
mod operand;
mod predicate;
mod rows;
mod scope;

use std::cell::Cell;

use lang::plan::{QueryPlan, Shape};
use model::{Answer, Catalogue, Value};
use rusqlite::{Connection, ErrorCode, Row, Statement};

use super::layout::{Kind, Layout};
use super::value::{Bound, decode, read_error};
use crate::{QueryError, ReadError};
use buf::SqlBuf;

pub(super) use operand::Operands;

/// Values that one answer may hold: some hundred megabytes at worst.
const CELLS_MAX: usize = 4_000_000;

/// Longer statements are prepared for one run only: they seldom come again, and take megabytes.
const KEPT_MAX: usize = 16_384;

/// One run of a plan on a connection.
pub(super) struct Run<'a> {
    conn: &'a Connection,
    layout: &'a Layout,
    catalogue: &'a Catalogue,
    operands: &'a Operands,
    cells: Cell<usize>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        conn: &'a Connection,
        layout: &'a Layout,
        catalogue: &'a Catalogue,
        operands: &'a Operands,
    ) -> Self {
        let cells = Cell::new(0);
        Self {
            conn,
            layout,
            catalogue,
            operands,
            cells,
        }
    }

    /// The whole answer, on one page.
    pub(super) fn answer(&self, plan: &QueryPlan) -> Result<Answer, QueryError> {
        // With children it takes several statements: one transaction, so that they see one moment.
        let moment = match plan.children.is_empty() {
            true => None,
            false => Some(self.conn.unchecked_transaction().map_err(refused)?),
        };
        let answer = match &plan.shape {
            Shape::Rows => self.rows(plan),
            Shape::Count => self.count(plan),
            Shape::Groups(groups) => self.groups(plan, groups),
        };
        drop(moment);
        answer
    }

    /// How SQLite would read the rows: which tables in which order, by which index.
    pub(super) fn steps(&self, plan: &QueryPlan) -> Result<Vec<String>, QueryError> {
        let (select, _) = self.select(plan, None)?;
        let mut sql = select.fork();
        sql.push("EXPLAIN QUERY PLAN ");
        sql.append(select);
        let mut steps = Vec::new();
        self.each_row(&sql, |row| {
            steps.push(row.get(3).map_err(refused)?);
            Ok(true)
        })?;
        Ok(steps)
    }

    /// Runs a statement; `each` sees the rows until it answers false.
    fn each_row(
        &self,
        sql: &SqlBuf,
        mut each: impl FnMut(&Row<'_>) -> Result<bool, QueryError>,
    ) -> Result<(), QueryError> {
        let (text, values) = sql.finish()?;
        self.operands.set(&sql.operands);
        let (mut kept, mut fresh);
        let statement: &mut Statement<'_> = if text.len() <= KEPT_MAX {
            kept = self.conn.prepare_cached(text).map_err(refused)?;
            &mut kept
        } else {
            fresh = self.conn.prepare(text).map_err(refused)?;
            &mut fresh
        };
        for (at, value) in values.iter().enumerate() {
            statement
                .raw_bind_parameter(at + 1, Bound(value))
                .map_err(refused)?;
        }
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(refused)? {
            if !each(row)? {
                break;
            }
        }
        Ok(())
    }

    /// The values of a row, from column `first` on.
    fn values(
        &self,
        row: &Row<'_>,
        first: usize,
        kinds: &[Kind],
    ) -> Result<Vec<Value>, QueryError> {
        self.cells.set(self.cells.get() + kinds.len() + 1);
        if self.cells.get() > CELLS_MAX {
            return Err(QueryError::TooManyRows(CELLS_MAX / (kinds.len() + 1)));
        }
        let value = |(at, kind): (usize, &Kind)| {
            let stored = row.get_ref(first + at).map_err(refused)?;
            decode(*kind, stored).ok_or_else(|| {
                let why = format!("a {kind:?} column holds {}", stored.data_type());
                QueryError::Read(ReadError::Damaged(why))
            })
        };
        kinds.iter().enumerate().map(value).collect()
    }
}

/// SQLite's refusal, in our words.
fn refused(error: rusqlite::Error) -> QueryError {
    let text = error.to_string();
    let is_width = ["too large", "too many", "at most", "stack overflow"]
        .iter()
        .any(|words| text.contains(words));
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => QueryError::TimedOut(0),
        Some(ErrorCode::TooBig) => QueryError::TooComplicated(text),
        _ if is_width => QueryError::TooComplicated(text),
        _ => QueryError::Read(read_error(error)),
    }
}
