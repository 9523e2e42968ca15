//! The select list of a query that is not grouped: fields, parents, TYPEOF, FIELDS, sub-queries.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Code, ObjectIx, Refusal};

use super::names::{Scope, Step, Target, id_of, spot};
use super::{empty, order};
use crate::ast::{self, Cond, FieldExpr, FieldsKind, Item, Literal, Operand};
use crate::plan::{Column, Expr, Path, QueryPlan, Scan, Shape, Show, Spot};

/// FIELDS(ALL) and FIELDS(CUSTOM) need a limit of at most this (rest-api.md 6.3, 12).
const FIELDS_ROWS_MAX: u64 = 200;

/// The plan of a SELECT with plain rows. `depth` counts SELECTs from 1.
pub(super) fn plan(
    scope: &Scope<'_>,
    scan: Scan,
    select: &ast::Select,
    items: &[Item],
    depth: usize,
) -> Result<QueryPlan, Refusal> {
    let mut list = List {
        scope,
        plan: empty(scan, Shape::Rows),
        seen: BTreeSet::new(),
        parents: BTreeSet::new(),
        type_ofs: BTreeSet::new(),
        depth,
    };
    list.output(Expr::Field(Path::id(scope.object)));
    for item in items {
        list.item(select, item)?;
    }
    if list.plan.columns.is_empty() {
        let reason =
            "'FIELDS(...)' expansion function must result in at least one field being selected.";
        return Err(Refusal::new(Code::MalformedQuery, reason));
    }
    list.plan.order = order::of_records(scope, &select.order)?;
    Ok(list.plan)
}

struct List<'s, 'a> {
    scope: &'s Scope<'a>,
    plan: QueryPlan,
    /// Canonical paths and aliases, in lower case.
    seen: BTreeSet<String>,
    /// Relationships that paths go through, and those of TYPEOF, by their dotted names.
    parents: BTreeSet<String>,
    type_ofs: BTreeSet<String>,
    depth: usize,
}

