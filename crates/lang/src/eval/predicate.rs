//! Conditions over a record.

use std::cmp::Ordering;
use std::sync::Arc;

use model::{Record, Value};

use super::{Rows, at_path, compare_values, value};
use crate::plan::{Expr, MemberTest, Op, Predicate, Scan, SemiJoin};
use crate::text;

/// True if the scan finds the record: live (or all rows asked for), and both conditions hold. `rows` has
/// only parents that may be seen.
pub(super) fn admits(scan: &Scan, record: &Record, rows: &dyn Rows) -> bool {
    record.object == scan.object
        && (scan.all_rows || !record.is_deleted)
        && matches(&scan.filter, record, rows)
        && matches(&scan.access, record, rows)
}

/// True if the condition holds for the record. `rows` is asked for parents and semi-joins only.
pub fn matches(predicate: &Predicate, record: &Record, rows: &dyn Rows) -> bool {
    holds(predicate, &|expr| value(expr, record, rows), rows)
}

/// As [`matches`], over whatever `get` computes: a record or a group.
pub(super) fn holds(predicate: &Predicate, get: &dyn Fn(&Expr) -> Value, rows: &dyn Rows) -> bool {
    use Predicate as P;
    let test = |of: &Expr, on_null: bool, test: &dyn Fn(&Value) -> bool| {
        let value = get(of);
        if value.is_null() {
            on_null
        } else {
            test(&value)
        }
    };
    match predicate {
        P::And(all) => all.iter().all(|p| holds(p, get, rows)),
        P::Or(all) => all.iter().any(|p| holds(p, get, rows)),
        P::Not(inner) => !holds(inner, get, rows),
        P::Null { of, not } => get(of).is_null() != *not,
        P::Compare {
            of,
            op,
            value,
            exact,
            on_null,
        } => test(of, *on_null, &|v| {
            op.holds(compare_values(v, value, *exact))
        }),
        P::In {
            of,
            values,
            not,
            exact,
            on_null,
        } => test(of, *on_null, &|v| {
            let found = values.iter().any(|w| compare_values(v, w, *exact).is_eq());
            found != *not
        }),
        P::Within {
            of,
            from,
            to,
            not,
            on_null,
        } => test(of, *on_null, &|v| {
            let after = from
                .as_ref()
                .is_none_or(|f| compare_values(v, f, true).is_ge());
            let before = to
                .as_ref()
                .is_none_or(|t| compare_values(v, t, true).is_lt());
            (after && before) != *not
        }),
        P::Like { of, pattern } => test(of, false, &|v| {
            v.as_text().is_some_and(|text| pattern.matches(text))
        }),
        P::Members {
            of,
            test: asked,
            not,
            on_null,
        } => test(of, *on_null, &|v| {
            asked.holds(v.as_text().unwrap_or_default()) != *not
        }),
        P::Prefix {
            of,
            prefixes,
            not,
            on_null,
        } => test(&Expr::Field(of.clone()), *on_null, &|v| {
            v.as_id().is_some_and(|id| prefixes.contains(&id.prefix())) != *not
        }),
        P::Semi {
            of,
            inner,
            not,
            on_null,
        } => test(&Expr::Field(of.clone()), *on_null, &|v| {
            selected(inner, rows).contains(v) != *not
        }),
    }
}

/// The same condition with the answers of semi-joins written out, so that they are computed once.
pub(super) fn freeze(predicate: &Predicate, rows: &dyn Rows) -> Predicate {
    let all = |all: &[Predicate]| all.iter().map(|p| freeze(p, rows)).collect();
    match predicate {
        Predicate::And(members) => Predicate::And(all(members)),
        Predicate::Or(members) => Predicate::Or(all(members)),
        Predicate::Not(inner) => Predicate::Not(Box::new(freeze(inner, rows))),
        Predicate::Semi {
            of,
            inner,
            not,
            on_null,
        } => Predicate::In {
            of: Expr::Field(of.clone()),
            values: selected(inner, rows),
            not: *not,
            exact: true,
            on_null: *on_null,
        },
        leaf => leaf.clone(),
    }
}

fn selected(inner: &SemiJoin, rows: &dyn Rows) -> Vec<Value> {
    let limit = inner.limit.and_then(|l| usize::try_from(l).ok());
    rows.all(inner.scan.object)
        .filter(|record| admits(&inner.scan, record, rows))
        .take(limit.unwrap_or(usize::MAX))
        .map(|record| at_path(&inner.select, record, rows))
        .filter(|value| !value.is_null())
        .collect()
}

impl Op {
    /// True if the operator accepts how the left side compares with the right one.
    pub fn holds(self, way: Ordering) -> bool {
        match self {
            Self::Eq => way.is_eq(),
            Self::Ne => way.is_ne(),
            Self::Lt => way.is_lt(),
            Self::Le => way.is_le(),
            Self::Gt => way.is_gt(),
            Self::Ge => way.is_ge(),
        }
    }
}

impl MemberTest {
    /// True if a stored multipicklist (`a;b`) passes.
    pub fn holds(&self, stored: &str) -> bool {
        let chosen: Vec<&str> = stored.split(';').map(str::trim).collect();
        let has = |entry: &Arc<str>| chosen.iter().any(|c| text::same(c, entry));
        match self {
            Self::AnyOf(sets) => sets.iter().any(|set| set.iter().all(has)),
            Self::Exactly(set) => {
                let known = |c: &&str| set.iter().any(|entry| text::same(c, entry));
                set.iter().all(has) && chosen.iter().all(known)
            }
        }
    }
}
