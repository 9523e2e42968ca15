//! GROUP BY, aggregates and HAVING (rest-api.md 6.3, 11).

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{FieldType, Refusal};

use super::functions::{Term, aggregate};
use super::names::Scope;
use super::{empty, filter, order};
use crate::ast::{self, FieldExpr, GroupKind, Item, Name};
use crate::plan::{
    Aggregate, AggregateFn, Column, Expr, Groups, Order, Path, Predicate, QueryPlan, Rank, Scan,
    Shape, Show, Spot,
};

/// Most fields of ROLLUP and CUBE.
const ROLLUP_MAX: usize = 3;

/// True if the SELECT answers groups: it has GROUP BY or an aggregate.
pub(super) fn is_grouped(select: &ast::Select, items: &[Item]) -> bool {
    let aggregates = |item: &Item| match item {
        Item::Field(expr, _) => has_aggregate(expr),
        Item::Sub(_) | Item::TypeOf(_) | Item::Fields(..) => false,
    };
    select.group.is_some() || items.iter().any(aggregates)
}

fn has_aggregate(expr: &FieldExpr) -> bool {
    match expr {
        FieldExpr::Path(_) => false,
        FieldExpr::Call(name, args) => aggregate(name).is_some() || args.iter().any(has_aggregate),
    }
}

/// The plan of a SELECT that answers groups.
pub(super) fn plan(
    scope: &Scope<'_>,
    scan: Scan,
    select: &ast::Select,
    items: &[Item],
) -> Result<QueryPlan, Refusal> {
    let grouping = Grouping::of(scope, select.group.as_ref())?;
    if let (None, Some((_, at))) = (&select.group, select.limit) {
        let reason =
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT";
        return Err(scope.env.malformed(at, reason));
    }
    let mut plan = empty(scan, Shape::Rows);
    grouping.columns(items, &mut plan)?;
    plan.order = grouping.order(&select.order)?;
    let having = match &select.having {
        Some(cond) => filter::over_groups(&grouping, cond)?,
        None => Predicate::TRUE,
    };
    plan.shape = Shape::Groups(Groups {
        sets: grouping.sets(),
        single: select.group.is_none(),
        keys: grouping.keys.into_iter().map(|key| key.expr).collect(),
        having,
        groups_max: Groups::MAX,
    });
    Ok(plan)
}

/// The grouped expressions of a SELECT.
pub(super) struct Grouping<'s, 'a> {
    pub scope: &'s Scope<'a>,
    keys: Vec<Term<'a>>,
    kind: GroupKind,
}

impl<'s, 'a> Grouping<'s, 'a> {
    fn of(scope: &'s Scope<'a>, group: Option<&ast::GroupBy>) -> Result<Self, Refusal> {
        let mut grouping = Self {
            scope,
            keys: Vec::new(),
            kind: group.map_or(GroupKind::Plain, |g| g.kind),
        };
        for item in group.into_iter().flat_map(|g| &g.items) {
            let term = scope.term(item)?;
            let is_date_part = matches!(term.expr, Expr::DatePart { .. });
            let groups = match item {
                FieldExpr::Call(..) => is_date_part,
                FieldExpr::Path(_) => term
                    .def
                    .is_none_or(|def| def.groupable || def.kind == FieldType::Id),
            };
            if !groups {
                let reason = format!("field '{}' can not be grouped in a query call", term.shown);
                return Err(scope.env.malformed(item.at(), reason));
            }
            if grouping.kind != GroupKind::Plain && grouping.keys.len() == ROLLUP_MAX {
                let reason = format!("ROLLUP and CUBE can have at most {ROLLUP_MAX} fields");
                return Err(scope.env.malformed(item.at(), reason));
            }
            grouping.keys.push(term);
        }
        Ok(grouping)
    }

    /// Detail rows first, then the subtotals with ever fewer keys.
    fn sets(&self) -> Vec<Vec<usize>> {
        let count = self.keys.len();
        match self.kind {
            GroupKind::Plain => vec![(0..count).collect()],
            GroupKind::Rollup => (0..=count).rev().map(|n| (0..n).collect()).collect(),
            GroupKind::Cube => (0..1usize << count)
                .map(|out| (0..count).filter(|at| out >> at & 1 == 0).collect())
                .collect(),
        }
    }

    fn columns(&self, items: &[Item], plan: &mut QueryPlan) -> Result<(), Refusal> {
        let env = self.scope.env;
        let mut unnamed = 0;
        let mut names = BTreeSet::new();
        for item in items {
            let (expr, alias) = match item {
                Item::Field(expr, alias) => (expr, alias.as_ref()),
                Item::Sub(sub) => {
                    let reason = "sub-queries are not allowed in a query with aggregates";
                    return Err(env.malformed(sub.at, reason));
                }
                Item::TypeOf(type_of) => {
                    let reason = "TYPEOF is not allowed in a query with aggregates";
                    return Err(env.malformed(type_of.path.at(), reason));
                }
                Item::Fields(_, at) => {
                    let reason = "Field must be grouped or aggregated: FIELDS";
                    return Err(env.malformed(*at, reason));
                }
            };
            let term = self.term(expr)?;
            let name: Arc<str> = match (alias, term.name) {
                (Some(alias), _) => alias.text.clone(),
                (None, Some(name)) => name,
                (None, None) => {
                    unnamed += 1;
                    Arc::from(format!("expr{}", unnamed - 1))
                }
            };
            if !names.insert(name.to_ascii_lowercase()) {
                let at = alias.map_or(expr.at(), |alias| alias.at);
                return Err(env.malformed(at, format!("duplicate alias: {name}")));
            }
            plan.columns.push(Column::Value {
                name,
                slot: plan.outputs.len(),
                show: term.show,
            });
            plan.outputs.push(term.expr);
        }
        Ok(())
    }

