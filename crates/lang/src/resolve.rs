//! From names to places: a parsed query, a catalogue and a caller become a [`QueryPlan`].
//!
//! All rules of rest-api.md 6.3 that can refuse a query are applied here, with the messages of 3.3. What
//! the caller may not see does not exist for him: [`Sight`] hides objects and fields, and a hidden
//! one is refused in the words for an unknown one.

mod columns;
mod filter;
mod formula;
mod functions;
mod groups;
mod names;
mod order;
mod typed;

use std::cell::Cell;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use model::{
    Catalogue, Code, Days, FieldIx, FieldType, Millis, ObjectIx, RecordId, Refusal, Value,
};

use crate::ast;
use crate::dates;
use crate::error;
use crate::plan::{ChildPlan, Expr, Groups, Op, Path, Predicate, QueryPlan, Scan, Shape, Touch};

use names::Scope;

/// Largest OFFSET (rest-api.md 6.3, 10).
const OFFSET_MAX: u64 = 2_000;
/// Most child sub-queries, in all levels together.
const CHILDREN_MAX: usize = 20;
/// Most parent relationships of a query.
const PARENTS_MAX: usize = 55;

/// What the caller may see.
pub trait Sight {
    /// The object may be queried.
    fn object(&self, object: ObjectIx) -> bool;
    /// The field may be read.
    fn field(&self, object: ObjectIx, field: FieldIx) -> bool;
}

/// Hides nothing.
pub struct Everything;

impl Sight for Everything {
    fn object(&self, _: ObjectIx) -> bool {
        true
    }
    fn field(&self, _: ObjectIx, _: FieldIx) -> bool {
        true
    }
}

/// Who asks, when, and in which version of the API.
pub struct Context<'a> {
    /// The user; `USING SCOPE mine` means his records.
    pub user: RecordId,
    /// API version, 64 for 64.0; decides which fields exist.
    pub version: u32,
    /// The time that date literals count from.
    pub now: Millis,
    /// The user's time zone, an IANA name.
    pub time_zone: String,
    /// The user's locale (`en_US`); decides the first day of the week.
    pub locale: String,
    /// Rows in the recycle bin too: queryAll.
    pub all_rows: bool,
    /// What the user may see.
    pub sight: &'a dyn Sight,
}

impl Context<'static> {
    /// A caller who sees everything, with the locale en_US, for live rows.
    pub fn new(user: RecordId, version: u32, now: Millis, time_zone: impl Into<String>) -> Self {
        Self {
            user,
            version,
            now,
            time_zone: time_zone.into(),
            locale: "en_US".to_owned(),
            all_rows: false,
            sight: &Everything,
        }
    }
}

/// Resolves a query.
///
/// # Errors
/// A refusal in the words of the platform: INVALID_TYPE, INVALID_FIELD, MALFORMED_QUERY,
/// INVALID_QUERY_FILTER_OPERATOR, INVALID_QUERY_SCOPE, NUMBER_OUTSIDE_VALID_RANGE,
/// EXCEEDED_MAX_SEMIJOIN_SUBSELECTS.
pub fn resolve(
    query: &ast::Query,
    catalogue: &Catalogue,
    context: &Context<'_>,
) -> Result<QueryPlan, Refusal> {
    resolve_select(&query.select, &query.text, catalogue, context)
}

/// Resolves the outermost SELECT of `text`, which messages quote.
pub(crate) fn resolve_select(
    select: &ast::Select,
    text: &str,
    catalogue: &Catalogue,
    context: &Context<'_>,
) -> Result<QueryPlan, Refusal> {
    let zone = dates::zone(&context.time_zone);
    let env = Env {
        catalogue,
        context,
        text,
        today: dates::day_of(context.now, &zone).unwrap_or(Days(0)),
        week_start: dates::week_start(&context.locale),
        zone,
        children: Cell::new(0),
        formulas: Cell::new(0),
    };
    let plan = env.root(select)?;
    let mut parents = Vec::new();
    plan.each_path(&mut |path| note_parents(path, &mut parents));
    if parents.len() > PARENTS_MAX {
        let reason = format!("a query can have at most {PARENTS_MAX} parent relationships");
        return Err(env.malformed(select.at, reason));
    }
    Ok(plan)
}

