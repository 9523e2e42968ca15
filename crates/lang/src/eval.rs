//! Runs a plan over rows in memory: the reference that stores are compared with, the back end of the
//! simulated store, and the test of a single record for PushTopics.

mod groups;
mod order;
mod predicate;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use model::{Answer, Catalogue, FieldType, ObjectIx, Record, RecordId, Refusal, Value};

use crate::answer;
use crate::dates;
use crate::plan::{ChildPlan, Expr, Path, Predicate, QueryPlan, Scan, Shape, Spot};

pub use groups::too_many_groups;
pub use order::compare_values;
pub use predicate::matches;

/// Where the evaluator finds records. Rows in the recycle bin are among them.
pub trait Rows {
    /// One record.
    fn row(&self, object: ObjectIx, id: RecordId) -> Option<&Record>;
    /// All records of an object, in the order of their ids.
    fn all(&self, object: ObjectIx) -> Box<dyn Iterator<Item = &Record> + '_>;
}

/// Records in a map.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    rows: BTreeMap<(ObjectIx, RecordId), Record>,
}

impl Memory {
    /// Adds a record, or replaces the one of this id.
    pub fn put(&mut self, record: Record) {
        self.rows.insert((record.object, record.id), record);
    }

    /// All records, by object and id.
    pub fn each(&self) -> impl Iterator<Item = &Record> {
        self.rows.values()
    }
}

impl FromIterator<Record> for Memory {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        let mut memory = Self::default();
        records.into_iter().for_each(|record| memory.put(record));
        memory
    }
}

impl Rows for Memory {
    fn row(&self, object: ObjectIx, id: RecordId) -> Option<&Record> {
        self.rows.get(&(object, id))
    }

    fn all(&self, object: ObjectIx) -> Box<dyn Iterator<Item = &Record> + '_> {
        let rows = self.rows.iter().filter(move |((o, _), _)| *o == object);
        Box::new(rows.map(|(_, record)| record))
    }
}

/// Runs a query and answers all its rows on one page.
///
/// # Errors
/// A grouped query with more groups than [`crate::plan::Groups::groups_max`].
pub fn run(plan: &QueryPlan, catalogue: &Catalogue, rows: &dyn Rows) -> Result<Answer, Refusal> {
    let seen = Seen::of(plan, rows);
    let rows = &seen;
    let run = Run { catalogue, rows };
    run.query(plan, None)
}

/// True if a query finds this record, whatever its order and limit. Parents that the caller may not see
/// are none, as for [`run`].
pub fn admits(plan: &QueryPlan, record: &Record, rows: &dyn Rows) -> bool {
    predicate::admits(&plan.scan, record, &Seen::of(plan, rows))
}

/// Rows of which only those that the caller may see are found as parents (rule 8 of [`crate::plan`]).
struct Seen<'a> {
    rows: &'a dyn Rows,
    parents: BTreeMap<ObjectIx, Predicate>,
}

impl<'a> Seen<'a> {
    fn of(plan: &QueryPlan, rows: &'a dyn Rows) -> Self {
        let frozen = |(object, p): (&ObjectIx, &Predicate)| (*object, predicate::freeze(p, rows));
        let parents = plan.parents.iter().map(frozen).collect();
        Self { rows, parents }
    }
}

impl Rows for Seen<'_> {
    fn row(&self, object: ObjectIx, id: RecordId) -> Option<&Record> {
        let row = self.rows.row(object, id)?;
        let may = self.parents.get(&object);
        may.is_none_or(|p| matches(p, row, self.rows))
            .then_some(row)
    }

    fn all(&self, object: ObjectIx) -> Box<dyn Iterator<Item = &Record> + '_> {
        self.rows.all(object)
    }
}

struct Run<'a> {
    catalogue: &'a Catalogue,
    rows: &'a dyn Rows,
}

impl<'a> Run<'a> {
    fn query(
        &self,
        plan: &QueryPlan,
        parent: Option<(&ChildPlan, RecordId)>,
    ) -> Result<Answer, Refusal> {
        let found = self.scan(&plan.scan, parent);
        match &plan.shape {
            Shape::Rows => self.plain(plan, found),
            Shape::Count => Ok(Answer {
                total: window(plan, found).len() as u64,
                done: true,
                ..Answer::default()
            }),
            Shape::Groups(groups) => groups::answer(self, plan, groups, &found),
        }
    }

