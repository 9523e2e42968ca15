//! Configuration rows, whole in memory, with the values that must be unique among them.
//!
//! Invariant: the index holds exactly the keys of the rows in the tables.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use model::{Catalogue, Code, FieldIx, ObjectIx, Record, RecordId, RowChange, Value};

use crate::rows::Folded;
use crate::shape::Shapes;

/// Values that only one row of an object may have.
pub(crate) struct UniqueRule {
    pub object: ObjectIx,
    /// Together; a row with a null among them has no key.
    pub fields: Vec<FieldIx>,
    pub code: Code,
}

/// Object, its fields, and what a second row is told (objects.md 4.4).
const UNIQUE: &[(&str, &[&str], Code)] = &[
    ("User", &["Username"], Code::DuplicateUsername),
    ("CallCenter", &["InternalName"], Code::DuplicateValue),
    (
        "CallCenterRoutingMap",
        &["CallCenterId", "ExternalId"],
        Code::DuplicateValue,
    ),
    ("ServiceChannel", &["RelatedEntity"], Code::DuplicateValue),
    (
        "QueueSobject",
        &["QueueId", "SobjectType"],
        Code::DuplicateValue,
    ),
    (
        "GroupMember",
        &["GroupId", "UserOrGroupId"],
        Code::DuplicateValue,
    ),
    (
        "ServiceChannelStatus",
        &["ServicePresenceStatusId", "ServiceChannelId"],
        Code::DuplicateValue,
    ),
    (
        "ServiceChannelFieldPriority",
        &["ServiceChannelId", "Value"],
        Code::DuplicateValue,
    ),
    (
        "ServiceChannelStatusField",
        &["ServiceChannelId", "Value"],
        Code::DuplicateValue,
    ),
    ("PresenceUserConfigUser", &["UserId"], Code::DuplicateValue),
    (
        "PresenceUserConfigProfile",
        &["ProfileId"],
        Code::DuplicateValue,
    ),
    (
        "PresenceConfigDeclineReason",
        &["PresenceUserConfigId", "PresenceDeclineReasonId"],
        Code::DuplicateValue,
    ),
    (
        "ServiceResource",
        &["RelatedRecordId", "ResourceType"],
        Code::DuplicateValue,
    ),
    ("PermissionSet", &["Name"], Code::DuplicateDeveloperName),
    (
        "PermissionSetAssignment",
        &["AssigneeId", "PermissionSetId"],
        Code::DuplicateValue,
    ),
    (
        "SetupEntityAccess",
        &["ParentId", "SetupEntityId"],
        Code::DuplicateValue,
    ),
    (
        "ObjectPermissions",
        &["ParentId", "SobjectType"],
        Code::DuplicateValue,
    ),
    (
        "FieldPermissions",
        &["ParentId", "Field"],
        Code::DuplicateValue,
    ),
    (
        "ContactCenterChannel",
        &["ContactCenterId", "ChannelId"],
        Code::DuplicateValue,
    ),
    (
        "VendorCallCenterStatusMap",
        &["CallCenterId", "ExternalStatus"],
        Code::DuplicateValue,
    ),
    (
        "MessagingChannel",
        &["MessageType", "MessagingPlatformKey"],
        Code::DuplicateValue,
    ),
    ("PushTopic", &["Name"], Code::DuplicateValue),
    ("StreamingChannel", &["Name"], Code::DuplicateValue),
    ("Profile", &["Name"], Code::DuplicateValue),
    ("WorkSkillRouting", &["RelatedEntity"], Code::DuplicateValue),
    (
        "Group",
        &["Type", "DeveloperName"],
        Code::DuplicateDeveloperName,
    ),
    (
        "RecordType",
        &["SobjectType", "DeveloperName"],
        Code::DuplicateDeveloperName,
    ),
];

/// Key of a row under one rule.
pub(crate) type UniqueKey = (u16, Folded);

/// The rules of all objects.
pub(crate) struct UniqueRules {
    rules: Vec<UniqueRule>,
    by_object: Vec<Vec<u16>>,
}

impl UniqueRules {
    pub fn of(catalogue: &Catalogue, shapes: &Shapes) -> Self {
        let mut all = Self {
            rules: Vec::new(),
            by_object: vec![Vec::new(); catalogue.each().count()],
        };
        for (object, names, code) in UNIQUE {
            let Some((object, def)) = catalogue.find(object) else {
                continue;
            };
            let fields: Option<Vec<FieldIx>> = names.iter().map(|n| def.field(n)).collect();
            if let Some(fields) = fields {
                all.add(UniqueRule {
                    object,
                    fields,
                    code: *code,
                });
            }
        }
        for (object, _) in catalogue
            .each()
            .filter(|(ix, _)| shapes.get(*ix).is_resident)
        {
            let shape = shapes.get(object);
            let scoped = |f: &FieldIx| {
                all.of_object(object)
                    .iter()
                    .any(|r| all.rule(*r).fields.contains(f))
            };
            let own: Vec<UniqueRule> = shape
                .developer_name
                .iter()
                .filter(|f| !scoped(f))
                .map(|f| (f, Code::DuplicateDeveloperName))
                .chain(
                    shape
                        .unique
                        .iter()
                        .filter(|f| !scoped(f))
                        .map(|f| (f, Code::DuplicateValue)),
                )
                .map(|(field, code)| UniqueRule {
                    object,
                    fields: vec![*field],
                    code,
                })
                .collect();
            own.into_iter().for_each(|rule| all.add(rule));
        }
        all
    }

