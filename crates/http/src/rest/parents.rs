//! Parents that a body names by an external id: `"Account":{"ExtId__c":"x"}` (rest-api.md 5.1).

use model::{Catalogue, Code, ObjectDef, Refusal};
use wire::json;
use wire::rest::body::{self, Parent, Row};
use wire::rest::values::{Scalar, coerce};

use super::keyed::is_key;
use crate::answer::Fault;
use crate::body::{is_xml, media_type};
use crate::call::{Call, Session, object_of};
use crate::reads;

/// Reads the record of a request body, with its parents resolved.
///
/// # Errors
/// What the body is refused for.
pub async fn record(call: &Call, def: &ObjectDef) -> Result<Row, Fault> {
    let is_xml = media_type(&call.parts.headers).is_some_and(|kind| is_xml(&kind));
    let row = if is_xml {
        body::from_xml(&call.body, def, call.version)?
    } else {
        body::record(&call.body, def, call.version)?
    };
    resolve(call.session()?, def, row, call.version).await
}

/// Puts the ids of parents into their reference fields.
///
/// # Errors
/// INVALID_FIELD if a parent is not there.
pub async fn resolve(
    session: &Session,
    def: &ObjectDef,
    mut row: Row,
    version: u32,
) -> Result<Row, Fault> {
    if row.parents.is_empty() {
        return Ok(row);
    }
    let catalogue = session.org.catalogue();
    for parent in std::mem::take(&mut row.parents) {
        let text = query(&catalogue, session, def, &parent, version)?;
        let found = reads::ids(session, &text, false, 2).await?;
        let [id] = found[..] else {
            return Err(unknown(def, &parent).into());
        };
        row.values.push((parent.field, id.into()));
    }
    Ok(row)
}

fn unknown(def: &ObjectDef, parent: &Parent) -> Refusal {
    let message = format!(
        "Foreign key external ID: {} not found for field {} in entity {}",
        json::clip(&parent.key),
        json::clip(&parent.by),
        def.name
    );
    Refusal::new(Code::InvalidField, message)
}

fn query(
    catalogue: &Catalogue,
    session: &Session,
    def: &ObjectDef,
    parent: &Parent,
    version: u32,
) -> Result<String, Fault> {
    let targets = &def.def(parent.field).reference_to;
    let asked = parent
        .type_name
        .as_ref()
        .filter(|name| targets.iter().any(|t| t.eq_ignore_ascii_case(name)));
    let name = match (asked, targets.as_slice()) {
        (Some(name), _) => name,
        (None, [one]) => one,
        (None, _) => return Err(unknown(def, parent).into()),
    };
    let (_, target) = object_of(catalogue, &session.caller, name, version)?;
    let field = target
        .field(&parent.by)
        .map(|ix| target.def(ix))
        .filter(|field| is_key(field));
    let field = field.ok_or_else(|| body::no_such_column(&parent.by, &target.name))?;
    let value = coerce(field, Scalar::Text(parent.key.as_str().into()))?;
    let literal = reads::literal(&value).ok_or_else(|| unknown(def, parent))?;
    Ok(format!(
        "SELECT Id FROM {} WHERE {} = {literal} LIMIT 2",
        target.name, field.name
    ))
}