    fn order(&self, items: &[ast::OrderItem]) -> Result<Vec<Order>, Refusal> {
        let mut order = Vec::new();
        for item in order::checked(self.scope, items)? {
            let term = self.term(&item.by)?;
            let rank = self.rank_of(&term);
            order.push(order::key(item, rank, term.expr));
        }
        for at in 0..self.keys.len() {
            if self.kind != GroupKind::Plain {
                order.push(order::ascending(Expr::Grouping(at)));
            }
            order.push(order::ascending(Expr::Key(at)));
        }
        Ok(order)
    }

    /// Picklist order, for keys and for MIN and MAX.
    fn rank_of(&self, term: &Term<'_>) -> Option<Rank> {
        match &term.expr {
            Expr::Key(at) if self.keys.get(*at).is_some_and(|key| key.name.is_some()) => {
                term.rank()
            }
            Expr::Aggregate(aggregate) => aggregate.rank.clone(),
            _ => None,
        }
    }

    /// An expression over groups.
    pub fn term(&self, expr: &FieldExpr) -> Result<Term<'a>, Refusal> {
        match expr {
            FieldExpr::Call(name, args) if aggregate(name).is_some() => self.aggregate(name, args),
            FieldExpr::Call(name, args) if name.is("GROUPING") => self.grouping(name, args),
            FieldExpr::Call(name, args) if name.is("FORMAT") => {
                let inner = self.term(self.scope.only(name, args)?)?;
                Ok(self.scope.format(inner))
            }
            FieldExpr::Call(name, args) if name.is("toLabel") => {
                let inner = self.term(self.scope.only(name, args)?)?;
                Ok(self.scope.label(inner))
            }
            FieldExpr::Path(_) | FieldExpr::Call(..) => {
                let term = self.scope.term(expr)?;
                let at = self.key(&term, expr)?;
                Ok(Term {
                    expr: Expr::Key(at),
                    steps: Vec::new(),
                    ..term
                })
            }
        }
    }

    fn key(&self, term: &Term<'_>, expr: &FieldExpr) -> Result<usize, Refusal> {
        let found = self.keys.iter().position(|key| key.expr == term.expr);
        found.ok_or_else(|| {
            let reason = format!("Field must be grouped or aggregated: {}", term.shown);
            self.scope.env.malformed(expr.at(), reason)
        })
    }

    fn grouping(&self, name: &Name, args: &[FieldExpr]) -> Result<Term<'a>, Refusal> {
        let inner = self.scope.only(name, args)?;
        let term = self.scope.term(inner)?;
        let at = self.key(&term, inner)?;
        Ok(plain(
            Expr::Grouping(at),
            FieldType::Int,
            format!("GROUPING({})", term.shown),
        ))
    }

    fn aggregate(&self, name: &Name, args: &[FieldExpr]) -> Result<Term<'a>, Refusal> {
        let env = self.scope.env;
        let Some(function) = aggregate(name) else {
            return Err(env.malformed(name.at, "unknown function"));
        };
        let inner = self.scope.only(name, args)?;
        let FieldExpr::Path(_) = inner else {
            let reason = format!("function {} takes one field", name.text);
            return Err(env.malformed(name.at, reason));
        };
        let term = self.scope.term(inner)?;
        let rank = term.rank();
        let unfit = || {
            let shown = name.text.to_ascii_uppercase();
            let reason = format!(
                "field {} does not support aggregate operator {shown}",
                term.shown
            );
            env.malformed(inner.at(), reason)
        };
        let Expr::Field(path) = term.expr.clone() else {
            return Err(unfit());
        };
        if !supports(function, path.kind) || term.def.is_some_and(is_long) {
            return Err(unfit());
        }
        let counts_rows = function == AggregateFn::Count && is_own_id(&path);
        let kind = match function {
            AggregateFn::Count | AggregateFn::CountDistinct => FieldType::Int,
            AggregateFn::Avg => FieldType::Double,
            AggregateFn::Sum | AggregateFn::Min | AggregateFn::Max => path.kind,
        };
        let extreme = matches!(function, AggregateFn::Min | AggregateFn::Max);
        let aggregate = Aggregate {
            function,
            of: (!counts_rows).then_some(path),
            rank: rank.filter(|_| extreme),
        };
        let shown = format!("{}({})", name.text.to_ascii_uppercase(), term.shown);
        Ok(Term {
            def: term.def.filter(|_| extreme),
            ..plain(Expr::Aggregate(aggregate), kind, shown)
        })
    }
}

fn plain<'a>(expr: Expr, kind: FieldType, shown: String) -> Term<'a> {
    Term {
        expr,
        kind,
        steps: Vec::new(),
        name: None,
        shown,
        show: Show::Plain,
        def: None,
        labelled: false,
    }
}

fn is_own_id(path: &Path) -> bool {
    path.hops.is_empty() && path.at.iter().all(|(_, spot)| *spot == Spot::Id)
}

/// Long text does not aggregate.
fn is_long(def: &model::FieldDef) -> bool {
    def.kind == FieldType::Textarea && def.length.is_some_and(|length| length > 255)
}

/// Which functions take which types (SOQL reference, "Support for Field Types in Aggregate Functions").
fn supports(function: AggregateFn, kind: FieldType) -> bool {
    use FieldType as T;
    let is_number = matches!(kind, T::Int | T::Double | T::Currency | T::Percent);
    let never = kind.is_compound() || matches!(kind, T::Boolean | T::Time | T::Multipicklist);
    match function {
        AggregateFn::Sum | AggregateFn::Avg => is_number,
        AggregateFn::Count | AggregateFn::CountDistinct | AggregateFn::Min | AggregateFn::Max => {
            !never
        }
    }
}