    fn scan(&self, scan: &Scan, parent: Option<(&ChildPlan, RecordId)>) -> Vec<&'a Record> {
        let filter = predicate::freeze(&scan.filter, self.rows);
        let access = predicate::freeze(&scan.access, self.rows);
        let of_parent = |record: &Record| {
            parent.is_none_or(|(child, id)| record.get(child.via).as_id() == Some(id))
        };
        self.rows
            .all(scan.object)
            .filter(|r| scan.all_rows || !r.is_deleted)
            .filter(|r| of_parent(r))
            .filter(|r| matches(&filter, r, self.rows) && matches(&access, r, self.rows))
            .collect()
    }

    fn plain(&self, plan: &QueryPlan, found: Vec<&'a Record>) -> Result<Answer, Refusal> {
        let mut keyed: Vec<(Vec<Value>, &Record)> = found
            .into_iter()
            .map(|record| {
                let keys = plan.order.iter().map(|o| value(&o.by, record, self.rows));
                (keys.collect(), record)
            })
            .collect();
        keyed.sort_by(|(a, _), (b, _)| order::by_keys(&plan.order, a, b));
        let mut answer = Answer {
            done: true,
            ..Answer::default()
        };
        for (_, record) in window(plan, keyed) {
            let values: Vec<Value> = plan
                .outputs
                .iter()
                .map(|expr| value(expr, record, self.rows))
                .collect();
            let children = plan
                .children
                .iter()
                .map(|child| self.query(&child.plan, Some((child, record.id))).map(Some))
                .collect::<Result<_, _>>()?;
            answer
                .rows
                .push(answer::assemble(plan, self.catalogue, &values, children));
        }
        answer.total = answer.rows.len() as u64;
        Ok(answer)
    }
}

fn window<T>(plan: &QueryPlan, all: Vec<T>) -> Vec<T> {
    let skip = usize::try_from(plan.offset).unwrap_or(usize::MAX);
    let take = plan.limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    all.into_iter().skip(skip).take(take).collect()
}

/// The value of an expression over a record; null for those over groups.
pub fn value(expr: &Expr, record: &Record, rows: &dyn Rows) -> Value {
    match expr {
        Expr::Field(path) => at_path(path, record, rows),
        Expr::TypeName { reference, names } => {
            let id = at_path(reference, record, rows).as_id();
            let prefix = id.map(|id| id.prefix());
            let name = names.iter().find(|(p, _)| Some(*p) == prefix);
            name.map_or(Value::Null, |(_, name)| Value::Text(name.clone()))
        }
        Expr::DatePart { part, of, zone } => dates::part(*part, &at_path(of, record, rows), zone),
        Expr::Formula(formula) => {
            let inputs = formula.inputs.iter();
            let inputs: Vec<Value> = inputs.map(|path| at_path(path, record, rows)).collect();
            formula.value(&inputs)
        }
        Expr::Aggregate(_) | Expr::Key(_) | Expr::Grouping(_) => Value::Null,
    }
}

pub(crate) fn at_path(path: &Path, record: &Record, rows: &dyn Rows) -> Value {
    let value = end_of(path, record, rows).map_or(Value::Null, |(record, spot)| match spot {
        Spot::Id => Value::Id(record.id),
        Spot::IsDeleted => Value::Bool(record.is_deleted),
        Spot::Field(field) => record.get(field).clone(),
    });
    if path.kind == FieldType::Boolean && value.is_null() {
        return Value::Bool(false);
    }
    value
}

fn end_of<'r>(path: &Path, record: &'r Record, rows: &'r dyn Rows) -> Option<(&'r Record, Spot)> {
    let mut here = record;
    for hop in &path.hops {
        if here.object != hop.from {
            return None;
        }
        let id = here.get(hop.field).as_id()?;
        here = hop.to.iter().find_map(|object| rows.row(*object, id))?;
    }
    let spot = path.at.iter().find(|(object, _)| *object == here.object);
    spot.map(|(_, spot)| (here, *spot))
}

/// Nulls first, then by [`compare_values`]; for keys of groups.
fn total(a: &Value, b: &Value) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => compare_values(a, b, false),
    }
}
