//! A query on its way into a file, some thousand rows at a time.
//!
//! Without an order of its own the rows come by id, each page after the last id of the one before, so
//! memory does not grow with the answer. With an order, the ids of all rows are found first. A restart
//! begins anew: reading twice harms nobody.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

use engine::{Asked, Caller, plan_query};
use lang::plan::{Column, Expr, Op, Predicate, QueryPlan};
use model::{Answer, AnswerRow, Cell, Code, RecordId, Refusal, Value};

use super::files::ResultFiles;
use super::format::Format;
use super::job::{Job, Operation};
use super::load::unreadable;
use super::runner::{Progress, Turn};
use crate::cursor;
use crate::org::OrgInner;

/// Rows of one turn.
const PAGE: usize = 2_000;

/// The plan of a bulk query.
///
/// # Errors
/// What the query is refused for; grouped rows, offsets, children and TYPEOF are not for bulk.
pub(super) fn plan(
    org: &OrgInner,
    caller: &Caller,
    text: &str,
    all_rows: bool,
) -> Result<QueryPlan, Refusal> {
    let asked = Asked {
        caller,
        now: org.now(),
        all_rows,
    };
    let plan = plan_query(&org.catalogue, &org.directory(), &asked, text)?;
    let plan = plan.get().clone();
    let refuse = |what: &str| {
        let message = format!("{what} is not supported in Bulk Query");
        Err(Refusal::new(Code::FunctionalityNotEnabled, message))
    };
    if !cursor::has_pages(&plan) {
        return refuse("Aggregate Relationships or GROUP BY");
    }
    if plan.offset > 0 {
        return refuse("OFFSET");
    }
    if !plan.children.is_empty()
        || plan
            .columns
            .iter()
            .any(|c| matches!(c, Column::TypeOf { .. }))
    {
        return refuse("A sub-query or TYPEOF");
    }
    if has_compound(&plan.columns) {
        return refuse("A compound field");
    }
    Ok(plan)
}

fn has_compound(columns: &[Column]) -> bool {
    columns.iter().any(|column| match column {
        Column::Compound { .. } => true,
        Column::Parent { columns, .. } => has_compound(columns),
        Column::Value { .. } | Column::TypeOf { .. } | Column::Children { .. } => false,
    })
}

/// Where the next page begins.
enum Place {
    /// After this id.
    After(Option<RecordId>),
    /// At this place of the ids.
    Among(Vec<RecordId>, usize),
}

/// A query between two pages.
pub(super) struct Extract {
    job: Job,
    plan: QueryPlan,
    format: Arc<dyn Format>,
    place: Place,
    left: Option<u64>,
    rows: BufWriter<File>,
    index: BufWriter<File>,
    size: u64,
    count: u64,
}

impl Extract {
    /// Begins anew.
    ///
    /// # Errors
    /// Why the batch fails.
    pub fn open(
        org: &OrgInner,
        caller: &Caller,
        format: Arc<dyn Format>,
        job: Job,
        files: &ResultFiles,
    ) -> Result<Self, String> {
        let failed = |r: &Refusal| format!("InvalidBatch : Failed to process query: {r}");
        let text = match &job.query {
            Some(text) => text.clone(),
            None => std::fs::read_to_string(files.input()).map_err(|e| unreadable(&e))?,
        };
        let all = job.operation == Operation::QueryAll;
        let plan = plan(org, caller, &text, all).map_err(|r| failed(&r))?;
        let is_by_id = plan.order.len() == 1 && plan.order.iter().all(|o| !o.descending);
        let place = if is_by_id {
            Place::After(None)
        } else {
            Place::Among(ids(org, &plan).map_err(|r| failed(&r))?, 0)
        };
        let make = |path| File::create(path).map(BufWriter::new);
        let files = files
            .create()
            .and_then(|()| Ok((make(files.rows())?, make(files.index())?)));
        let (rows, index) = files.map_err(|e| unreadable(&e))?;
        let left = plan.limit.filter(|_| is_by_id);
        let mut extract = Self {
            job,
            plan,
            format,
            place,
            left,
            rows,
            index,
            size: 0,
            count: 0,
        };
        extract.begin().map_err(|e| unreadable(&e))?;
        Ok(extract)
    }

    fn begin(&mut self) -> io::Result<()> {
        let mut out = Vec::new();
        let mut names = Vec::new();
        column_names(&self.plan.columns, "", &mut names);
        self.format.open(&self.job, &names, &mut out);
        self.put(&out)?;
        self.mark()
    }

    fn put(&mut self, text: &[u8]) -> io::Result<()> {
        self.size += text.len() as u64;
        self.rows.write_all(text)
    }

    fn mark(&mut self) -> io::Result<()> {
        self.index.write_all(&self.size.to_le_bytes())
    }

    pub fn progress(&self) -> Progress {
        Progress {
            processed: self.count,
            failed: 0,
        }
    }

