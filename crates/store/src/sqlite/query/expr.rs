//! Expressions and sort keys as SQL.

use lang::formula::Formula;
use lang::plan::{Aggregate, AggregateFn, Expr, Order, Rank};
use model::{KeyPrefix, Value};
use std::sync::Arc;

use super::buf::SqlBuf;
use super::operand::Operand;
use super::scope::{Scope, kind};
use crate::QueryError;
use crate::sqlite::layout::Kind;

/// Turns expressions into SQL: over records, or over the groups that an inner SELECT made.
pub(super) enum Source<'s, 'a> {
    /// Over records.
    Records(&'s mut Scope<'a>),
    /// Over groups, whose columns are `k0`, `g0` and `a0`.
    Groups(&'s GroupColumns),
}

/// What the SELECT over groups offers.
pub(super) struct GroupColumns {
    /// Kinds of the keys.
    pub(super) keys: Vec<Kind>,
    /// The aggregates that anything refers to.
    pub(super) aggregates: Vec<Aggregate>,
}

/// A rendered expression. Rendered twice it may need its values twice, so it is kept as a recipe.
pub(super) struct Term {
    pub(super) kind: Kind,
    /// Never null.
    pub(super) is_set: bool,
    recipe: Recipe,
}

enum Recipe {
    Sql(String),
    /// `CASE` over the first characters of an id.
    TypeName(String, Vec<(KeyPrefix, Arc<str>)>),
    /// The inputs as SQL, and what is computed from them.
    Formula(Vec<String>, Arc<Formula>),
    Part(String, lang::plan::DatePart, jiff::tz::TimeZone, bool),
}

impl Term {
    fn sql(kind: Kind, is_set: bool, sql: String) -> Self {
        let recipe = Recipe::Sql(sql);
        Self {
            kind,
            is_set,
            recipe,
        }
    }

    /// The value itself.
    pub(super) fn write(&self, sql: &mut SqlBuf) {
        match &self.recipe {
            Recipe::Sql(text) => {
                sql.push(text);
            }
            Recipe::TypeName(id, names) => {
                sql.push("CASE substr(").push(id).push(", 1, 3)");
                for (prefix, name) in names {
                    sql.push(" WHEN ").bind(Value::from(prefix.as_str()));
                    sql.push(" THEN ").bind(Value::Text(name.clone()));
                }
                // A CASE needs a branch.
                sql.push(" WHEN '' THEN NULL END");
            }
            Recipe::Formula(inputs, formula) => {
                sql.push("tl_formula(0, ");
                sql.operand(Operand::Formula(Arc::clone(formula)));
                for input in inputs {
                    sql.push(", ").push(input);
                }
                sql.push(")");
            }
            Recipe::Part(of, part, zone, is_datetime) => {
                sql.push("tl_part(").push(of).push(", ");
                sql.operand(Operand::Part(*part, zone.clone(), *is_datetime));
                sql.push(")");
            }
        }
    }

    /// The value as comparisons see it: text without case.
    pub(super) fn write_folded(&self, sql: &mut SqlBuf) {
        if self.kind == Kind::Text {
            sql.push("tl_fold(");
            self.write(sql);
            sql.push(")");
        } else {
            self.write(sql);
        }
    }
}

impl Source<'_, '_> {
    /// The recipe of an expression.
    pub(super) fn term(&mut self, expr: &Expr) -> Result<Term, QueryError> {
        match self {
            Source::Records(scope) => over_records(scope, expr),
            Source::Groups(columns) => columns.term(expr),
        }
    }

