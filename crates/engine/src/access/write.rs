//! May this caller write this row? Object first, then record; fields are checked where they are named.

use model::{Code, ObjectIx, Record, RecordId, Refusal};

use super::ObjectRights;
use crate::draft::Planner;
use crate::engine::Engine;

/// What a caller wants to do with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Create,
    Edit,
    Delete,
}

fn insufficient() -> Refusal {
    let text = "insufficient access rights on object id";
    Refusal::new(Code::InsufficientAccessOrReadonly, text)
}

impl Planner<'_> {
    /// Object permission.
    pub fn may(&self, wish: Wish, object: ObjectIx) -> Result<ObjectRights, Refusal> {
        let rights = self.caller.rights.object(object);
        let allowed = match wish {
            Wish::Create => rights.create,
            Wish::Edit => rights.edit,
            Wish::Delete => rights.delete,
        };
        if allowed {
            Ok(rights)
        } else {
            Err(insufficient())
        }
    }

    /// Record permission; the object was checked before.
    pub fn may_touch(&self, wish: Wish, row: &Record) -> Result<(), Refusal> {
        let rights = self.may(wish, row.object)?;
        if rights.modify_all {
            return Ok(());
        }
        let Some(field) = self.engine.shapes.get(row.object).owner else {
            return Ok(());
        };
        let Some(owner) = row.get(field).as_id() else {
            return Ok(());
        };
        let is_public =
            wish == Wish::Edit && self.engine.directory.public_edit.contains(&row.object);
        if is_public || self.engine.acts_for(self.caller.user, owner) {
            return Ok(());
        }
        Err(insufficient())
    }
}

impl Engine {
    /// True if `user` has the rights of `owner` over a record: it is the same user, a queue the user
    /// belongs to, or somebody below the user in the role hierarchy.
    pub(crate) fn acts_for(&self, user: RecordId, owner: RecordId) -> bool {
        if user == owner {
            return true;
        }
        let Some(me) = self.directory.user(user) else {
            return false;
        };
        let below = || {
            let role = self.directory.user(owner).and_then(|u| u.role);
            me.role
                .zip(role)
                .is_some_and(|(mine, other)| self.directory.is_below(other, mine))
        };
        me.queues.binary_search(&owner).is_ok() || below()
    }
}
