//! Conditions as SQL.
//!
//! The plan knows true and false, SQL also knows null. Where null counts as false anyway (directly under
//! WHERE), comparisons stay bare, so that indexes serve them; under NOT each is made two-valued.

use lang::plan::{Expr, Op, Predicate, Scan, SemiJoin};
use lang::text;
use model::Value;

use super::buf::SqlBuf;
use super::expr::{Source, Term};
use super::operand::Operand;
use super::scope::Scope;
use crate::QueryError;
use crate::sqlite::layout::{DELETED, Kind};

/// What a null outcome would mean to the SQL around a condition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// The same as false.
    Where,
    /// Something else: the condition must not be null.
    Not,
}

/// Writes `WHERE` with everything that a scan asks for.
pub(super) fn scan(scope: &mut Scope<'_>, scan: &Scan, sql: &mut SqlBuf) -> Result<(), QueryError> {
    sql.push(" WHERE ");
    if !scan.all_rows {
        sql.push(&format!("{}.{DELETED} = 0 AND ", scope.name(0)));
    }
    let source = &mut Source::Records(scope);
    predicate(source, &scan.access, Around::Where, sql)?;
    sql.push(" AND ");
    predicate(source, &scan.filter, Around::Where, sql)
}

/// Writes the condition under which a row counts as a parent. It has no operands, because the text
/// after it may have taken their numbers.
pub(super) fn of_parent(
    scope: &mut Scope<'_>,
    condition: &Predicate,
    sql: &mut SqlBuf,
) -> Result<(), QueryError> {
    predicate(&mut Source::Records(scope), condition, Around::Where, sql)
}

/// Writes a condition, in parentheses where it needs them.
pub(super) fn predicate(
    source: &mut Source<'_, '_>,
    condition: &Predicate,
    around: Around,
    sql: &mut SqlBuf,
) -> Result<(), QueryError> {
    use Predicate as P;
    match condition {
        P::And(all) => chain(source, all, " AND ", "1", around, sql),
        P::Or(all) => chain(source, all, " OR ", "0", around, sql),
        P::Not(inner) => {
            sql.push("NOT (");
            predicate(source, inner, Around::Not, sql)?;
            sql.push(")");
            Ok(())
        }
        P::Null { of, not } => {
            let term = source.term(of)?;
            term.write(sql);
            sql.push(if *not { " IS NOT NULL" } else { " IS NULL" });
            Ok(())
        }
        leaf => self::leaf(source, leaf, around, sql),
    }
}

/// AND and OR of many members, nested evenly: SQLite bounds the depth, not the number.
fn chain(
    source: &mut Source<'_, '_>,
    all: &[Predicate],
    word: &str,
    empty: &str,
    around: Around,
    sql: &mut SqlBuf,
) -> Result<(), QueryError> {
    match all {
        [] => {
            sql.push(empty);
            Ok(())
        }
        [one] => predicate(source, one, around, sql),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            sql.push("(");
            chain(source, left, word, empty, around, sql)?;
            sql.push(word);
            chain(source, right, word, empty, around, sql)?;
            sql.push(")");
            Ok(())
        }
    }
}

/// A condition on one value, with its outcome for null.
fn leaf(
    source: &mut Source<'_, '_>,
    condition: &Predicate,
    around: Around,
    sql: &mut SqlBuf,
) -> Result<(), QueryError> {
    let (of, on_null) = subject(condition);
    let Some(of) = of else {
        sql.push("0");
        return Ok(());
    };
    let term = source.term(&of)?;
    let guard = match (term.is_set, on_null, around) {
        (true, ..) => None,
        (false, true, _) => Some(" IS NULL OR "),
        (false, false, Around::Where) if !is_not_in(condition) => None,
        (false, false, _) => Some(" IS NOT NULL AND "),
    };
    if let Some(guard) = guard {
        sql.push("(");
        term.write(sql);
        sql.push(guard);
    }
    test(source, &term, condition, sql)?;
    if guard.is_some() {
        sql.push(")");
    }
    Ok(())
}

/// `NULL NOT IN (nothing)` is true in SQL, where nothing may be an empty subquery.
fn is_not_in(condition: &Predicate) -> bool {
    use Predicate as P;
    matches!(
        condition,
        P::In { not: true, .. } | P::Prefix { not: true, .. } | P::Semi { not: true, .. }
    )
}

/// The left side of a leaf and what it yields for null.
fn subject(condition: &Predicate) -> (Option<Expr>, bool) {
    use Predicate as P;
    match condition {
        P::Compare { of, on_null, .. }
        | P::In { of, on_null, .. }
        | P::Within { of, on_null, .. }
        | P::Members { of, on_null, .. } => (Some(of.clone()), *on_null),
        P::Like { of, .. } => (Some(of.clone()), false),
        P::Prefix { of, on_null, .. } | P::Semi { of, on_null, .. } => {
            (Some(Expr::Field(of.clone())), *on_null)
        }
        P::And(_) | P::Or(_) | P::Not(_) | P::Null { .. } => (None, false),
    }
}

