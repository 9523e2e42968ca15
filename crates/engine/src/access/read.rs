//! Queries and single reads with the caller's access worked into the plan. The proof that this happened
//! is an [`Authorized`], which node demands before it reads anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::plan::{Predicate, QueryPlan};
use lang::{Context, Sight};
use model::{Catalogue, Code, FieldIx, Millis, ObjectIx, RecordId, Refusal};

use super::rules::{Principals, may_see};
use super::{Authorized, Caller, Directory, Rights};

/// Who asks for rows, and how.
pub struct Asked<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// The time that date literals count from.
    pub now: Millis,
    /// Rows in the recycle bin too.
    pub all_rows: bool,
}

/// Objects and fields as the caller's rights show them.
struct Eyes<'a>(&'a Rights);

impl Sight for Eyes<'_> {
    fn object(&self, object: ObjectIx) -> bool {
        self.0.can_describe(object)
    }

    fn field(&self, object: ObjectIx, field: FieldIx) -> bool {
        self.0.can_read(object, field)
    }
}

/// The plan of a SOQL query, as far as the caller may see.
///
/// # Errors
/// MALFORMED_QUERY, INVALID_FIELD and the like; what is hidden is refused as if it did not exist.
pub fn plan_query(
    catalogue: &Catalogue,
    directory: &Directory,
    asked: &Asked<'_>,
    text: &str,
) -> Result<Authorized<QueryPlan>, Refusal> {
    let query = lang::parse(text).map_err(Refusal::from)?;
    let eyes = Eyes(&asked.caller.rights);
    let plan = lang::resolve(&query, catalogue, &context(directory, asked, &eyes))?;
    Ok(authorize(plan, directory, asked.caller))
}

/// The plans of a SOSL search, one per object, and how many rows they give at most.
///
/// # Errors
/// MALFORMED_SEARCH, INVALID_FIELD, INVALID_TYPE.
pub fn plan_search(
    catalogue: &Catalogue,
    directory: &Directory,
    asked: &Asked<'_>,
    text: &str,
) -> Result<(Vec<Authorized<QueryPlan>>, u64), Refusal> {
    let search = lang::sosl::parse(text).map_err(Refusal::from)?;
    let eyes = Eyes(&asked.caller.rights);
    let found = lang::sosl::resolve(&search, catalogue, &context(directory, asked, &eyes))?;
    let plans = found.plans.into_iter();
    let plans = plans.map(|plan| authorize(plan, directory, asked.caller));
    Ok((plans.collect(), found.limit))
}

fn context<'a>(directory: &Directory, asked: &Asked<'_>, eyes: &'a Eyes<'_>) -> Context<'a> {
    let user = directory.user(asked.caller.user);
    Context {
        user: asked.caller.user,
        version: asked.caller.version,
        now: asked.now,
        time_zone: user.map_or_else(|| "UTC".to_owned(), |u| u.time_zone.clone()),
        locale: user.map_or_else(|| "en_US".to_owned(), |u| u.locale.clone()),
        all_rows: asked.all_rows,
        sight: eyes,
    }
}

/// Works the caller's access into every scan of a plan and into every parent it reads. A parent that the
/// caller may not see is null with all its fields, wherever the query names it; the reference to it stays
/// readable. (The platform shows fields of such parents in some places and hides them in others; hiding is
/// the safe reading. Owners are users and groups, whom everybody may see.)
fn authorize(mut plan: QueryPlan, directory: &Directory, caller: &Caller) -> Authorized<QueryPlan> {
    let who = Principals::of(directory, caller.user);
    plan.each_scan_mut(&mut |scan| scan.access = may_see(directory, caller, &who, scan.object));
    let mut parents = BTreeMap::new();
    plan.each_path(&mut |path| {
        for object in path.hops.iter().flat_map(|hop| &hop.to) {
            parents
                .entry(*object)
                .or_insert_with(|| may_see(directory, caller, &who, *object));
        }
    });
    parents.retain(|_, condition| *condition != Predicate::TRUE);
    plan.set_parents(&Arc::new(parents));
    Authorized(plan)
}

/// The plan of one record: the named fields, parents' among them, or every field that the caller sees.
///
/// # Errors
/// INVALID_FIELD for a field that is not there, NOT_FOUND for an object that is not.
pub fn plan_get(
    catalogue: &Catalogue,
    directory: &Directory,
    asked: &Asked<'_>,
    object: ObjectIx,
    id: RecordId,
    fields: Option<&[&str]>,
) -> Result<Authorized<QueryPlan>, Refusal> {
    if !asked.caller.rights.can_describe(object) {
        return Err(Refusal::not_found());
    }
    let def = catalogue.def(object);
    let list = match fields {
        Some(names) => named_fields(&def.name, names)?,
        None => {
            let shown = def.each_field().filter(|(ix, f)| {
                f.visible_in(asked.caller.version)
                    && (!f.kind.is_compound() || f.kind.has_parts())
                    && asked.caller.rights.can_read(object, *ix)
            });
            shown
                .map(|(_, f)| f.name.as_str())
                .collect::<Vec<_>>()
                .join(",")
        }
    };
    let text = format!("SELECT {list} FROM {} WHERE Id = '{id}'", def.name);
    plan_query(catalogue, directory, asked, &text)
}

/// Names from a URL become a SELECT list: anything that is no field path is refused before.
fn named_fields(object: &str, names: &[&str]) -> Result<String, Refusal> {
    let is_path = |name: &str| {
        !name.is_empty()
            && name.len() <= 500
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
    };
    let mut list: Vec<&str> = Vec::with_capacity(names.len());
    for name in names {
        if !is_path(name) {
            let shown: String = name.chars().take(80).collect();
            return Err(Refusal::new(
                Code::InvalidField,
                format!("No such column '{shown}' on sobject of type {object}"),
            ));
        }
        if !list.iter().any(|n| n.eq_ignore_ascii_case(name)) {
            list.push(name);
        }
    }
    if list.is_empty() {
        list.push("Id");
    }
    Ok(list.join(","))
}