impl<'a> List<'_, 'a> {
    fn item(&mut self, select: &ast::Select, item: &Item) -> Result<(), Refusal> {
        match item {
            Item::Field(expr, alias) => self.field(expr, alias.as_ref()),
            Item::Sub(sub) => self.children(sub),
            Item::TypeOf(type_of) => self.type_of(type_of),
            Item::Fields(kind, at) => self.fields(select, *kind, *at),
        }
    }

    /// The slot of an expression. Equal ones share a slot, except own fields: they seldom repeat, and a
    /// long list of them is not searched each time.
    fn output(&mut self, expr: Expr) -> usize {
        let outputs = &mut self.plan.outputs;
        let is_own = |expr: &Expr| matches!(expr, Expr::Field(path) if path.hops.is_empty());
        let known = match outputs.first() {
            Some(id) if *id == expr => Some(0),
            _ if is_own(&expr) => None,
            _ => outputs.iter().position(|known| *known == expr),
        };
        known.unwrap_or_else(|| {
            outputs.push(expr);
            outputs.len() - 1
        })
    }

    fn once(&mut self, shown: &str) -> Result<(), Refusal> {
        match self.seen.insert(shown.to_ascii_lowercase()) {
            true => Ok(()),
            false => {
                let reason = format!("duplicate field selected: {shown}");
                Err(Refusal::new(Code::InvalidField, reason))
            }
        }
    }

    fn field(&mut self, expr: &FieldExpr, alias: Option<&ast::Name>) -> Result<(), Refusal> {
        let term = self.scope.term(expr)?;
        let Some(name) = term.name.clone() else {
            let reason = format!("Field must be grouped or aggregated: {}", term.shown);
            return Err(self.scope.env.malformed(expr.at(), reason));
        };
        let Some(alias) = alias else {
            self.once(&term.shown)?;
            for end in 1..=term.steps.len() {
                self.parents.insert(dotted(&term.steps[..end]));
            }
            self.apart(expr.at())?;
            let column = self.value(name, term.expr, term.show);
            self.place(&term.steps, column);
            return Ok(());
        };
        if matches!(expr, FieldExpr::Path(_)) {
            let reason = "only aggregate expressions use field aliasing";
            return Err(self.scope.env.malformed(alias.at, reason));
        }
        self.once(&alias.text)?;
        let column = self.value(alias.text.clone(), term.expr, term.show);
        self.plan.columns.push(column);
        Ok(())
    }

    /// A relationship is in a TYPEOF or in paths, not in both.
    fn apart(&self, at: usize) -> Result<(), Refusal> {
        match self.type_ofs.intersection(&self.parents).next() {
            None => Ok(()),
            Some(name) => {
                let reason =
                    format!("relationship '{name}' of a TYPEOF cannot be selected by a path too");
                Err(self.scope.env.malformed(at, reason))
            }
        }
    }

    fn value(&mut self, name: Arc<str>, expr: Expr, show: Show) -> Column {
        if let Expr::Field(path) = &expr
            && path.kind.has_parts()
        {
            return self.compound(name, path);
        }
        let slot = self.output(expr);
        Column::Value { name, slot, show }
    }

    /// An address or a location: those of its parts that the caller sees. Parts that belong to a feature
    /// of the org are there only if the feature is, which none is (objects.md 9).
    fn compound(&mut self, name: Arc<str>, path: &Path) -> Column {
        let mut parts = Vec::new();
        if let [(object, Spot::Field(field)), ..] = path.at[..] {
            let def = self.scope.env.catalogue.def(object);
            for (part, field) in def.parts(def.def(field)) {
                let part_def = def.def(field);
                if part_def.feature.is_none() && self.scope.shows(object, field) {
                    let path = Path {
                        hops: path.hops.clone(),
                        at: vec![(object, spot(def, field))],
                        kind: part_def.kind,
                    };
                    parts.push((Arc::from(part), self.output(Expr::Field(path))));
                }
            }
        }
        Column::Compound { name, parts }
    }

    /// Puts a column below the parents that its path goes through.
    fn place(&mut self, steps: &[Step], column: Column) {
        let ids = self.ids(steps, 0);
        place_in(&mut self.plan.columns, steps, &ids, column);
    }

    /// Slots of the Ids of the parents behind the first `from` steps.
    fn ids(&mut self, steps: &[Step], from: usize) -> Vec<usize> {
        (from + 1..=steps.len())
            .map(|end| self.output(Expr::Field(id_of(&steps[..end]))))
            .collect()
    }

    fn children(&mut self, sub: &ast::Select) -> Result<(), Refusal> {
        let (child, name) = self.scope.env.child(self.scope, sub, self.depth + 1)?;
        self.once(&name)?;
        self.plan.columns.push(Column::Children {
            name: Arc::from(name),
            child: self.plan.children.len(),
        });
        self.plan.children.push(child);
        Ok(())
    }

    fn fields(&mut self, select: &ast::Select, kind: FieldsKind, at: usize) -> Result<(), Refusal> {
        if kind != FieldsKind::Standard && !is_bounded(select) {
            let reason =
                format!("The SOQL FIELDS function must have a LIMIT of at most {FIELDS_ROWS_MAX}");
            return Err(self.scope.env.malformed(at, reason));
        }
        let object = self.scope.object;
        let def = self.scope.def();
        for (field, field_def) in def.each_field() {
            let wanted = match kind {
                FieldsKind::All => true,
                FieldsKind::Standard => !field_def.custom,
                FieldsKind::Custom => field_def.custom,
            };
            if wanted && self.scope.shows(object, field) {
                self.once(&field_def.name)?;
                let path = Path::own(object, spot(def, field), field_def.kind);
                let expr = match field_def.formula {
                    Some(_) => self.scope.formula(&[], field_def, at)?,
                    None => Expr::Field(path),
                };
                let name = Arc::from(field_def.name.as_str());
                let column = self.value(name, expr, Show::Plain);
                self.plan.columns.push(column);
            }
        }
        Ok(())
    }

    fn type_of(&mut self, type_of: &ast::TypeOf) -> Result<(), Refusal> {
        let env = self.scope.env;
        let at = type_of.path.at();
        let mut steps = self.scope.parent(&type_of.path)?;
        let Some(last) = steps.pop() else {
            return Err(env.malformed(at, "TYPEOF needs a relationship"));
        };
        if !last.polymorphic {
            let reason = format!(
                "TYPEOF needs a polymorphic relationship, which {} is not",
                last.name
            );
            return Err(env.malformed(at, reason));
        }
        let mut branches: Vec<(ObjectIx, Vec<Column>)> = Vec::new();
        for (object_name, paths) in &type_of.when {
            let object = last
                .hop
                .to
                .iter()
                .copied()
                .find(|object| object_name.is(&env.catalogue.def(*object).name));
            let foreign = || {
                let reason = format!(
                    "'{}' is not an object that {} can refer to",
                    object_name.text, last.name
                );
                env.refuse(Code::InvalidType, object_name.at, reason)
            };
            let object = match object {
                Some(object) => object,
                None if self.refers_to(&last, object_name) => continue,
                None => return Err(foreign()),
            };
            if branches.iter().any(|(known, _)| *known == object) {
                let reason = format!("WHEN {} occurs twice", object_name.text);
                return Err(env.malformed(object_name.at, reason));
            }
            branches.push((object, self.branch(&steps, &last, &[object], paths)?));
        }
        if !type_of.otherwise.is_empty() {
            let others = last.hop.to.iter().copied();
            let others: Vec<ObjectIx> = others
                .filter(|object| branches.iter().all(|(known, _)| known != object))
                .collect();
            let columns = self.branch(&steps, &last, &last.hop.to, &type_of.otherwise)?;
            branches.extend(others.into_iter().map(|object| (object, columns.clone())));
        }
        let name = last.name.clone();
        let all: Vec<Step> = steps.iter().cloned().chain([last]).collect();
        self.once(&dotted(&all))?;
        self.type_ofs.insert(dotted(&all));
        self.apart(at)?;
        let id = self.output(Expr::Field(id_of(&all)));
        self.place(&steps, Column::TypeOf { name, id, branches });
        Ok(())
    }

    /// The reference may point to this object although the object is not ours.
    fn refers_to(&self, step: &Step, name: &ast::Name) -> bool {
        let def = self
            .scope
            .env
            .catalogue
            .def(step.hop.from)
            .def(step.hop.field);
        def.reference_to.iter().any(|object| name.is(object))
    }

    /// The columns of one branch: paths from one parent object, or from all of them in ELSE.
    fn branch(
        &mut self,
        before: &[Step],
        last: &Step,
        objects: &[ObjectIx],
        paths: &[ast::Path],
    ) -> Result<Vec<Column>, Refusal> {
        let mut to_one = last.clone();
        to_one.hop.to = objects.to_vec();
        to_one.polymorphic = objects.len() > 1;
        let prefix: Vec<Step> = before.iter().cloned().chain([to_one]).collect();
        let mut columns = Vec::new();
        let mut seen = BTreeSet::new();
        for path in paths {
            let target = self.scope.path_behind(&prefix, path)?;
            if !seen.insert(target.dotted()) {
                let reason = format!("duplicate field selected: {}", target.name);
                return Err(Refusal::new(Code::InvalidField, reason));
            }
            let Target {
                steps, expr, name, ..
            } = target;
            let column = self.value(name, expr, Show::Plain);
            let ids = self.ids(&steps, prefix.len());
            place_in(&mut columns, &steps[prefix.len()..], &ids, column);
        }
        Ok(columns)
    }
}

