//! Delete and undelete, with what goes along: children, references, routing.

use model::{Code, Need, Note, ObjectIx, Record, RecordId, Space, Value};

use crate::access::Wish;
use crate::draft::{Planned, Planner, refuse};
use crate::shape::Inbound;

/// Children of children of ... at most.
const DEPTH_MAX: u8 = 8;

/// Where deleted rows go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vanish {
    /// To the recycle bin, if the object has one.
    ToBin,
    ForGood,
}

impl Planner<'_> {
    pub(super) fn delete(&mut self, object: ObjectIx, id: RecordId) -> Planned<()> {
        self.vanish(object, id, Vanish::ToBin)
    }

    /// Takes away a row that the server itself decides about: no right is asked.
    pub(crate) fn discard(&mut self, row: &Record) -> Planned<()> {
        self.take_away(row, Vanish::ToBin, 0)
    }

    fn vanish(&mut self, object: ObjectIx, id: RecordId, how: Vanish) -> Planned<()> {
        let def = self.engine.catalogue.def(object).clone();
        if !def.can("delete") {
            return refuse(
                Code::CannotInsertUpdateActivateEntity,
                format!("entity type cannot be deleted: {}", def.label),
            );
        }
        self.may(Wish::Delete, object)?;
        let row = self.live(object, id)?;
        self.may_touch(Wish::Delete, &row)?;
        self.may_share(&row)?;
        self.may_vanish(&row)?;
        let k = &self.engine.known;
        if object == k.request.ix {
            self.route(routing::Command::DeleteRequest { request: id });
            return Ok(());
        }
        self.take_away(&row, how, 0)
    }

    /// As [`Planner::delete`], past the recycle bin. What lies in it already goes too, for those who may delete
    /// it; a live row asks for more.
    pub(super) fn erase(&mut self, object: ObjectIx, id: RecordId) -> Planned<()> {
        if self.engine.catalogue.object_of(id) != Some(object) {
            return Err(model::Refusal::not_found().into());
        }
        match self.load(object, id)? {
            Some(row) if row.is_deleted => {
                self.may(Wish::Delete, object)?;
                self.may_touch(Wish::Delete, &row)?;
                self.remove(&row);
                Ok(())
            }
            _ if !self.caller.rights.has("BulkApiHardDelete") => {
                let text = "hardDelete needs the permission Bulk API Hard Delete";
                refuse(Code::InsufficientAccessOrReadonly, text)
            }
            _ => self.vanish(object, id, Vanish::ForGood),
        }
    }

    /// Rules of single objects.
    fn may_vanish(&mut self, row: &Record) -> Planned<()> {
        let k = &self.engine.known;
        let has = |p: &str| self.caller.rights.has(p);
        let refusal = |text: &str| refuse(Code::DeleteFailed, text);
        if row.object == k.work.ix {
            // R108
            if matches!(
                row.get(k.work.status).as_text(),
                Some("Assigned" | "Opened")
            ) {
                return refusal("work that is assigned or open cannot be deleted");
            }
        } else if row.object == k.presence.ix && !has("CustomizeApplication")
            || row.object == k.call.ix && !has("ModifyAllData")
        {
            let text = "insufficient access rights on object id";
            return refuse(Code::InsufficientAccessOrReadonly, text);
        } else if row.object == k.group.ix {
            if !matches!(row.get(k.group.kind).as_text(), Some("Queue" | "Regular")) {
                return refusal("automatic groups cannot be deleted");
            }
            let names_queue =
                |r: &routing::PendingServiceRouting| [r.queue, r.group].contains(&Some(row.id));
            if self.engine.routing.any_request(names_queue) {
                return refuse(Code::DependencyExists, "work is waiting in this queue");
            }
        } else if row.object == k.routing_config.ix {
            let field = k.group.routing_config_id;
            let mut queues = self.engine.resident.table(k.group.ix).values();
            if queues.any(|g| g.get(field).as_id() == Some(row.id)) {
                return refuse(
                    Code::DependencyExists,
                    "a queue uses this routing configuration",
                );
            }
        } else if row.object == k.channel.ix {
            if self.engine.routing.any_request(|r| r.channel == row.id) {
                return refuse(Code::DependencyExists, "work of this channel is waiting");
            }
        } else if row.object == k.permission_set.ix
            && row.get(k.permission_set.is_owned_by_profile).is_true()
        {
            return refusal("a profile's own permission set cannot be deleted");
        } else if row.object == k.role.ix {
            let field = k.user.user_role_id;
            let mut users = self.engine.resident.table(k.user.ix).values();
            if users.any(|u| u.get(field).as_id() == Some(row.id)) {
                return refuse(Code::DependencyExists, "users have this role");
            }
        }
        Ok(())
    }

    /// The row and everything that goes with it.
    fn take_away(&mut self, row: &Record, how: Vanish, depth: u8) -> Planned<()> {
        if depth >= DEPTH_MAX {
            return refuse(Code::DeleteFailed, "too many levels of dependent records");
        }
        let engine = self.engine;
        let k = &engine.known;
        let shape = engine.shapes.get(row.object);
        let mut binned = Vec::new();
        for inbound in &shape.inbound {
            if !self.goes_along(inbound) {
                continue;
            }
            let children = match self.matching(inbound.child, inbound.field, &Value::Id(row.id)) {
                Ok(ids) => ids,
                // go on, so that all children are asked for in one round
                Err(crate::draft::Stop::Miss) => continue,
                Err(stop) => return Err(stop),
            };
            if children.len() >= Need::MATCH_MAX {
                return refuse(
                    Code::DeleteFailed,
                    "too many dependent records; delete those first",
                );
            }
            for child in children {
                let Some(child) = self.load(inbound.child, child)? else {
                    continue;
                };
                if inbound.cascade {
                    self.take_away(&child, how, depth + 1)?;
                    binned.push(child.id);
                } else if inbound.nillable {
                    let mut after = child.clone();
                    after.set(inbound.field, Value::Null);
                    self.replace(&child, after)?;
                } else {
                    let label = &engine.catalogue.def(child.object).label;
                    return refuse(
                        Code::DependencyExists,
                        format!("a {label} depends on this record: {}", child.id),
                    );
                }
            }
        }
        self.complete()?;
        self.tell_routing_of_end(row);
        if row.object == k.role.ix {
            self.drop_role_groups(row.id);
        }
        if shape.has_bin && how == Vanish::ToBin {
            self.set_deleted(row, true);
            self.remember(row.id, &binned);
        } else {
            self.remove(row);
        }
        Ok(())
    }

    /// Requests go by routing's word. Work is never removed but by a client (R108), and rows of history may
    /// point at what is gone (R9).
    fn goes_along(&self, inbound: &Inbound) -> bool {
        let k = &self.engine.known;
        let is_routed = inbound.child == k.request.ix || inbound.child == k.work.ix;
        !is_routed && (inbound.cascade || self.engine.shapes.get(inbound.child).is_resident)
    }

    fn tell_routing_of_end(&mut self, row: &Record) {
        let k = &self.engine.known;
        if row.object == k.requirement.ix {
            if let Some(request) = row.get(k.requirement.related_id).as_id()
                && self.engine.routing.request(request).is_some()
            {
                self.route(routing::Command::DeleteRequirement {
                    requirement: row.id,
                    request,
                });
            }
        } else if row.object == k.presence.ix {
            if let (true, Some(user)) = (
                row.get(k.presence.is_current).is_true(),
                row.get(k.presence.user_id).as_id(),
            ) {
                self.route(routing::Command::Logout { user });
            }
        } else if !self.draft.routing.is_empty() // what this save asked for before is not there yet
            || self.engine.routing.waiting(row.id).is_some()
            || !self.engine.routing.works_of_item(row.id).is_empty()
        {
            // R8, R112, R129
            self.route(routing::Command::ItemDeleted { item: row.id });
        }
    }

    fn drop_role_groups(&mut self, role: RecordId) {
        let k = &self.engine.known.group;
        let groups = self.engine.resident.table(k.ix).values();
        let groups: Vec<Record> = groups
            .filter(|g| g.get(k.related_id).as_id() == Some(role))
            .cloned()
            .collect();
        for group in groups {
            self.remove(&group);
        }
    }

    /// Children in the recycle bin come back with their parent.
    fn remember(&mut self, parent: RecordId, children: &[RecordId]) {
        if children.is_empty() {
            return;
        }
        let list: Vec<&str> = children.iter().map(RecordId::as_15).collect();
        self.draft.notes.push(Note {
            space: Space::Other,
            key: bin_key(parent),
            value: Some(list.join(",")),
        });
    }

    pub(super) fn undelete(&mut self, id: RecordId) -> Planned<()> {
        let Some(object) = self.engine.catalogue.object_of(id) else {
            return Err(model::Refusal::not_found().into());
        };
        let shape = self.engine.shapes.get(object);
        if !shape.has_bin {
            return refuse(
                Code::UndeleteFailed,
                "records of this object cannot be restored",
            );
        }
        self.may(Wish::Delete, object)?;
        let Some(row) = self.load(object, id)? else {
            return Err(model::Refusal::not_found().into());
        };
        self.may_touch(Wish::Delete, &row)?;
        if !row.is_deleted {
            return refuse(Code::UndeleteFailed, "entity is not in the recycle bin");
        }
        // R139: no routing
        self.set_deleted(&row, false);
        let Some(list) = self.note(Space::Other, &bin_key(id))? else {
            return Ok(());
        };
        for child in list.split(',').filter_map(|t| RecordId::parse(t).ok()) {
            let Some(object) = self.engine.catalogue.object_of(child) else {
                continue;
            };
            match self.load(object, child) {
                Ok(Some(row)) if row.is_deleted => self.set_deleted(&row, false),
                Ok(_) => {}
                Err(_) => self.miss(Need::Row(object, child)),
            }
        }
        self.draft.notes.push(Note {
            space: Space::Other,
            key: bin_key(id),
            value: None,
        });
        self.complete()
    }
}

fn bin_key(parent: RecordId) -> String {
    format!("bin {}", parent.as_15())
}