/// The test of a leaf; null or false if its left side is null ([`is_not_in`] apart).
fn test(
    source: &mut Source<'_, '_>,
    term: &Term,
    condition: &Predicate,
    sql: &mut SqlBuf,
) -> Result<(), QueryError> {
    use Predicate as P;
    match condition {
        P::Compare {
            op, value, exact, ..
        } => {
            let folds = side(term, *exact, sql);
            sql.push(operator(*op));
            sql.bind(right(value, folds));
        }
        P::In {
            values, not, exact, ..
        } => {
            let folds = side(term, *exact, sql);
            sql.push(if *not { " NOT IN (" } else { " IN (" });
            sql.list(values, ", ", |sql, value| {
                match value {
                    // Digits of our own need no place among the bound values.
                    Value::Int(number) => sql.push(&number.to_string()),
                    value => sql.bind(right(value, folds)),
                };
                Ok(())
            })?;
            sql.push(")");
        }
        P::Within { from, to, not, .. } => within(term, from.as_ref(), to.as_ref(), *not, sql),
        P::Like { pattern, of } => {
            if let (Source::Records(scope), Expr::Field(path)) = (&*source, of)
                && scope.is_indexed(path)
            {
                begins_with(term, &text::fold(&pattern.prefix()), sql);
            }
            call("tl_like", term, Operand::Like(pattern.clone()), false, sql);
        }
        P::Members { test, not, .. } => {
            call(
                "tl_members",
                term,
                Operand::Members(test.clone()),
                *not,
                sql,
            );
        }
        P::Prefix { prefixes, not, .. } => {
            sql.push("substr(");
            term.write(sql);
            sql.push(if *not {
                ", 1, 3) NOT IN ("
            } else {
                ", 1, 3) IN ("
            });
            sql.list(prefixes, ", ", |sql, prefix| {
                sql.bind(Value::from(prefix.as_str()));
                Ok(())
            })?;
            sql.push(")");
        }
        P::Semi { inner, not, .. } => {
            term.write(sql);
            sql.push(if *not { " NOT IN (" } else { " IN (" });
            semi_join(source, inner, sql)?;
            sql.push(")");
        }
        P::And(_) | P::Or(_) | P::Not(_) | P::Null { .. } => {
            sql.push("0");
        }
    }
    Ok(())
}

/// Writes the left side; true if the right side has to be folded too.
fn side(term: &Term, exact: bool, sql: &mut SqlBuf) -> bool {
    if exact {
        term.write(sql);
    } else {
        term.write_folded(sql);
    }
    !exact && term.kind == Kind::Text
}

fn right(value: &Value, folds: bool) -> Value {
    match value {
        Value::Text(text) if folds => Value::text(text::fold(text)),
        other => other.clone(),
    }
}

fn operator(op: Op) -> &'static str {
    match op {
        Op::Eq => " = ",
        Op::Ne => " <> ",
        Op::Lt => " < ",
        Op::Le => " <= ",
        Op::Gt => " > ",
        Op::Ge => " >= ",
    }
}

/// `from <= x AND x < to`; an open range holds for everything that is not null.
fn within(term: &Term, from: Option<&Value>, to: Option<&Value>, not: bool, sql: &mut SqlBuf) {
    let (from, to) = match (from, to) {
        (None, None) if not => {
            sql.push("0");
            return;
        }
        (None, None) => {
            term.write(sql);
            sql.push(" IS NOT NULL");
            return;
        }
        bounds => bounds,
    };
    sql.push(if not { "NOT (" } else { "(" });
    if let Some(from) = from {
        term.write(sql);
        sql.push(" >= ").bind(from.clone());
    }
    if let Some(to) = to {
        sql.push(if from.is_some() { " AND " } else { "" });
        term.write(sql);
        sql.push(" < ").bind(to.clone());
    }
    sql.push(")");
}

/// `x` lies in the range of texts with this beginning, followed by AND: for an index to find them.
fn begins_with(term: &Term, beginning: &str, sql: &mut SqlBuf) {
    let Some(after) = next_text(beginning) else {
        return;
    };
    for (word, bound) in [(" >= ", beginning.to_owned()), (" < ", after)] {
        term.write_folded(sql);
        sql.push(word).bind(Value::text(bound)).push(" AND ");
    }
}

/// The least text after all that begin with this one.
fn next_text(beginning: &str) -> Option<String> {
    let last = beginning.chars().next_back()?;
    let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32)?;
    let kept = beginning.strip_suffix(last)?;
    Some(format!("{kept}{next}"))
}

fn call(function: &str, term: &Term, operand: Operand, not: bool, sql: &mut SqlBuf) {
    sql.push(if not { "NOT " } else { "" })
        .push(function)
        .push("(");
    term.write(sql);
    sql.push(", ").operand(operand).push(")");
}

/// The ids that another scan selects, nulls left out.
fn semi_join(
    source: &mut Source<'_, '_>,
    inner: &SemiJoin,
    sql: &mut SqlBuf,
) -> Result<(), QueryError> {
    let Source::Records(outer) = source else {
        let why = "a semi-join over groups".to_owned();
        return Err(QueryError::TooComplicated(why));
    };
    let mut scope = Scope::new(outer.layout, inner.scan.object, outer.next(), outer.parents);
    // Paths of the condition ask for joins, so it is written before the FROM in front of it.
    let mut tail = sql.fork();
    let selected = scope.path(&inner.select)?;
    scan(&mut scope, &inner.scan, &mut tail)?;
    sql.push(&format!("SELECT id FROM (SELECT {selected} AS id"));
    scope.from(sql)?;
    sql.append(tail);
    if let Some(limit) = inner.limit {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        sql.push(&format!(" ORDER BY {}.\"Id\" LIMIT {limit}", scope.name(0)));
    }
    sql.push(") WHERE id IS NOT NULL");
    Ok(())
}
