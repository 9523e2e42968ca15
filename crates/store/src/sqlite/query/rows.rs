//! Plain rows, their children, and counts.

use std::collections::BTreeMap;

use lang::answer::assemble;
use lang::plan::{ChildPlan, QueryPlan};
use model::{Answer, FieldIx, RecordId, Value};

use super::Run;
use super::buf::SqlBuf;
use super::expr::Source;
use super::predicate;
use super::scope::Scope;
use crate::QueryError;
use crate::sqlite::layout::Kind;

/// Children are read for so many parents at a time.
const PARENTS_AT_ONCE: usize = 1_000;

/// Children of these parents only.
pub(super) struct OfParents<'a> {
    via: FieldIx,
    ids: &'a [RecordId],
}

type Values = Vec<Value>;

impl Run<'_> {
    pub(super) fn rows(&self, plan: &QueryPlan) -> Result<Answer, QueryError> {
        let (sql, kinds) = self.select(plan, None)?;
        let mut found = Vec::new();
        self.each_row(&sql, |row| {
            found.push(self.values(row, 0, &kinds)?);
            Ok(true)
        })?;
        self.assembled(plan, found)
    }

    pub(super) fn count(&self, plan: &QueryPlan) -> Result<Answer, QueryError> {
        let mut scope = Scope::new(self.layout, plan.scan.object, 0, &plan.parents);
        let mut tail = SqlBuf::default();
        predicate::scan(&mut scope, &plan.scan, &mut tail)?;
        let mut sql = SqlBuf::default();
        sql.push("SELECT count(*) FROM (SELECT 1");
        scope.from(&mut sql)?;
        sql.append(tail);
        window(plan, &mut sql);
        sql.push(")");
        let mut total = 0;
        self.each_row(&sql, |row| {
            total = self.values(row, 0, &[Kind::Int])?[0].as_int().unwrap_or(0);
            Ok(true)
        })?;
        Ok(Answer {
            total: u64::try_from(total).unwrap_or(0),
            done: true,
            ..Answer::default()
        })
    }

    /// The SELECT of a plan's outputs. For children the parent's id comes last, and the limit counts
    /// per parent, so it is not in the SQL.
    pub(super) fn select(
        &self,
        plan: &QueryPlan,
        parents: Option<&OfParents<'_>>,
    ) -> Result<(SqlBuf, Vec<Kind>), QueryError> {
        let mut scope = Scope::new(self.layout, plan.scan.object, 0, &plan.parents);
        let mut sql = SqlBuf::default();
        let mut kinds = Vec::with_capacity(plan.outputs.len() + 1);
        sql.push("SELECT ");
        sql.list(&plan.outputs, ", ", |sql, output| {
            let term = Source::Records(&mut scope).term(output)?;
            term.write(sql);
            kinds.push(term.kind);
            Ok(())
        })?;
        let via = match parents {
            Some(parents) => Some(scope.own(parents.via)?),
            None => None,
        };
        if let Some(via) = &via {
            kinds.push(Kind::Id);
            sql.push(", ").push(via);
        }
        let mut tail = sql.fork();
        predicate::scan(&mut scope, &plan.scan, &mut tail)?;
        if let (Some(parents), Some(via)) = (parents, &via) {
            tail.push(" AND ").push(via).push(" IN (");
            tail.list(parents.ids, ", ", |sql, id| {
                sql.bind(Value::Id(*id));
                Ok(())
            })?;
            tail.push(")");
        }
        if !plan.order.is_empty() {
            tail.push(" ORDER BY ");
            Source::Records(&mut scope).order(&plan.order, &mut tail)?;
        }
        scope.from(&mut sql)?;
        sql.append(tail);
        if parents.is_none() {
            window(plan, &mut sql);
        }
        Ok((sql, kinds))
    }

    /// Rows with their children.
    fn assembled(&self, plan: &QueryPlan, found: Vec<Values>) -> Result<Answer, QueryError> {
        let ids: Vec<RecordId> = found
            .iter()
            .filter_map(|values| values.first().and_then(Value::as_id))
            .collect();
        let mut children = Vec::with_capacity(plan.children.len());
        for child in &plan.children {
            children.push(self.children(child, &ids)?);
        }
        let rows: Vec<_> = found
            .iter()
            .map(|values| {
                let id = values.first().and_then(Value::as_id);
                let of = |all: &mut BTreeMap<RecordId, Answer>| all.remove(&id?);
                let answers = children.iter_mut().map(of).collect();
                assemble(plan, self.catalogue, values, answers)
            })
            .collect();
        Ok(Answer {
            total: rows.len() as u64,
            done: true,
            next: None,
            rows,
        })
    }

    fn children(
        &self,
        child: &ChildPlan,
        parents: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Answer>, QueryError> {
        let mut by_parent: BTreeMap<RecordId, Vec<Values>> = BTreeMap::new();
        for ids in parents.chunks(PARENTS_AT_ONCE) {
            let via = child.via;
            let (sql, kinds) = self.select(&child.plan, Some(&OfParents { via, ids }))?;
            let last = kinds.len() - 1;
            let limit = child.plan.limit.unwrap_or(u64::MAX);
            self.each_row(&sql, |row| {
                let parent = self.values(row, last, &[Kind::Id])?;
                let Some(parent) = parent.first().and_then(Value::as_id) else {
                    return Ok(true);
                };
                let rows = by_parent.entry(parent).or_default();
                if (rows.len() as u64) < limit {
                    rows.push(self.values(row, 0, &kinds[..last])?);
                }
                Ok(true)
            })?;
        }
        let answer = |(id, rows)| Ok((id, self.assembled(&child.plan, rows)?));
        by_parent.into_iter().map(answer).collect()
    }
}

/// LIMIT and OFFSET.
fn window(plan: &QueryPlan, sql: &mut SqlBuf) {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    if plan.limit.is_some() || plan.offset > 0 {
        sql.push(" LIMIT ");
        sql.bind(Value::Int(plan.limit.map_or(-1, number)));
        sql.push(" OFFSET ").bind(Value::Int(number(plan.offset)));
    }
}