fn note_parents(path: &Path, seen: &mut Vec<Vec<(ObjectIx, FieldIx)>>) {
    let chain: Vec<_> = path.hops.iter().map(|hop| (hop.from, hop.field)).collect();
    for end in 1..=chain.len() {
        let prefix = &chain[..end];
        if seen.len() <= PARENTS_MAX && !seen.iter().any(|known| known == prefix) {
            seen.push(prefix.to_vec());
        }
    }
}

/// What all parts of one query share.
struct Env<'a> {
    catalogue: &'a Catalogue,
    context: &'a Context<'a>,
    text: &'a str,
    zone: TimeZone,
    today: Days,
    week_start: Weekday,
    children: Cell<usize>,
    /// Formulas around the one that is being resolved.
    formulas: Cell<usize>,
}

impl Env<'_> {
    fn refuse(&self, code: Code, at: usize, reason: impl AsRef<str>) -> Refusal {
        error::refuse(code, self.text, at, reason)
    }

    fn malformed(&self, at: usize, reason: impl AsRef<str>) -> Refusal {
        self.refuse(Code::MalformedQuery, at, reason)
    }

    fn invalid_field(&self, at: usize, reason: impl AsRef<str>) -> Refusal {
        self.refuse(Code::InvalidField, at, reason)
    }

    /// The object of FROM, if it exists for the caller and can be queried.
    fn object(&self, path: &ast::Path) -> Result<ObjectIx, Refusal> {
        let name = &path.first;
        let found = self.catalogue.find(&name.text).filter(|(ix, def)| {
            path.rest.is_empty()
                && def.can("query")
                && def.surface != "tooling"
                && since(&def.since) <= self.context.version
                && self.context.sight.object(*ix)
        });
        found.map(|(ix, _)| ix).ok_or_else(|| {
            let shown: Vec<&str> = path.names().map(|n| &*n.text).collect();
            let reason = format!(
                "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
                shown.join(".")
            );
            self.refuse(Code::InvalidType, name.at, reason)
        })
    }

    fn root(&self, select: &ast::Select) -> Result<QueryPlan, Refusal> {
        let object = self.object(&select.from)?;
        let scope = Scope::of(self, object, select)?;
        let mut scan = self.scan(&scope, select)?;
        scan.all_rows |= select.all_rows;
        let mut plan = match &select.items {
            ast::Items::Count => self.count(scan, select)?,
            ast::Items::List(items) if groups::is_grouped(select, items) => {
                groups::plan(&scope, scan, select, items)?
            }
            ast::Items::List(items) => columns::plan(&scope, scan, select, items, 1)?,
        };
        plan.limit = select.limit.map(|(limit, _)| limit);
        plan.offset = self.offset(select)?;
        plan.touch = Touch {
            viewed: select.for_view,
            referenced: select.for_reference,
            locked: select.for_update,
        };
        Ok(plan)
    }

    fn count(&self, scan: Scan, select: &ast::Select) -> Result<QueryPlan, Refusal> {
        if let Some(item) = select.order.first() {
            return Err(self.malformed(item.by.at(), "ORDER BY is not allowed with COUNT()"));
        }
        if let Some(item) = select.group.as_ref().and_then(|g| g.items.first()) {
            return Err(self.malformed(
                item.at(),
                "Grouped query cannot use COUNT() without a field",
            ));
        }
        Ok(empty(scan, Shape::Count))
    }

    fn offset(&self, select: &ast::Select) -> Result<u64, Refusal> {
        match select.offset {
            None => Ok(0),
            Some((offset, _)) if offset <= OFFSET_MAX => Ok(offset),
            Some((_, at)) => Err(self.refuse(
                Code::NumberOutsideValidRange,
                at,
                format!("Maximum SOQL offset allowed is {OFFSET_MAX}"),
            )),
        }
    }

    /// WHERE and USING SCOPE.
    fn scan(&self, scope: &Scope<'_>, select: &ast::Select) -> Result<Scan, Refusal> {
        let mut scan = Scan::of(scope.object);
        scan.all_rows = self.context.all_rows;
        if let Some(cond) = &select.filter {
            scan.filter = filter::over_records(scope, cond, true)?;
        }
        if let Some(name) = &select.scope {
            scan.filter = scan.filter.and(self.using(scope, name)?);
        }
        Ok(scan)
    }

    fn using(&self, scope: &Scope<'_>, name: &ast::Name) -> Result<Predicate, Refusal> {
        let owner = scope.def().field("OwnerId");
        match owner {
            _ if name.is("everything") => Ok(Predicate::TRUE),
            Some(owner) if name.is("mine") => Ok(Predicate::Compare {
                of: Expr::Field(Path::own(
                    scope.object,
                    crate::plan::Spot::Field(owner),
                    FieldType::Reference,
                )),
                op: Op::Eq,
                value: Value::Id(self.context.user),
                exact: true,
                on_null: false,
            }),
            _ => Err(self.refuse(
                Code::InvalidQueryScope,
                name.at,
                format!(
                    "scope '{}' is not supported for {}",
                    name.text,
                    scope.def().name
                ),
            )),
        }
    }

    /// A sub-query in the select list of `parent`; `depth` counts from 1 for the outermost SELECT.
    fn child(
        &self,
        parent: &Scope<'_>,
        select: &ast::Select,
        depth: usize,
    ) -> Result<(ChildPlan, String), Refusal> {
        let levels_max = if self.context.version >= 58 { 5 } else { 2 };
        if depth > levels_max {
            let reason = format!("a query can have at most {levels_max} levels of sub-queries");
            return Err(self.malformed(select.at, reason));
        }
        self.children.set(self.children.get() + 1);
        if self.children.get() > CHILDREN_MAX {
            let reason = format!("a query can have at most {CHILDREN_MAX} sub-queries");
            return Err(self.malformed(select.at, reason));
        }
        let (object, via, name) = parent.child(&select.from)?;
        self.child_clauses(select)?;
        let scope = Scope::of(self, object, select)?;
        let mut scan = Scan::of(object);
        scan.all_rows = self.context.all_rows;
        if let Some(cond) = &select.filter {
            scan.filter = filter::over_records(&scope, cond, false)?;
        }
        let items = match &select.items {
            ast::Items::List(items) if !groups::is_grouped(select, items) => items,
            _ => {
                let reason =
                    "aggregate functions are not allowed in a sub-query of the select list";
                return Err(self.malformed(select.at, reason));
            }
        };
        let mut plan = columns::plan(&scope, scan, select, items, depth)?;
        plan.limit = select.limit.map(|(limit, _)| limit);
        Ok((ChildPlan { via, plan }, name))
    }

    /// Clauses that a sub-query of the select list cannot have.
    fn child_clauses(&self, select: &ast::Select) -> Result<(), Refusal> {
        if let Some((_, at)) = select.offset {
            return Err(self.malformed(at, "OFFSET is not allowed in a sub-query"));
        }
        if let Some(name) = &select.scope {
            return Err(self.malformed(name.at, "USING SCOPE is not allowed in a sub-query"));
        }
        if select.for_view || select.for_reference || select.for_update || select.all_rows {
            let reason = "FOR and ALL ROWS are not allowed in a sub-query";
            return Err(self.malformed(select.at, reason));
        }
        Ok(())
    }
}

fn since(version: &Option<String>) -> u32 {
    let major = version.as_deref().and_then(|text| text.split('.').next());
    major.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn empty(scan: Scan, shape: Shape) -> QueryPlan {
    QueryPlan {
        scan,
        shape,
        outputs: Vec::new(),
        columns: Vec::new(),
        children: Vec::new(),
        order: Vec::new(),
        limit: None,
        offset: 0,
        parents: Default::default(),
        touch: Touch::default(),
    }
}

impl Groups {
    /// Most groups a query answers (rest-api.md 6.3, 11).
    pub const MAX: usize = 2_000;
}
