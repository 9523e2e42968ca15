//! What a client expects of a record before it is changed or read (rest-api.md 1.3, If-Match and its like).
//!
//! A record's version is the instant of its last change, to the millisecond. For a write the question is
//! asked by the engine on the row that the write changes, so nothing can come between the two.

use model::{Code, FieldIx, Millis, ObjectDef, ObjectIx, Record, Refusal};

use crate::access::Wish;
use crate::draft::{Planned, Planner, Stop};
use crate::request::SaveOp;

/// Fields that tell when a row was changed, the best first.
const STAMPS: [&str; 3] = ["SystemModstamp", "LastModifiedDate", "CreatedDate"];

/// The field whose value is the version of an object's rows.
pub fn version_field(def: &ObjectDef) -> Option<FieldIx> {
    STAMPS.iter().find_map(|name| def.field(name))
}

/// A record as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Current {
    /// There is none.
    Missing,
    /// Rows of its object do not tell when they changed.
    Unversioned,
    /// Last changed then.
    At(Millis),
}

/// Versions that a client knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// `*`: whichever, but there must be one.
    Any,
    /// One of these.
    Of(Vec<Millis>),
}

impl Versions {
    fn have(&self, current: Current) -> bool {
        match (self, current) {
            (_, Current::Missing) => false,
            (Self::Any, _) => true,
            (Self::Of(known), Current::At(version)) => known.contains(&version),
            (Self::Of(_), Current::Unversioned) => false,
        }
    }
}

/// What must be true of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// It is one of these (If-Match).
    pub is: Option<Versions>,
    /// It is none of these (If-None-Match).
    pub is_not: Option<Versions>,
    /// It was not changed after this second (If-Unmodified-Since); `is` goes before it.
    pub unchanged_since: Option<Millis>,
}

impl Expected {
    /// Nothing in particular.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True if the record may be touched.
    pub fn holds(&self, current: Current) -> bool {
        let is = match (&self.is, self.unchanged_since, current) {
            (Some(versions), ..) => versions.have(current),
            (None, Some(since), Current::At(version)) => version.seconds() <= since.seconds(),
            (None, _, _) => true,
        };
        is && self.is_not.as_ref().is_none_or(|v| !v.have(current))
    }
}

/// The refusal of a request whose expectation does not hold.
pub fn changed_meanwhile() -> Refusal {
    let text = "The record is not in the state that the request expects";
    Refusal::new(Code::PreconditionFailed, text)
}

impl Planner<'_> {
    /// Refuses if the row that `op` changes is not as expected.
    pub(crate) fn expect(&mut self, expected: &Expected, op: &SaveOp) -> Planned<()> {
        let (object, id) = match op {
            SaveOp::Update { object, id, .. }
            | SaveOp::Delete { object, id }
            | SaveOp::Erase { object, id } => (*object, Some(*id)),
            SaveOp::Upsert {
                object, by, key, ..
            } => match key.as_id() {
                Some(id) if self.is_id(*object, *by) => (*object, Some(id)),
                _ => (*object, self.only_match(*object, *by, key)?),
            },
            SaveOp::Create { .. }
            | SaveOp::Undelete { .. }
            | SaveOp::Refused(_)
            | SaveOp::When { .. } => return Ok(()),
        };
        let current = match id {
            None => Current::Missing,
            Some(id) => {
                self.may(Wish::Edit, object)?;
                let row = self.live(object, id)?;
                self.must_see(&row)?;
                self.version(&row)
            }
        };
        match expected.holds(current) {
            true => Ok(()),
            false => Err(Stop::Refused(changed_meanwhile())),
        }
    }

    fn version(&self, row: &Record) -> Current {
        let field = version_field(self.engine.catalogue.def(row.object));
        match field.map(|field| row.get(field)) {
            Some(model::Value::DateTime(at)) => Current::At(*at),
            _ => Current::Unversioned,
        }
    }

    fn is_id(&self, object: ObjectIx, field: FieldIx) -> bool {
        self.engine.catalogue.def(object).def(field).kind == model::FieldType::Id
    }

    /// The row that a key finds; none if it finds none, or several (which the upsert itself refuses).
    fn only_match(
        &mut self,
        object: ObjectIx,
        by: FieldIx,
        key: &model::Value,
    ) -> Planned<Option<model::RecordId>> {
        if key.is_null() {
            return Ok(None);
        }
        let found = self.matching(object, by, key)?;
        Ok(match found.as_slice() {
            [id] => Some(*id),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations() {
        let at = Current::At(Millis(5_500));
        let of = |ms: i64| Some(Versions::Of(vec![Millis(1), Millis(ms)]));
        let is = |is| Expected {
            is,
            ..Expected::default()
        };
        let is_not = |is_not| Expected {
            is_not,
            ..Expected::default()
        };
        let since = |ms| Expected {
            unchanged_since: Some(Millis(ms)),
            ..Expected::default()
        };
        let any = Some(Versions::Any);
        for (expected, current, holds) in [
            (Expected::default(), Current::Missing, true),
            (is(of(5_500)), at, true),
            (is(of(5_501)), at, false),
            (is(of(5_500)), Current::Missing, false),
            (is(of(5_500)), Current::Unversioned, false),
            (is(any.clone()), at, true),
            (is(any.clone()), Current::Unversioned, true),
            (is(any.clone()), Current::Missing, false),
            (is_not(of(5_500)), at, false),
            (is_not(of(7)), at, true),
            (is_not(any.clone()), at, false),
            (is_not(any), Current::Missing, true),
            (since(5_000), at, true), // seen to the second
            (since(4_999), at, false),
            (since(9_000), at, true),
            (since(1), Current::Missing, true),
        ] {
            assert_eq!(expected.holds(current), holds, "{expected:?} {current:?}");
        }
    }
}
