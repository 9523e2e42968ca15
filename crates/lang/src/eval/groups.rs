//! GROUP BY in memory.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use model::{Answer, Code, FieldType, Record, Refusal, Value};

use super::{Run, at_path, order, predicate, total, value, window};
use crate::answer;
use crate::plan::{Aggregate, AggregateFn, Expr, Groups, QueryPlan};

/// A group key that sorts; text without regard to case.
struct Key(Vec<Value>);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let pairs = self.0.iter().zip(&other.0);
        pairs
            .map(|(a, b)| total(a, b))
            .find(|way| way.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}
impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Key {}

struct Group<'g> {
    keys: Vec<Value>,
    set: &'g [usize],
    records: Vec<&'g Record>,
}

pub(super) fn answer(
    run: &Run<'_>,
    plan: &QueryPlan,
    groups: &Groups,
    found: &[&Record],
) -> Result<Answer, Refusal> {
    let mut rows: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    for group in grouped(run, groups, found)? {
        let get = |expr: &Expr| group.value(run, expr);
        if predicate::holds(&groups.having, &get, run.rows) {
            let order = plan.order.iter().map(|o| get(&o.by)).collect();
            rows.push((order, plan.outputs.iter().map(get).collect()));
        }
    }
    rows.sort_by(|(a, _), (b, _)| order::by_keys(&plan.order, a, b));
    let rows: Vec<_> = window(plan, rows)
        .into_iter()
        .map(|(_, values)| answer::assemble(plan, run.catalogue, &values, Vec::new()))
        .collect();
    Ok(Answer {
        total: rows.len() as u64,
        done: true,
        next: None,
        rows,
    })
}

fn grouped<'g>(
    run: &Run<'_>,
    groups: &'g Groups,
    found: &[&'g Record],
) -> Result<Vec<Group<'g>>, Refusal> {
    let mut all = Vec::new();
    for set in &groups.sets {
        let mut by_key: BTreeMap<Key, Group<'g>> = BTreeMap::new();
        for record in found {
            let keys = keys_of(run, groups, set, record);
            let group = by_key.entry(Key(keys.clone())).or_insert_with(|| Group {
                keys: keys.clone(),
                set,
                records: Vec::new(),
            });
            group.records.push(record);
            group.show_least(keys);
        }
        if groups.single && by_key.is_empty() {
            by_key.insert(
                Key(Vec::new()),
                Group {
                    keys: vec![Value::Null; groups.keys.len()],
                    set,
                    records: Vec::new(),
                },
            );
        }
        if all.len() + by_key.len() > groups.groups_max {
            return Err(too_many_groups(groups.groups_max));
        }
        all.extend(by_key.into_values());
    }
    Ok(all)
}

/// What a grouped query with too many groups is told.
pub fn too_many_groups(max: usize) -> Refusal {
    Refusal::new(
        Code::OperationTooLarge,
        format!("Aggregate query has too many rows: at most {max} groups can be returned"),
    )
}

fn keys_of(run: &Run<'_>, groups: &Groups, set: &[usize], record: &Record) -> Vec<Value> {
    let keys = groups.keys.iter().enumerate();
    keys.map(|(at, key)| match set.contains(&at) {
        true => value(key, record, run.rows),
        false => Value::Null,
    })
    .collect()
}

impl Group<'_> {
    /// Of texts that differ by case the least one is shown.
    fn show_least(&mut self, keys: Vec<Value>) {
        for (shown, key) in self.keys.iter_mut().zip(keys) {
            if let (Value::Text(old), Value::Text(new)) = (&*shown, &key)
                && new < old
            {
                *shown = key;
            }
        }
    }

    fn value(&self, run: &Run<'_>, expr: &Expr) -> Value {
        match expr {
            Expr::Key(at) => self.keys.get(*at).cloned().unwrap_or_default(),
            Expr::Grouping(at) => Value::Int(i64::from(!self.set.contains(at))),
            Expr::Aggregate(aggregate) => self.aggregate(run, aggregate),
            Expr::Field(_) | Expr::TypeName { .. } | Expr::DatePart { .. } | Expr::Formula(_) => {
                Value::Null
            }
        }
    }

    fn aggregate(&self, run: &Run<'_>, aggregate: &Aggregate) -> Value {
        let Some(path) = &aggregate.of else {
            return Value::Int(self.records.len() as i64);
        };
        let values: Vec<Value> = self
            .records
            .iter()
            .map(|record| at_path(path, record, run.rows))
            .filter(|value| !value.is_null())
            .collect();
        let least = |a: &&Value, b: &&Value| {
            order::ranked(a, b, aggregate.rank.as_ref())
                .then_with(|| order::compare_values(a, b, true))
        };
        match aggregate.function {
            AggregateFn::Count => Value::Int(values.len() as i64),
            AggregateFn::CountDistinct => Value::Int(distinct(&values)),
            AggregateFn::Sum => sum(&values, path.kind),
            AggregateFn::Avg => average(&values),
            AggregateFn::Min => values.iter().min_by(least).cloned().unwrap_or_default(),
            AggregateFn::Max => values.iter().max_by(least).cloned().unwrap_or_default(),
        }
    }
}

fn distinct(values: &[Value]) -> i64 {
    let seen = |value: &Value| match value {
        Value::DateTime(at) => Value::Int(at.seconds()),
        other => other.clone(),
    };
    let all: std::collections::BTreeSet<Key> =
        values.iter().map(|value| Key(vec![seen(value)])).collect();
    all.len() as i64
}

fn sum(values: &[Value], kind: FieldType) -> Value {
    if values.is_empty() {
        return Value::Null;
    }
    if kind == FieldType::Int {
        let whole = values.iter().filter_map(Value::as_int);
        return Value::Int(whole.fold(0, i64::saturating_add));
    }
    Value::Double(values.iter().filter_map(Value::as_double).sum())
}

fn average(values: &[Value]) -> Value {
    if values.is_empty() {
        return Value::Null;
    }
    let sum: f64 = values.iter().filter_map(Value::as_double).sum();
    Value::Double(sum / values.len() as f64)
}
