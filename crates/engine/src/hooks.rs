//! What follows from a record write: the hooks between records, in one place and one order.
//!
//! A hook adds to the draft of the write that caused it. Routing hears of owners and statuses here and
//! nowhere else.

use std::sync::Arc;

use model::{Code, ObjectIx, Record, RecordId, RowChange, Value};
use routing::{Command, Item, NewWork, Requirement, Units};

use crate::draft::{Planned, Planner, difference, refuse};

/// A picklist value in any case, a checkbox as True or False, a lookup by id.
fn is_value(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Text(text) => text.eq_ignore_ascii_case(wanted),
        Value::Bool(flag) => wanted.eq_ignore_ascii_case(if *flag { "true" } else { "false" }),
        Value::Id(id) => RecordId::parse(wanted) == Ok(*id),
        _ => false,
    }
}

/// Contact centre and customer of an item.
type Facts = (Option<RecordId>, Option<RecordId>);

impl Planner<'_> {
    /// Rows that routing owns: it makes or changes them, the client's other columns go along. True if
    /// the row is in its hands.
    pub(crate) fn hand_to_routing(
        &mut self,
        before: Option<&Record>,
        after: &Record,
    ) -> Planned<bool> {
        let k = &self.engine.known;
        if after.object == k.request.ix {
            match before {
                None => self.insert_request(after)?,
                Some(before) => self.update_request(before, after)?,
            }
            return Ok(true);
        }
        if after.object == k.work.ix {
            return match before {
                None => self.insert_work(after).map(|()| true),
                Some(before) => self.update_work(before, after),
            };
        }
        Ok(false)
    }

    pub(crate) fn insert_request(&mut self, row: &Record) -> Planned<()> {
        let k = &self.engine.known.request;
        let (Some(item), Some(channel)) = (
            row.get(k.work_item_id).as_id(),
            row.get(k.channel_id).as_id(),
        ) else {
            return Ok(());
        };
        let (call_center, customer) = self.fitting_item(item, channel)?;
        let typed = self.engine.columns.read_request(row);
        self.draft.adopted.push(row.clone());
        self.route(Command::InsertRequest {
            row: Box::new(typed),
            call_center,
            customer,
        });
        Ok(())
    }

    /// The channel is the one of the item's object (R171); the call centre if it is a call, and the
    /// customer if anybody asks.
    fn fitting_item(&mut self, item: RecordId, channel: RecordId) -> Planned<Facts> {
        let object = self.engine.catalogue.object_of(item);
        let fits = object.and_then(|o| self.engine.configured.channel_of.get(&o)) == Some(&channel);
        if !fits {
            return refuse(
                Code::InvalidOperation,
                "the service channel does not carry the object of the work item",
            );
        }
        let k = &self.engine.known.call;
        let is_call = object == Some(k.ix);
        let Some(object) = object.filter(|_| is_call || self.engine.asks_for_customers()) else {
            return Ok((None, None));
        };
        let Some(row) = self.load(object, item)? else {
            return Ok((None, None));
        };
        let center = is_call.then(|| row.get(k.center_id).as_id()).flatten();
        Ok((center, self.engine.customer_of(&row)))
    }

    fn update_request(&mut self, before: &Record, after: &Record) -> Planned<()> {
        let (mut own, mut routed) = (before.clone(), Vec::new());
        for (field, value) in difference(before, after) {
            match self.engine.columns.request_field(field) {
                Some(column) => routed.push((column, value)),
                None => own.set(field, value),
            }
        }
        // R12, R166: also where routing keeps none of the columns
        self.route(Command::UpdateRequest {
            request: before.id,
            sets: routed,
        });
        self.replace(before, own)
    }

    /// R170 to R173.
    fn insert_work(&mut self, row: &Record) -> Planned<()> {
        let k = &self.engine.known.work;
        let (Some(item), Some(channel), Some(user)) = (
            row.get(k.work_item_id).as_id(),
            row.get(k.channel_id).as_id(),
            row.get(k.user_id).as_id(),
        ) else {
            return Ok(());
        };
        self.fitting_item(item, channel)?;
        let units = |field| row.get(field).as_double().map(Units::from_f64);
        if !row.get(k.weight).is_null() && !row.get(k.percentage).is_null() {
            return refuse(
                Code::FieldIntegrityException,
                "Capacity Weight and Capacity Percentage exclude each other",
            );
        }
        let waiting = || self.engine.routing.waiting(item).map(|w| w.request.id);
        let request = match row.get(k.request_id).as_id().or_else(waiting) {
            Some(request) => request,
            None => self.direct_request(row, item, channel, user)?,
        };
        let work = NewWork {
            id: row.id,
            user,
            work_item: item,
            channel,
            request,
            weight: units(k.weight),
            percentage: units(k.percentage),
            skip_capacity_check: row.get(k.skip_capacity).is_true(),
        };
        let mut adopted = row.clone();
        adopted.set(k.owner_id, user.into());
        self.draft.adopted.push(adopted);
        self.route(Command::InsertWork(work));
        Ok(())
    }

    /// Work given to an agent without a request (objects.md 4.1): one is made for that agent alone (R25).
    fn direct_request(
        &mut self,
        work: &Record,
        item: RecordId,
        channel: RecordId,
        user: RecordId,
    ) -> Planned<RecordId> {
        let known = &self.engine.known;
        let (w, k) = (&known.work, &known.request);
        let mut row = self.new_row(k.ix);
        row.set(k.work_item_id, item.into());
        row.set(k.channel_id, channel.into());
        row.set(k.owner_id, user.into());
        row.set(k.routing_type, Value::from("SkillsBased"));
        row.set(k.routing_model, Value::from("MostAvailable"));
        row.set(k.preferred_user_id, user.into());
        row.set(k.is_preferred_required, Value::Bool(true));
        row.set(k.is_ready, Value::Bool(true));
        row.set(k.weight, work.get(w.weight).clone());
        row.set(k.percentage, work.get(w.percentage).clone());
        let id = row.id;
        self.insert_request(&row)?;
        Ok(id)
    }

    /// R109: routing keeps active rows; finished ones are the client's alone. True if it is active.
    fn update_work(&mut self, before: &Record, after: &Record) -> Planned<bool> {
        if self.engine.routing.work(before.id).is_none() {
            return Ok(false);
        }
        let (mut own, mut routed) = (before.clone(), Vec::new());
        for (field, value) in difference(before, after) {
            match self.engine.columns.work_field(field) {
                Some(column) => routed.push((column, value)),
                None => own.set(field, value),
            }
        }
        if !routed.is_empty() {
            self.route(Command::UpdateWork {
                work: before.id,
                sets: routed,
            });
        }
        self.replace(before, own)?;
        Ok(true)
    }

    /// After the row is in the draft.
    pub(crate) fn follow(&mut self, before: Option<&Record>, after: &Record) -> Planned<()> {
        let k = &self.engine.known;
        self.follow_touch(before, after);
        self.follow_owner(before, after)?;
        if after.object == k.requirement.ix {
            self.requirement(before, after);
        } else if after.object == k.role.ix && before.is_none() {
            self.role_groups(after)?;
        } else if after.object == k.user.ix {
            self.user_off(before, after);
            self.login_row(after)?;
        } else if after.object == k.profile.ix {
            self.mirror_profile(after)?;
        }
        Ok(())
    }

    /// Who writes to a record, or adds one that refers to it, has touched it (option `returnSeconds`).
    fn follow_touch(&mut self, before: Option<&Record>, after: &Record) {
        let (routing, user) = (&self.engine.routing, self.caller.user);
        if !routing.may_return_work() {
            return;
        }
        let named = after.values().iter().filter_map(|(_, value)| value.as_id());
        let named = named.filter(|_| before.is_none());
        let mut items = std::iter::once(after.id).chain(named);
        if let Some(item) = items.find(|item| routing.awaits_touch(*item, user).is_some()) {
            self.route(Command::Touch { item, user });
        }
    }

    /// R1 to R8, R46, R93 to R96: routing decides what an owner or a status means.
    fn follow_owner(&mut self, before: Option<&Record>, after: &Record) -> Planned<()> {
        let engine = self.engine;
        let Some(channel) = engine.configured.channel_of.get(&after.object).copied() else {
            return Ok(());
        };
        let Some(field) = engine.shapes.get(after.object).owner else {
            return Ok(());
        };
        let Some(owner) = after.get(field).as_id() else {
            return Ok(());
        };
        let is_new_owner = before.is_none_or(|b| b.get(field) != after.get(field));
        let status_field = self.status_field(after.object, channel);
        let is_new_status =
            before.is_some_and(|b| status_field.is_some_and(|f| b.get(f) != after.get(f)));
        if !is_new_owner && !is_new_status {
            return Ok(());
        }
        let item = self.item(after, channel);
        let is_user = engine.resident.get(engine.known.group.ix, owner).is_none();
        let mut last_work = None;
        if before.is_some() && is_user && status_field.is_some() {
            last_work = self.last_work(after.id)?;
        }
        if is_new_owner {
            self.route(Command::Owner {
                item,
                owner,
                last_work,
            });
        } else {
            self.route(Command::ItemStatus {
                item,
                owner,
                last_work,
            });
        }
        Ok(())
    }

    /// StatusField of a status-based channel.
    pub(crate) fn status_field(
        &self,
        object: ObjectIx,
        channel: RecordId,
    ) -> Option<model::FieldIx> {
        let k = &self.engine.known.channel;
        let row = self.engine.resident.get(k.ix, channel)?;
        if row.get(k.capacity_model).as_text() != Some("StatusBased") {
            return None;
        }
        self.engine
            .catalogue
            .def(object)
            .field(row.get(k.status_field).as_text()?)
    }

    /// R94: the newest AgentWork of a record, final ones included.
    fn last_work(&mut self, item: RecordId) -> Planned<Option<Box<routing::AgentWork>>> {
        let k = &self.engine.known.work;
        let works = self.matching(k.ix, k.work_item_id, &Value::Id(item))?;
        let Some(newest) = works.last() else {
            return Ok(None);
        };
        let row = self.load(k.ix, *newest)?;
        Ok(row.map(|r| Box::new(self.engine.columns.read_work(&r))))
    }

    /// What routing must know of a routed record.
    pub(crate) fn item(&self, row: &Record, channel: RecordId) -> Item {
        let k = &self.engine.known;
        let is_call = row.object == k.call.ix;
        let status = self.status_field(row.object, channel);
        Item {
            id: row.id,
            channel,
            secondary_priority: self.secondary_priority(row, channel),
            call_center: if is_call {
                row.get(k.call.center_id).as_id()
            } else {
                None
            },
            status: status.and_then(|f| row.get(f).as_text()).map(Arc::from),
            requirements: self.attribute_skills(row),
            customer: self.engine.customer_of(row),
        }
    }

    /// R30.
    fn secondary_priority(&self, row: &Record, channel: RecordId) -> Option<i64> {
        let k = &self.engine.known;
        let channel_row = self.engine.resident.get(k.channel.ix, channel)?;
        let name = channel_row.get(k.channel.sec_priority_field).as_text()?;
        let value = row
            .get(self.engine.catalogue.def(row.object).field(name)?)
            .as_text()?;
        let k = &k.channel_priority;
        let mut rows = self.engine.resident.table(k.ix).values();
        let found = rows.find(|r| {
            r.get(k.channel_id).as_id() == Some(channel)
                && r.get(k.value)
                    .as_text()
                    .is_some_and(|v| v.eq_ignore_ascii_case(value))
        })?;
        found.get(k.priority).as_int()
    }

    /// R16: skills of a record in an attribute-based queue, by the active WorkSkillRouting of its object.
    fn attribute_skills(&self, row: &Record) -> Vec<Requirement> {
        let catalogue = &self.engine.catalogue;
        let (Some((sets, set_def)), Some((rules, rule_def))) = (
            catalogue.find("WorkSkillRouting"),
            catalogue.find("WorkSkillRoutingAttribute"),
        ) else {
            return Vec::new();
        };
        let object = catalogue.def(row.object);
        let text = |r: &Record, def: &model::ObjectDef, name: &str| {
            def.field(name)
                .and_then(|f| r.get(f).as_text().map(str::to_owned))
        };
        let active = |r: &&Record| {
            set_def
                .field("IsActive")
                .is_some_and(|f| r.get(f).is_true())
                && text(r, set_def, "RelatedEntity").as_deref() == Some(object.name.as_str())
        };
        let Some(set) = self
            .engine
            .resident
            .table(sets)
            .values()
            .find(active)
            .map(|r| r.id)
        else {
            return Vec::new();
        };
        let get = |r: &Record, name: &str| {
            rule_def
                .field(name)
                .map(|f| r.get(f).clone())
                .unwrap_or_default()
        };
        let requirement = |r: &Record| {
            let name = get(r, "Field");
            let name = name.as_text()?;
            let field = object.field(name.rsplit('.').next().unwrap_or(name))?;
            let wanted = get(r, "Value");
            let is_met = is_value(row.get(field), wanted.as_text()?);
            if get(r, "WorkSkillRoutingId").as_id() != Some(set) || !is_met {
                return None;
            }
            Some(Requirement {
                skill: RecordId::parse(get(r, "SkillId").as_text()?).ok()?,
                level: Units::from_f64(get(r, "SkillLevel").as_double().unwrap_or(0.0)),
                is_additional: get(r, "IsAdditionalSkill").is_true(),
                priority: get(r, "SkillPriority").as_int(),
            })
        };
        self.engine
            .resident
            .table(rules)
            .values()
            .filter_map(requirement)
            .collect()
    }

    /// R11: routing hears of skills under a request it knows.
    fn requirement(&mut self, before: Option<&Record>, after: &Record) {
        let k = &self.engine.known.requirement;
        let Some(request) = after.get(k.related_id).as_id() else {
            return;
        };
        let is_drafted = self.draft.adopted.iter().any(|r| r.id == request);
        if !is_drafted && self.engine.routing.request(request).is_none() {
            return;
        }
        if before.is_some() {
            self.route(Command::DeleteRequirement {
                requirement: after.id,
                request,
            });
        }
        self.route(Command::InsertRequirement(
            self.engine.columns.read_requirement(after),
        ));
    }

    /// Every role has its automatic groups, so that queues may list it.
    fn role_groups(&mut self, role: &Record) -> Planned<()> {
        let k = &self.engine.known;
        let (group, name) = (k.group, role.get(k.role.developer_name).clone());
        for kind in ["Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal"] {
            let mut row = self.new_row(group.ix);
            row.set(group.kind, Value::from(kind));
            row.set(group.related_id, role.id.into());
            row.set(group.developer_name, name.clone());
            let label: String = role
                .get(k.role.name)
                .as_text()
                .unwrap_or_default()
                .chars()
                .take(40)
                .collect();
            row.set(group.name, Value::from(label));
            row.set(group.owner_id, self.engine.org.into());
            self.insert(row)?;
        }
        Ok(())
    }

    /// Every user has a row that freezes it; one of an older org gets it with the next change.
    fn login_row(&mut self, user: &Record) -> Planned<()> {
        if self.engine.configured.logins.contains_key(&user.id) {
            return Ok(());
        }
        let k = &self.engine.known.user_login;
        let mut row = self.new_row(k.ix);
        row.set(k.user_id, user.id.into());
        row.set(k.is_frozen, Value::Bool(false));
        row.set(k.is_locked, Value::Bool(false));
        self.insert(row)
    }

    /// R157: who is switched off works no more.
    fn user_off(&mut self, before: Option<&Record>, after: &Record) {
        let field = self.engine.known.user.is_active;
        let was_active = before.is_some_and(|b| b.get(field).is_true());
        if was_active
            && !after.get(field).is_true()
            && self.engine.routing.presence_of(after.id).is_some()
        {
            self.route(Command::Logout { user: after.id });
        }
    }

    /// The hidden permission set of a profile repeats its permissions.
    fn mirror_profile(&mut self, profile: &Record) -> Planned<()> {
        let engine = self.engine;
        let k = &engine.known.permission_set;
        let sets = engine.resident.table(k.ix).values();
        let Some(set) = sets
            .into_iter()
            .find(|s| s.get(k.profile_id).as_id() == Some(profile.id))
        else {
            return Ok(());
        };
        let (profile_def, set_def) = (
            engine.catalogue.def(profile.object),
            engine.catalogue.def(k.ix),
        );
        let mut after = set.clone();
        for (field, def) in profile_def
            .each_field()
            .filter(|(_, f)| f.name.starts_with("Permissions"))
        {
            if let Some(place) = set_def.field(&def.name) {
                after.set(place, Value::Bool(profile.get(field).is_true()));
            }
        }
        self.draft.changes.push(RowChange::Update {
            object: k.ix,
            id: set.id,
            sets: difference(set, &after),
        });
        Ok(())
    }
}
