//! GROUP BY with its sets, HAVING and totals.
//!
//! An inner SELECT per grouping set makes the groups with keys (`k0`), GROUPING flags (`g0`) and
//! aggregates (`a0`); the outer one filters, computes outputs and sorts. The number of groups comes
//! with it, because too many are refused before HAVING.

use lang::answer::assemble;
use lang::plan::{Aggregate, Expr, Groups, Predicate, QueryPlan};
use model::Answer;

use super::Run;
use super::buf::SqlBuf;
use super::expr::{GroupColumns, Source, Term, aggregate};
use super::predicate::{self, Around};
use super::scope::Scope;
use crate::QueryError;
use crate::sqlite::layout::Kind;

impl Run<'_> {
    pub(super) fn groups(&self, plan: &QueryPlan, groups: &Groups) -> Result<Answer, QueryError> {
        let columns = self.columns(plan, groups)?;
        let mut sql = SqlBuf::default();
        sql.push("WITH grouped AS MATERIALIZED (");
        let sets = groups.sets.iter();
        sql.list(sets, " UNION ALL ", |sql, set| {
            self.set(plan, groups, set, &columns, sql)
        })?;
        sql.push(&format!(" LIMIT {}) ", groups.groups_max.saturating_add(1)));
        let kinds = outer(plan, groups, &columns, &mut sql)?;
        let (skip, take) = (plan.offset, plan.limit.unwrap_or(u64::MAX));
        let (mut at, mut rows) = (0, Vec::new());
        self.each_row(&sql, |row| {
            let counted = self.values(row, 0, &[Kind::Int, Kind::Int])?;
            let total = counted[0].as_int().unwrap_or(0);
            if usize::try_from(total).unwrap_or(0) > groups.groups_max {
                return Err(QueryError::TooManyRows(groups.groups_max));
            }
            if counted[1].is_null() {
                return Ok(true);
            }
            if at >= skip && rows.len() as u64 >= take {
                return Ok(false);
            }
            if at >= skip {
                let values = self.values(row, 2, &kinds)?;
                rows.push(assemble(plan, self.catalogue, &values, Vec::new()));
            }
            at += 1;
            Ok(true)
        })?;
        Ok(Answer {
            total: rows.len() as u64,
            done: true,
            next: None,
            rows,
        })
    }

    /// What the groups have to offer to outputs, HAVING and order.
    fn columns(&self, plan: &QueryPlan, groups: &Groups) -> Result<GroupColumns, QueryError> {
        let mut aggregates = Vec::new();
        for output in &plan.outputs {
            collect(output, &mut aggregates);
        }
        for key in &plan.order {
            collect(&key.by, &mut aggregates);
        }
        collect_all(&groups.having, &mut aggregates);
        let mut scope = Scope::new(self.layout, plan.scan.object, 0, &plan.parents);
        let mut keys = Vec::with_capacity(groups.keys.len());
        for key in &groups.keys {
            keys.push(Source::Records(&mut scope).term(key)?.kind);
        }
        Ok(GroupColumns { keys, aggregates })
    }

    /// The SELECT of one grouping set.
    fn set(
        &self,
        plan: &QueryPlan,
        groups: &Groups,
        set: &[usize],
        columns: &GroupColumns,
        sql: &mut SqlBuf,
    ) -> Result<(), QueryError> {
        let mut scope = Scope::new(self.layout, plan.scan.object, 0, &plan.parents);
        let mut terms = Vec::with_capacity(groups.keys.len());
        for key in &groups.keys {
            terms.push(Source::Records(&mut scope).term(key)?);
        }
        // SQLite wants at least one column; COUNT() of nothing else has none.
        sql.push("SELECT 1 AS one");
        for (at, term) in terms.iter().enumerate() {
            let takes_part = set.contains(&at);
            sql.push(", ");
            shown(term, takes_part, sql);
            sql.push(&format!(" AS k{at}, {} AS g{at}", i64::from(!takes_part)));
        }
        for (at, wanted) in columns.aggregates.iter().enumerate() {
            sql.push(", ");
            aggregate(&mut scope, wanted, sql)?;
            sql.push(&format!(" AS a{at}"));
        }
        let mut tail = sql.fork();
        predicate::scan(&mut scope, &plan.scan, &mut tail)?;
        scope.from(sql)?;
        sql.append(tail);
        if set.is_empty() && groups.single {
            // One row even without a record: aggregates alone do that, but there must be one.
            let none = columns.aggregates.is_empty();
            sql.push(if none { " HAVING count(*) >= 0" } else { "" });
        } else if set.is_empty() {
            sql.push(" GROUP BY NULL");
        } else {
            sql.push(" GROUP BY ");
            let taking_part = set.iter().filter_map(|at| terms.get(*at));
            sql.list(taking_part, ", ", |sql, term| {
                term.write_folded(sql);
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// A key as it is shown: of texts that differ by case the least one.
fn shown(term: &Term, takes_part: bool, sql: &mut SqlBuf) {
    if !takes_part {
        sql.push("NULL");
    } else if term.kind == Kind::Text {
        sql.push("min(");
        term.write(sql);
        sql.push(")");
    } else {
        term.write(sql);
    }
}

/// The outer SELECT: number of groups, a mark, outputs. Without any group that passes there is one row
/// without a mark.
fn outer(
    plan: &QueryPlan,
    groups: &Groups,
    columns: &GroupColumns,
    sql: &mut SqlBuf,
) -> Result<Vec<Kind>, QueryError> {
    let source = &mut Source::Groups(columns);
    let mut kinds = Vec::with_capacity(plan.outputs.len());
    sql.push("SELECT total, passes");
    for output in &plan.outputs {
        let term = source.term(output)?;
        sql.push(", ");
        term.write(sql);
        kinds.push(term.kind);
    }
    sql.push(" FROM (SELECT count(*) AS total FROM grouped)");
    sql.push(" LEFT JOIN (SELECT 1 AS passes, * FROM grouped WHERE ");
    predicate::predicate(source, &groups.having, Around::Where, sql)?;
    sql.push(") ON 1");
    if !plan.order.is_empty() {
        sql.push(" ORDER BY ");
        source.order(&plan.order, sql)?;
    }
    Ok(kinds)
}

fn collect(expr: &Expr, into: &mut Vec<Aggregate>) {
    if let Expr::Aggregate(aggregate) = expr
        && !into.contains(aggregate)
    {
        into.push(aggregate.clone());
    }
}

fn collect_all(condition: &Predicate, into: &mut Vec<Aggregate>) {
    use Predicate as P;
    match condition {
        P::And(all) | P::Or(all) => all.iter().for_each(|p| collect_all(p, into)),
        P::Not(inner) => collect_all(inner, into),
        P::Null { of, .. }
        | P::Compare { of, .. }
        | P::In { of, .. }
        | P::Within { of, .. }
        | P::Like { of, .. }
        | P::Members { of, .. } => collect(of, into),
        P::Prefix { .. } | P::Semi { .. } => {}
    }
}