fn dotted(steps: &[Step]) -> String {
    let names: Vec<&str> = steps.iter().map(|s| &*s.name).collect();
    names.join(".")
}

/// Puts a column below the parents of `steps`; those that are not among `columns` yet are added, with
/// the slots in `ids`.
fn place_in(columns: &mut Vec<Column>, steps: &[Step], ids: &[usize], column: Column) {
    let (Some((step, steps)), Some((id, ids))) = (steps.split_first(), ids.split_first()) else {
        columns.push(column);
        return;
    };
    for known in columns.iter_mut() {
        if let Column::Parent { name, columns, .. } = known
            && *name == step.name
        {
            return place_in(columns, steps, ids, column);
        }
    }
    let mut inner = Vec::new();
    place_in(&mut inner, steps, ids, column);
    columns.push(Column::Parent {
        name: step.name.clone(),
        id: *id,
        polymorphic: step.polymorphic,
        columns: inner,
    });
}

impl<'a> Scope<'a> {
    /// A path that continues behind `prefix`.
    pub fn path_behind(&self, prefix: &[Step], path: &ast::Path) -> Result<Target<'a>, Refusal> {
        let mut steps = prefix.to_vec();
        let mut names: Vec<&ast::Name> = path.names().collect();
        let last = names.pop().unwrap_or(&path.first);
        for name in names {
            steps.push(self.step(&steps, name)?);
        }
        self.end(steps, last)
    }
}

/// A query that cannot answer more than 200 rows: by LIMIT or by a list of ids.
fn is_bounded(select: &ast::Select) -> bool {
    let by_limit = select
        .limit
        .is_some_and(|(limit, _)| limit <= FIELDS_ROWS_MAX);
    let ids = select.filter.as_ref().and_then(ids_of);
    by_limit || ids.is_some_and(|ids| ids <= FIELDS_ROWS_MAX)
}

/// How many ids the condition allows; `None` if it is not bounded by ids.
fn ids_of(cond: &Cond) -> Option<u64> {
    match cond {
        Cond::And(all) => all.iter().filter_map(ids_of).min(),
        Cond::Or(all) => all.iter().map(ids_of).sum(),
        Cond::Not(_) => None,
        Cond::Test(test) => {
            let FieldExpr::Path(path) = &test.left else {
                return None;
            };
            let is_id = path.last().is("Id") && path.rest.len() < 2;
            let count = match (&test.op, &test.right) {
                (ast::Op::Eq, Operand::Value(Literal { .. })) => 1,
                (ast::Op::In, Operand::List(list)) => list.len() as u64,
                _ => return None,
            };
            is_id.then_some(count)
        }
    }
}