    /// The sort keys, without `ORDER BY`.
    pub(super) fn order(&mut self, order: &[Order], sql: &mut SqlBuf) -> Result<(), QueryError> {
        let mut is_first = true;
        for key in order {
            let term = self.term(&key.by)?;
            let way = match key.descending {
                true => " DESC",
                false => " ASC",
            };
            let nulls = match (term.is_set, key.nulls_first) {
                (true, _) => "",
                (false, true) => " NULLS FIRST",
                (false, false) => " NULLS LAST",
            };
            if let Some(rank) = key.rank.as_ref().filter(|_| term.kind == Kind::Text) {
                sql.push(if is_first { "" } else { ", " });
                write_rank(&term, rank, sql);
                sql.push(way).push(nulls);
                is_first = false;
            }
            sql.push(if is_first { "" } else { ", " });
            term.write_folded(sql);
            sql.push(way).push(nulls);
            is_first = false;
        }
        Ok(())
    }
}

fn write_rank(term: &Term, rank: &Rank, sql: &mut SqlBuf) {
    sql.push("tl_rank(");
    term.write(sql);
    sql.push(", ").operand(Operand::rank(rank)).push(")");
}

fn over_records(scope: &mut Scope<'_>, expr: &Expr) -> Result<Term, QueryError> {
    Ok(match expr {
        Expr::Field(path) => {
            let kind = kind(path).unwrap_or(Kind::Text);
            let is_own_id =
                path.hops.is_empty() && matches!(path.at[..], [(_, lang::plan::Spot::Id)]);
            let is_set = kind == Kind::Bool || is_own_id;
            Term::sql(kind, is_set, scope.path(path)?)
        }
        Expr::TypeName { reference, names } => Term {
            kind: Kind::Text,
            is_set: false,
            recipe: Recipe::TypeName(scope.path(reference)?, names.clone()),
        },
        Expr::DatePart { part, of, zone } => {
            let is_datetime = kind(of) == Some(Kind::DateTime);
            let recipe = Recipe::Part(scope.path(of)?, *part, zone.clone(), is_datetime);
            let kind = match part {
                lang::plan::DatePart::DayOnly => Kind::Date,
                _ => Kind::Int,
            };
            Term {
                kind,
                is_set: false,
                recipe,
            }
        }
        Expr::Formula(formula) => {
            let inputs = formula.inputs.iter().map(|path| scope.path(path));
            let kind = Kind::of(formula.kind).unwrap_or(Kind::Text);
            Term {
                kind,
                is_set: kind == Kind::Bool,
                recipe: Recipe::Formula(inputs.collect::<Result<_, _>>()?, formula.clone()),
            }
        }
        Expr::Aggregate(_) | Expr::Key(_) | Expr::Grouping(_) => {
            Term::sql(Kind::Text, false, "NULL".to_owned())
        }
    })
}

impl GroupColumns {
    fn term(&self, expr: &Expr) -> Result<Term, QueryError> {
        Ok(match expr {
            Expr::Key(at) => match self.keys.get(*at) {
                Some(kind) => Term::sql(*kind, false, format!("k{at}")),
                None => Term::sql(Kind::Text, false, "NULL".to_owned()),
            },
            Expr::Grouping(at) => Term::sql(Kind::Int, true, format!("g{at}")),
            Expr::Aggregate(aggregate) => {
                let at = self.aggregates.iter().position(|known| known == aggregate);
                let missing = || QueryError::TooComplicated("an aggregate nobody collected".into());
                let at = at.ok_or_else(missing)?;
                let kind = result_kind(aggregate);
                Term::sql(kind, false, format!("a{at}"))
            }
            Expr::Field(_) | Expr::TypeName { .. } | Expr::DatePart { .. } | Expr::Formula(_) => {
                Term::sql(Kind::Text, false, "NULL".to_owned())
            }
        })
    }
}

fn result_kind(aggregate: &Aggregate) -> Kind {
    use AggregateFn as F;
    let of = aggregate.of.as_ref().and_then(kind).unwrap_or(Kind::Int);
    match aggregate.function {
        F::Count | F::CountDistinct => Kind::Int,
        F::Sum if of == Kind::Int => Kind::Int,
        F::Sum | F::Avg => Kind::Double,
        F::Min | F::Max => of,
    }
}

/// An aggregate over the records of a group.
pub(super) fn aggregate(
    scope: &mut Scope<'_>,
    aggregate: &Aggregate,
    sql: &mut SqlBuf,
) -> Result<(), QueryError> {
    use AggregateFn as F;
    let Some(path) = &aggregate.of else {
        sql.push("count(*)");
        return Ok(());
    };
    let kind = kind(path).unwrap_or(Kind::Text);
    let of = scope.path(path)?;
    let is_text = kind == Kind::Text;
    match aggregate.function {
        F::Count => sql.push(&format!("count({of})")),
        F::CountDistinct if is_text => sql.push(&format!("count(DISTINCT tl_fold({of}))")),
        // Whole seconds, rounded down before 1970 too.
        F::CountDistinct if kind == Kind::DateTime => sql.push(&format!(
            "count(DISTINCT {of} - ({of} % 1000 + 1000) % 1000)"
        )),
        F::CountDistinct => sql.push(&format!("count(DISTINCT {of})")),
        F::Sum => sql.push(&format!("sum({of})")),
        F::Avg => sql.push(&format!("avg({of})")),
        F::Min | F::Max => {
            let is_min = aggregate.function == F::Min;
            let name = if is_min { "min" } else { "max" };
            if is_text {
                let none: Rank = Arc::from([]);
                let rank = aggregate.rank.as_ref().unwrap_or(&none);
                sql.push(&format!("tl_{name}({of}, "));
                sql.operand(Operand::rank(rank)).push(")")
            } else {
                sql.push(&format!("{name}({of})"))
            }
        }
    };
    Ok(())
}
