//! Where the porch asks the engine: plans with their proof of access, and what describe may show.

use engine::{Authorized, Engine, Rights, UserEntry};
use lang::plan::QueryPlan;
use model::{FieldIx, ObjectIx, RecordId, Value};
use node::OrgHandle;
use wire::rest::describe::View;

use crate::answer::Fault;
use crate::call::{Session, no_session};

/// What describe shows to a caller.
pub struct Shown<'r>(pub &'r Rights);

impl View for Shown<'_> {
    fn sees(&self, object: ObjectIx) -> bool {
        self.0.can_describe(object)
    }

    fn sees_field(&self, object: ObjectIx, field: FieldIx) -> bool {
        self.0.can_read(object, field)
    }

    fn may(&self, object: ObjectIx) -> (bool, bool, bool) {
        let rights = self.0.object(object);
        (rights.create, rights.edit, rights.delete)
    }

    fn may_write(&self, object: ObjectIx, field: FieldIx) -> bool {
        self.0.can_write(object, field)
    }
}

/// The user of a session.
///
/// # Errors
/// INVALID_SESSION_ID if it is gone.
pub fn user(session: &Session) -> Result<std::sync::Arc<UserEntry>, Fault> {
    let directory = session.org.directory();
    directory
        .users
        .get(&session.caller.user)
        .cloned()
        .ok_or_else(|| no_session().into())
}

/// A contact centre, for checking its tokens.
pub struct CallCenter {
    /// CallCenter record.
    pub id: RecordId,
    /// InternalName as stored.
    pub internal_name: String,
    /// CustomSettings: the definition, with the certificates in it.
    pub settings: String,
}

/// The contact centre of an InternalName, in any case (telephony.md TEL4.3).
pub async fn call_center(org: &OrgHandle, name: &str) -> Option<CallCenter> {
    let name = name.to_owned();
    let look = move |engine: &Engine| {
        let id = engine.call_center(&name)?;
        let (internal_name, settings) = engine.call_center_definition(id)?;
        Some(CallCenter {
            id,
            internal_name,
            settings,
        })
    };
    org.inspect(look).await.ok().flatten()
}

/// A plan for a query of the caller, with its access in it.
///
/// # Errors
/// What lang and engine refuse.
pub fn plan(session: &Session, text: &str, all_rows: bool) -> Result<Authorized<QueryPlan>, Fault> {
    let directory = session.org.directory();
    let catalogue = session.org.catalogue();
    let asked = engine::Asked {
        caller: &session.caller,
        now: session.org.now(),
        all_rows,
    };
    engine::plan_query(&catalogue, &directory, &asked, text).map_err(Fault::from)
}

/// Plans for a search of the caller, and how many rows they give at most.
///
/// # Errors
/// What lang and engine refuse.
pub fn plan_search(
    session: &Session,
    text: &str,
) -> Result<(Vec<Authorized<QueryPlan>>, u64), Fault> {
    let directory = session.org.directory();
    let catalogue = session.org.catalogue();
    let asked = engine::Asked {
        caller: &session.caller,
        now: session.org.now(),
        all_rows: false,
    };
    engine::plan_search(&catalogue, &directory, &asked, text).map_err(Fault::from)
}

/// A plan for one record.
///
/// # Errors
/// INVALID_FIELD for a field that is not there.
pub fn plan_record(
    session: &Session,
    object: ObjectIx,
    id: RecordId,
    fields: Option<&[&str]>,
) -> Result<Authorized<QueryPlan>, Fault> {
    let directory = session.org.directory();
    let catalogue = session.org.catalogue();
    let asked = engine::Asked {
        caller: &session.caller,
        now: session.org.now(),
        all_rows: false,
    };
    engine::plan_get(&catalogue, &directory, &asked, object, id, fields).map_err(Fault::from)
}

/// SOQL text of a string literal.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// SOQL text of a literal for a field of this kind; `None` for kinds that no key has.
pub fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Text(text) => quoted(text),
        Value::Id(id) => quoted(id.as_15()),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => format!("{number:?}"),
        Value::Bool(flag) => flag.to_string(),
        Value::DateTime(at) => at.to_xml(),
        Value::Date(day) => day.to_string(),
        Value::Null | Value::Time(_) => return None,
    })
}

/// Every id that a query of the caller selects first, at most `max`.
///
/// # Errors
/// What the query is refused for.
pub async fn ids(
    session: &Session,
    text: &str,
    all_rows: bool,
    max: usize,
) -> Result<Vec<RecordId>, Fault> {
    let plan = plan(session, text, all_rows)?;
    let found = session.org.query(session.caller.user, plan, max).await?;
    Ok(found.rows.iter().filter_map(|row| row.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_quotes() {
        assert_eq!(quoted("it's \\ \n"), r"'it\'s \\ \n'");
        assert_eq!(literal(&Value::Null), None);
    }
}
