//! May this caller write this row? Object first, then record; fields are checked where they are named.
//!
//! A row that the caller may not see is answered as one that does not exist.

use model::{Code, ObjectIx, Record, Refusal, Value};

use super::ObjectRights;
use super::rules::{Rule, Shares};
use crate::draft::{Planned, Planner, Stop};

/// What a caller wants to do with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Create,
    Edit,
    Delete,
}

/// What a caller may do with one row, each more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Nothing,
    Read,
    Edit,
    /// Delete, share, give to another owner.
    All,
}

/// Masters of masters at most.
const DEPTH_MAX: u8 = 3;

/// User permissions to give away rows that one may edit: of one object, or of all.
const TRANSFER: &[(&str, &str)] = &[("Case", "TransferAnyCase"), ("Lead", "TransferAnyLead")];

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
    pub fn may_touch(&mut self, wish: Wish, row: &Record) -> Planned<()> {
        let rights = self.may(wish, row.object)?;
        if rights.modify_all {
            return Ok(());
        }
        let needed = match wish {
            Wish::Create => Level::Read,
            Wish::Edit => Level::Edit,
            Wish::Delete => Level::All,
        };
        match self.access_to(row)? {
            Level::Nothing => Err(Stop::Refused(Refusal::not_found())),
            level if level < needed => Err(Stop::Refused(insufficient())),
            _ => Ok(()),
        }
    }

    /// Refuses a row that the caller may not see as one that is not there.
    pub fn must_see(&mut self, row: &Record) -> Planned<()> {
        if self.sees_all(row.object) || self.access_to(row)? > Level::Nothing {
            return Ok(());
        }
        Err(Stop::Refused(Refusal::not_found()))
    }

    /// True if there is no row of the object that the caller may not see.
    pub fn sees_all(&self, object: ObjectIx) -> bool {
        let rights = self.caller.rights.object(object);
        let directory = &self.engine.directory;
        rights.modify_all
            || rights.view_all
            || rights.read
                && (directory.public_read.contains(&object)
                    || directory.rules.get(object).is_none())
    }

    /// Giving a row to another owner takes more than changing it.
    pub fn may_give_away(&mut self, row: &Record) -> Planned<()> {
        let rights = self.caller.rights.object(row.object);
        let name = &self.engine.catalogue.def(row.object).name;
        let of_object = TRANSFER.iter().filter(|(object, _)| object == name);
        let mut permissions = of_object.map(|(_, p)| *p).chain(["TransferAnyEntity"]);
        if rights.modify_all
            || permissions.any(|p| self.caller.rights.has(p))
            || self.engine.directory.public_transfer.contains(&row.object)
            || self.access_to(row)? == Level::All
        {
            return Ok(());
        }
        Err(Stop::Refused(insufficient()))
    }

    /// Shares of a row are made, changed and taken away by those who may do everything with the row.
    pub fn may_share(&mut self, share: &Record) -> Planned<()> {
        let directory = self.engine.directory.clone();
        let Some(Rule::Master {
            field,
            is_share: true,
            ..
        }) = directory.rules.get(share.object)
        else {
            return Ok(());
        };
        if self.caller.rights.object(share.object).modify_all
            || self.level_of_master(share, share.get(*field), false, DEPTH_MAX)? == Level::All
        {
            return Ok(());
        }
        Err(Stop::Refused(insufficient()))
    }

    /// What the caller may do with a row, object permissions of reading among it.
    pub fn access_to(&mut self, row: &Record) -> Planned<Level> {
        self.level_within(row, DEPTH_MAX)
    }

    fn level_within(&mut self, row: &Record, depth: u8) -> Planned<Level> {
        let rights = self.caller.rights.object(row.object);
        if rights.modify_all {
            return Ok(Level::All);
        }
        if !rights.read || depth == 0 {
            return Ok(Level::Nothing);
        }
        let directory = self.engine.directory.clone();
        let open = if directory.public_edit.contains(&row.object) {
            Level::Edit
        } else if rights.view_all || directory.public_read.contains(&row.object) {
            Level::Read
        } else {
            Level::Nothing
        };
        match directory.rules.get(row.object) {
            None => Ok(Level::All),
            Some(Rule::Owner { field, shares }) => {
                let owner = row.get(*field).as_id();
                if owner.is_some_and(|o| directory.acts_for(self.caller.user, o)) {
                    return Ok(Level::All);
                }
                match shares {
                    Some(shares) if open < Level::Edit => Ok(self.shared(row, *shares)?.max(open)),
                    _ => Ok(open),
                }
            }
            Some(Rule::Master {
                field,
                free_without,
                is_share,
                ..
            }) => {
                let level = self.level_of_master(row, row.get(*field), *free_without, depth - 1)?;
                let edits = match level {
                    Level::Edit if !is_share => Level::All,
                    Level::Edit => Level::Read,
                    level => level,
                };
                Ok(edits.max(open))
            }
        }
    }

    /// What the shares of a row give to the caller.
    fn shared(&mut self, row: &Record, shares: Shares) -> Planned<Level> {
        let directory = self.engine.directory.clone();
        let mut level = Level::Nothing;
        for id in self.matching(shares.object, shares.parent, &Value::Id(row.id))? {
            let Some(share) = self.load(shares.object, id)? else {
                continue;
            };
            let grantee = share.get(shares.grantee).as_id();
            if grantee.is_some_and(|g| directory.acts_for(self.caller.user, g)) {
                level = level.max(match share.get(shares.level).as_text() {
                    Some("All") => Level::All,
                    Some("Edit") => Level::Edit,
                    _ => Level::Read,
                });
            }
        }
        Ok(level)
    }

    fn level_of_master(
        &mut self,
        row: &Record,
        master: &Value,
        free_without: bool,
        depth: u8,
    ) -> Planned<Level> {
        let Some(id) = master.as_id() else {
            return Ok(if free_without {
                Level::All
            } else {
                Level::Nothing
            });
        };
        let object = self.engine.catalogue.object_of(id);
        match object.filter(|o| *o != row.object) {
            Some(object) => match self.load(object, id)? {
                Some(master) => self.level_within(&master, depth),
                None => Ok(Level::Nothing),
            },
            None => Ok(Level::Nothing),
        }
    }
}