    /// Reads the next page.
    pub fn turn(&mut self, org: &OrgInner) -> Turn {
        let answer = match self.page() {
            None => return self.end(),
            Some(plan) => org.run_blocking(plan),
        };
        match answer {
            Err(refusal) if refusal.code == Code::ServerUnavailable => Turn::Later,
            Err(refusal) => {
                Turn::Failed(format!("InvalidBatch : Failed to process query: {refusal}"))
            }
            Ok(answer) => match self.write(&answer) {
                Err(error) => Turn::Failed(unreadable(&error)),
                Ok(()) if self.move_on(&answer) => Turn::More,
                Ok(()) => self.end(),
            },
        }
    }

    /// The plan of the next page, if there is one.
    fn page(&self) -> Option<QueryPlan> {
        match &self.place {
            Place::After(last) => {
                let mut plan = self.plan.clone();
                let size = self.left.unwrap_or(u64::MAX).min(PAGE as u64);
                plan.limit = Some(size);
                if let Some(last) = last {
                    let after = Predicate::Compare {
                        of: Expr::Field(cursor::id_path(&plan)),
                        op: Op::Gt,
                        value: Value::Id(*last),
                        exact: true,
                        on_null: false,
                    };
                    plan.scan.filter = Predicate::And(vec![plan.scan.filter, after]);
                }
                (size > 0).then_some(plan)
            }
            Place::Among(ids, at) => {
                let page = ids.get(*at..ids.len().min(at + PAGE)).unwrap_or_default();
                (!page.is_empty()).then(|| cursor::only(&self.plan, page))
            }
        }
    }

    /// True if there may be another page.
    fn move_on(&mut self, answer: &Answer) -> bool {
        let found = answer.rows.len();
        match &mut self.place {
            Place::After(last) => {
                *last = answer.rows.last().and_then(|r| r.id);
                if let Some(left) = &mut self.left {
                    *left = left.saturating_sub(found as u64);
                }
                found == PAGE && last.is_some()
            }
            Place::Among(ids, at) => {
                *at += PAGE;
                *at < ids.len()
            }
        }
    }

    fn write(&mut self, answer: &Answer) -> io::Result<()> {
        let mut out = Vec::with_capacity(answer.rows.len() * 64);
        let format = Arc::clone(&self.format);
        for row in &answer.rows {
            let mut cells = Vec::with_capacity(self.plan.columns.len());
            values(&self.plan.columns, Some(row), &mut cells);
            out.clear();
            format.row(&self.job, row, &cells, self.count == 0, &mut out);
            self.put(&out)?;
            self.mark()?;
            self.count += 1;
        }
        Ok(())
    }

    fn end(&mut self) -> Turn {
        match self.finish() {
            Ok(()) => Turn::Done,
            Err(error) => Turn::Failed(unreadable(&error)),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        let mut out = Vec::new();
        self.format.close(&self.job, &mut out);
        self.put(&out)?;
        for file in [&mut self.rows, &mut self.index] {
            file.flush()?;
            file.get_ref().sync_all()?;
        }
        Ok(())
    }
}

fn ids(org: &OrgInner, plan: &QueryPlan) -> Result<Vec<RecordId>, Refusal> {
    let mut plan = cursor::ids_plan(plan);
    let bound = cursor::CURSOR_IDS_MAX as u64;
    plan.limit = Some(plan.limit.map_or(bound + 1, |limit| limit.min(bound + 1)));
    let answer = org.run_blocking(plan)?;
    if answer.rows.len() > cursor::CURSOR_IDS_MAX {
        let message =
            format!("a query with ORDER BY gives at most {bound} rows; leave the order away");
        return Err(Refusal::new(Code::OperationTooLarge, message));
    }
    let id = |row: &AnswerRow| match row.cells.first() {
        Some((_, Cell::Value(Value::Id(id)))) => Some(*id),
        _ => row.id,
    };
    Ok(answer.rows.iter().filter_map(id).collect())
}

/// `Id`, `CallCenter.Name`.
fn column_names(columns: &[Column], before: &str, names: &mut Vec<String>) {
    for column in columns {
        match column {
            Column::Value { name, .. } => names.push(format!("{before}{name}")),
            Column::Parent { name, columns, .. } => {
                column_names(columns, &format!("{before}{name}."), names)
            }
            Column::Compound { .. } | Column::TypeOf { .. } | Column::Children { .. } => {} // refused by `plan`
        }
    }
}

/// The values of a row in the order of [`column_names`]; null below a parent that is not there.
fn values<'a>(columns: &[Column], row: Option<&'a AnswerRow>, out: &mut Vec<&'a Value>) {
    for (at, column) in columns.iter().enumerate() {
        let cell = row.and_then(|r| r.cells.get(at)).map(|(_, cell)| cell);
        match column {
            Column::Value { .. } => out.push(match cell {
                Some(Cell::Value(value)) => value,
                _ => &Value::Null,
            }),
            Column::Parent { columns, .. } => {
                let parent = match cell {
                    Some(Cell::Parent(Some(parent))) => Some(&**parent),
                    _ => None,
                };
                values(columns, parent, out);
            }
            Column::Compound { .. } | Column::TypeOf { .. } | Column::Children { .. } => {}
        }
    }
}
