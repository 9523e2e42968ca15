//! Rules of single objects (objects.md 4.4): what a row must keep, and what the server fills in.

use model::{Code, FieldIx, Record, RecordId, Refusal, Value};

use crate::draft::{Planned, Planner, Stop, refuse};

/// Limits of skills-based rules per object (routing.md 7).
const SKILL_FIELDS_MAX: usize = 10;
const SKILL_VALUES_MAX: usize = 100;

fn integrity<T>(text: impl Into<String>, fields: &[&str]) -> Planned<T> {
    Err(Stop::Refused(Refusal::about(
        Code::FieldIntegrityException,
        text,
        fields.iter().copied(),
    )))
}

impl Planner<'_> {
    /// Checks a row against the rules of its object and fills in what follows from its other values.
    pub(super) fn rules(&mut self, before: Option<&Record>, row: &mut Record) -> Planned<()> {
        let k = &self.engine.known;
        let object = row.object;
        if before.is_none() {
            self.first_values(row);
        }
        if object == k.case.ix {
            self.case(before, row);
        } else if object == k.user.ix {
            return self.user(before, row);
        } else if object == k.user_login.ix {
            return self.user_login(before, row);
        } else if object == k.group.ix {
            return self.group(before, row);
        } else if object == k.member.ix {
            return self.member(row);
        } else if object == k.queue_sobject.ix {
            return self.queue_sobject(row);
        } else if object == k.routing_config.ix {
            return self.routing_config(row);
        } else if object == k.channel.ix {
            return self.channel(row);
        } else if object == k.presence_config.ix {
            return self.presence_config(row);
        } else if object == k.entity_access.ix {
            let kind = row
                .get(k.entity_access.entity_id)
                .as_id()
                .and_then(|id| self.engine.catalogue.name_of(id));
            row.set(k.entity_access.kind, Value::from(kind.map(str::to_owned)));
        } else if object == k.assignment.ix {
            return self.assignment(row);
        } else if object == k.permission_set.ix {
            return self.permission_set(before, row);
        } else if object == k.object_permissions.ix {
            return self.object_permissions(row);
        } else if object == k.field_permissions.ix {
            return self.field_permissions(row);
        } else if object == k.role.ix {
            return self.role(row);
        } else if object == k.resource_skill.ix {
            return self.level(row, k.resource_skill.level);
        } else if object == k.requirement.ix {
            return self.level(row, k.requirement.level);
        } else if self.engine.catalogue.def(object).name == "WorkSkillRoutingAttribute" {
            return self.skill_rule(row);
        }
        Ok(())
    }

    /// Section 7 of routing.md: level and priority from 0 to 10, 100 values of 10 fields per object.
    fn skill_rule(&mut self, row: &Record) -> Planned<()> {
        let def = self.engine.catalogue.def(row.object).clone();
        for (name, label) in [
            ("SkillLevel", "Skill Level"),
            ("SkillPriority", "Skill Priority"),
        ] {
            if let Some(field) = def.field(name) {
                in_range(row.get(field), 0.0, 10.0, label, name)?;
            }
        }
        let (Some(set), Some(field)) = (def.field("WorkSkillRoutingId"), def.field("Field")) else {
            return Ok(());
        };
        let all = self.matching(row.object, set, row.get(set))?;
        let mut fields =
            std::collections::BTreeSet::from([row.get(field).as_text().map(str::to_lowercase)]);
        let mut values = 1;
        for id in all.into_iter().filter(|id| *id != row.id) {
            let other = self.load(row.object, id)?;
            fields.extend(other.map(|r| r.get(field).as_text().map(str::to_lowercase)));
            values += 1;
        }
        if values > SKILL_VALUES_MAX || fields.len() > SKILL_FIELDS_MAX {
            let text = "skills-based rules have at most 10 fields and 100 values";
            return refuse(Code::LimitExceeded, text);
        }
        Ok(())
    }

    /// Defaults that are no plain value.
    fn first_values(&self, row: &mut Record) {
        let shape = self.engine.shapes.get(row.object);
        if let Some(owner) = shape.owner
            && row.get(owner).is_null()
        {
            row.set(owner, self.caller.user.into());
        }
    }

    fn case(&mut self, before: Option<&Record>, row: &mut Record) {
        let k = &self.engine.known.case;
        let status = row.get(k.status).as_text().map(str::to_lowercase);
        let is_closed = status.is_some_and(|s| self.engine.configured.closed_statuses.contains(&s));
        let was_closed = before.is_some_and(|b| b.get(k.is_closed).is_true());
        if is_closed != was_closed {
            row.set(k.is_closed, is_closed.into());
            let at = if is_closed {
                self.engine.now.into()
            } else {
                Value::Null
            };
            row.set(k.closed_date, at);
        }
        if before.is_none() {
            row.set(k.is_closed_on_create, is_closed.into());
        }
    }

    fn user(&mut self, before: Option<&Record>, row: &mut Record) -> Planned<()> {
        let k = &self.engine.known.user;
        let name = row.get(k.username).as_text().unwrap_or_default().to_owned();
        let is_address = name
            .split_once('@')
            .is_some_and(|(a, b)| !a.is_empty() && b.contains('.'))
            && !name.contains(char::is_whitespace);
        if !is_address {
            return integrity(
                format!("Username: invalid user name: {name}"),
                &["Username"],
            );
        }
        if before.is_none() {
            if row.get(k.nickname).is_null() {
                let nick: String = name
                    .split('@')
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .take(40)
                    .collect();
                row.set(k.nickname, Value::from(nick));
            }
            row.set(k.user_type, Value::from("Standard"));
        }
        if row.id == self.caller.user && before.is_some() && !row.get(k.is_active).is_true() {
            return refuse(
                Code::CannotInsertUpdateActivateEntity,
                "You cannot deactivate your own user",
            );
        }
        Ok(())
    }

    /// Locks are the server's to set; nobody freezes themselves out.
    fn user_login(&mut self, before: Option<&Record>, row: &mut Record) -> Planned<()> {
        let k = &self.engine.known.user_login;
        let turned_on = |field| {
            row.get(field).is_true() && !before.is_some_and(|before| before.get(field).is_true())
        };
        if turned_on(k.is_locked) {
            return integrity(
                "IsPasswordLocked can only be set to false",
                &["IsPasswordLocked"],
            );
        }
        if turned_on(k.is_frozen) && row.get(k.user_id).as_id() == Some(self.caller.user) {
            return integrity("You cannot freeze your own user", &["IsFrozen"]);
        }
        Ok(())
    }

    fn group(&mut self, before: Option<&Record>, row: &mut Record) -> Planned<()> {
        let k = &self.engine.known.group;
        let kind = row.get(k.kind).as_text().unwrap_or_default().to_owned();
        if !matches!(kind.as_str(), "Queue" | "Regular") {
            return match before {
                Some(_) => refuse(
                    Code::CannotInsertUpdateActivateEntity,
                    "automatic groups cannot be changed",
                ),
                None => integrity(
                    "Type: only Regular and Queue groups can be created",
                    &["Type"],
                ),
            };
        }
        if kind != "Queue" && !row.get(k.routing_config_id).is_null() {
            return integrity(
                "Routing Configuration ID: only queues have one",
                &["QueueRoutingConfigId"],
            );
        }
        if before.is_none() {
            row.set(k.owner_id, self.engine.org.into());
        }
        Ok(())
    }

    fn member(&mut self, row: &Record) -> Planned<()> {
        let k = &self.engine.known;
        let group = row.get(k.member.group_id);
        if group == row.get(k.member.user_or_group_id) {
            return integrity(
                "User/Group ID: a group cannot contain itself",
                &["UserOrGroupId"],
            );
        }
        let kind = group.as_id().and_then(|id| self.setup_row(k.group.ix, id));
        if !kind.is_some_and(|g| matches!(g.get(k.group.kind).as_text(), Some("Queue" | "Regular")))
        {
            return integrity("Group ID: automatic groups cannot be changed", &["GroupId"]);
        }
        Ok(())
    }

    fn queue_sobject(&mut self, row: &Record) -> Planned<()> {
        let k = &self.engine.known;
        let group = row.get(k.queue_sobject.queue_id).as_id();
        let group = group.and_then(|id| self.setup_row(k.group.ix, id));
        if group.is_none_or(|g| g.get(k.group.kind).as_text() != Some("Queue")) {
            return integrity("Queue ID: the group is no queue", &["QueueId"]);
        }
        Ok(())
    }

    fn routing_config(&mut self, row: &Record) -> Planned<()> {
        let k = &self.engine.known.routing_config;
        let (weight, percentage) = (row.get(k.weight), row.get(k.percentage));
        if !weight.is_null() && !percentage.is_null() {
            return integrity(
                "Units of Capacity and Percentage of Capacity exclude each other",
                &["CapacityWeight", "CapacityPercentage"],
            );
        }
        in_range(weight, 0.0, 1e8, "Units of Capacity", "CapacityWeight")?;
        in_range(
            percentage,
            0.0,
            100.0,
            "Percentage of Capacity",
            "CapacityPercentage",
        )?;
        in_range(
            row.get(k.push_timeout),
            0.0,
            86_400.0,
            "Push Time-Out",
            "PushTimeout",
        )?;
        let drop = row.get(k.drop_timeout);
        if drop.as_int().is_some_and(|d| d != 0) {
            in_range(
                drop,
                5.0,
                86_400.0,
                "Drop Additional Skills Time-Out",
                "DropAdditionalSkillsTimeout",
            )?;
        }
        in_range(row.get(k.priority), 0.0, 1e9, "Priority", "RoutingPriority")
    }

    fn channel(&mut self, row: &Record) -> Planned<()> {
        self.timers(row)?;
        let k = &self.engine.known.channel;
        let entity = row.get(k.related_entity).as_text().unwrap_or_default();
        if self.engine.catalogue.object(entity).is_none() {
            return integrity(
                format!("Salesforce Object: {entity} cannot be routed here"),
                &["RelatedEntity"],
            );
        }
        Ok(())
    }

    /// After-conversation timers (R77, R151).
    fn timers(&mut self, row: &Record) -> Planned<()> {
        let def = self.engine.catalogue.def(row.object).clone();
        for name in ["AfterConvoWorkMaxTime", "AcwExtensionDuration"] {
            if let Some(field) = def.field(name) {
                in_range(row.get(field), 10.0, 3_600.0, &def.def(field).label, name)?;
            }
        }
        Ok(())
    }

    fn presence_config(&mut self, row: &Record) -> Planned<()> {
        self.timers(row)?;
        let k = &self.engine.known.presence_config;
        if row.get(k.auto_accept).is_true() && row.get(k.decline).is_true() {
            return integrity(
                "automatic acceptance and declining exclude each other",
                &["OptionsIsAutoAcceptEnabled", "OptionsIsDeclineEnabled"],
            );
        }
        if !row.get(k.decline).is_true() && !row.get(k.on_decline).is_null() {
            return integrity(
                "a status on decline needs declining",
                &["PresenceStatusOnDeclineId"],
            );
        }
        in_range(row.get(k.capacity), 0.0, 10_000.0, "Capacity", "Capacity")?;
        in_range(
            row.get(k.interruptible),
            0.0,
            10_000.0,
            "Interruptible Capacity",
            "InterruptibleCapacity",
        )
    }

    fn assignment(&mut self, row: &mut Record) -> Planned<()> {
        let k = &self.engine.known;
        if row.get(k.assignment.permission_set_id).is_null()
            && row.get(k.assignment.group_id).is_null()
        {
            let text = "Required fields are missing: [PermissionSetId]";
            return Err(Stop::Refused(Refusal::about(
                Code::RequiredFieldMissing,
                text,
                ["PermissionSetId"],
            )));
        }
        let set = row.get(k.assignment.permission_set_id).as_id();
        let set = set.and_then(|id| self.setup_row(k.permission_set.ix, id));
        if set.is_some_and(|s| s.get(k.permission_set.is_owned_by_profile).is_true()) {
            return integrity(
                "a profile's own permission set cannot be assigned",
                &["PermissionSetId"],
            );
        }
        row.set(k.assignment.is_active, Value::Bool(true));
        Ok(())
    }

    fn permission_set(&mut self, before: Option<&Record>, row: &mut Record) -> Planned<()> {
        let k = &self.engine.known.permission_set;
        if before.is_some() && row.get(k.is_owned_by_profile).is_true() {
            return refuse(
                Code::CannotInsertUpdateActivateEntity,
                "change the profile instead of its permission set",
            );
        }
        if before.is_none() {
            row.set(k.is_custom, Value::Bool(true));
            row.set(k.kind, Value::from("Regular"));
        }
        Ok(())
    }

    /// A wider right needs the narrower ones.
    fn object_permissions(&mut self, row: &Record) -> Planned<()> {
        let k = &self.engine.known.object_permissions;
        let name = row.get(k.sobject_type).as_text().unwrap_or_default();
        if self.engine.catalogue.object(name).is_none() {
            return integrity(
                format!("Sobject Type Name: {name} is no object"),
                &["SobjectType"],
            );
        }
        let on = |f: FieldIx| row.get(f).is_true();
        for (wide, narrow, text) in [
            (k.create, k.read, "Create needs Read"),
            (k.edit, k.read, "Edit needs Read"),
            (k.delete, k.edit, "Delete needs Edit"),
            (k.view_all, k.read, "View All needs Read"),
            (k.modify_all, k.view_all, "Modify All needs View All"),
            (k.modify_all, k.delete, "Modify All needs Delete"),
        ] {
            if on(wide) && !on(narrow) {
                return integrity(text, &[]);
            }
        }
        Ok(())
    }

    fn field_permissions(&mut self, row: &Record) -> Planned<()> {
        let k = &self.engine.known.field_permissions;
        let name = row.get(k.field).as_text().unwrap_or_default();
        let found = name.split_once('.').and_then(|(object, field)| {
            let (_, def) = self.engine.catalogue.find(object)?;
            def.field(field)
        });
        if found.is_none() {
            return integrity(format!("Field Name: {name} is no field"), &["Field"]);
        }
        Ok(())
    }

    /// No role above itself.
    fn role(&mut self, row: &mut Record) -> Planned<()> {
        let k = &self.engine.known.role;
        if row.get(k.opportunity).is_null() {
            row.set(k.opportunity, Value::from("Edit"));
        }
        let mut parent = row.get(k.parent_id).as_id();
        for _ in 0..=64 {
            match parent {
                None => return Ok(()),
                Some(id) if id == row.id => break,
                Some(id) => parent = self.parent_of(id),
            }
        }
        integrity(
            "Parent Role ID: the role would be above itself",
            &["ParentRoleId"],
        )
    }

    fn parent_of(&mut self, role: RecordId) -> Option<RecordId> {
        let k = &self.engine.known.role;
        self.setup_row(k.ix, role)?.get(k.parent_id).as_id()
    }

    fn level(&mut self, row: &Record, field: FieldIx) -> Planned<()> {
        in_range(row.get(field), 0.0, 99.99, "Skill Level", "SkillLevel")
    }
}

fn in_range(value: &Value, min: f64, max: f64, label: &str, name: &str) -> Planned<()> {
    match value.as_double() {
        Some(number) if number < min || number > max => {
            let text = format!("{label}: value outside of valid range on numeric field: {number}");
            Err(Stop::Refused(Refusal::about(
                Code::NumberOutsideValidRange,
                text,
                [name],
            )))
        }
        _ => Ok(()),
    }
}