    fn add(&mut self, rule: UniqueRule) {
        let ix = self.rules.len() as u16;
        self.by_object[usize::from(rule.object.0)].push(ix);
        self.rules.push(rule);
    }

    pub fn of_object(&self, object: ObjectIx) -> &[u16] {
        &self.by_object[usize::from(object.0)]
    }

    pub fn rule(&self, ix: u16) -> &UniqueRule {
        &self.rules[usize::from(ix)]
    }

    /// The rule over exactly this field, for look-ups.
    pub fn over(&self, object: ObjectIx, field: FieldIx) -> Option<u16> {
        self.of_object(object)
            .iter()
            .copied()
            .find(|r| self.rule(*r).fields == [field])
    }

    /// The key of a row; `None` if a part is null.
    pub fn key(&self, ix: u16, row: &Record) -> Option<UniqueKey> {
        let fields = &self.rule(ix).fields;
        match fields.as_slice() {
            [field] => {
                let value = row.get(*field);
                (!value.is_null()).then(|| (ix, Folded::of(value)))
            }
            _ => {
                let mut text = String::new();
                for field in fields {
                    let value = row.get(*field);
                    if value.is_null() {
                        return None;
                    }
                    text.push_str(Folded::of(value).as_str());
                    text.push('\u{1}');
                }
                Some((ix, Folded::from_folded(text)))
            }
        }
    }
}

/// All configuration rows.
pub(crate) struct Resident {
    tables: Vec<BTreeMap<RecordId, Record>>,
    index: HashMap<UniqueKey, RecordId>,
    /// Fields of each object that say who made and changed a row, and when.
    stamps: Vec<Vec<FieldIx>>,
    pub unique: UniqueRules,
}

impl Resident {
    pub fn new(catalogue: &Catalogue, shapes: &Shapes) -> Self {
        Self {
            tables: vec![BTreeMap::new(); catalogue.each().count()],
            index: HashMap::new(),
            stamps: catalogue
                .each()
                .map(|(object, _)| shapes.get(object).stamps())
                .collect(),
            unique: UniqueRules::of(catalogue, shapes),
        }
    }

    pub fn table(&self, object: ObjectIx) -> &BTreeMap<RecordId, Record> {
        &self.tables[usize::from(object.0)]
    }

    pub fn get(&self, object: ObjectIx, id: RecordId) -> Option<&Record> {
        self.table(object).get(&id)
    }

    /// Who holds a unique key.
    pub fn holder(&self, key: &UniqueKey) -> Option<RecordId> {
        self.index.get(key).copied()
    }

    /// The row whose unique field has this value.
    pub fn find(&self, object: ObjectIx, field: FieldIx, value: &Value) -> Option<&Record> {
        let rule = self.unique.over(object, field)?;
        let id = self.holder(&(rule, Folded::of(value)))?;
        self.get(object, id)
    }

    pub fn put(&mut self, mut row: Record) {
        let object = usize::from(row.object.0);
        lighten(&mut row, &self.stamps[object]);
        self.forget(row.object, row.id);
        for rule in self.unique.of_object(row.object) {
            if let Some(key) = self.unique.key(*rule, &row) {
                self.index.insert(key, row.id);
            }
        }
        self.tables[usize::from(row.object.0)].insert(row.id, row);
    }

    fn forget(&mut self, object: ObjectIx, id: RecordId) -> Option<Record> {
        let row = self.tables[usize::from(object.0)].remove(&id)?;
        for rule in self.unique.of_object(object) {
            if let Some(key) = self.unique.key(*rule, &row) {
                self.index.remove(&key);
            }
        }
        Some(row)
    }

    /// Applies a change; returns the row before it.
    pub fn apply(&mut self, change: &RowChange) -> Option<Record> {
        let (object, id) = change.key();
        match change {
            RowChange::Insert(row) => {
                self.put(row.clone());
                None
            }
            RowChange::Update { sets, .. } => {
                let before = self.get(object, id)?.clone();
                let mut row = before.clone();
                row.apply(sets);
                self.put(row);
                Some(before)
            }
            RowChange::SetDeleted { deleted: false, .. } => None,
            RowChange::SetDeleted { .. } | RowChange::Remove { .. } => self.forget(object, id),
        }
    }
}

/// Drops what nobody asks memory for: who made a row and when (the store knows), and false booleans,
/// which equal their absence (a User has a hundred of them).
fn lighten(row: &mut Record, stamps: &[FieldIx]) {
    let is_light = |(field, value): &(FieldIx, Value)| {
        matches!(value, Value::Bool(false)) || stamps.contains(field)
    };
    if !row.values().iter().any(is_light) {
        return;
    }
    let mut light = Record::new(row.object, row.id);
    for (field, value) in row.values().iter().filter(|v| !is_light(v)) {
        light.set(*field, value.clone());
    }
    light.shrink();
    *row = light;
}
