//! What every object of the catalogue has in common, worked out once per catalogue.
//!
//! A [`Shape`] answers in constant time what a write needs: system fields, defaults, required fields,
//! which references exist to the object and what their deletion means.

use model::{Catalogue, FieldIx, FieldType, KeyPrefix, ObjectDef, ObjectIx, Value};

/// A reference field of another object to this one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inbound {
    pub child: ObjectIx,
    pub field: FieldIx,
    /// Children go with their parent.
    pub cascade: bool,
    pub nillable: bool,
}

/// The working parts of one object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    pub prefix: Option<KeyPrefix>,
    /// Kept whole in memory.
    pub is_resident: bool,
    /// Deleted rows go to the recycle bin; configuration is gone at once.
    pub has_bin: bool,
    pub owner: Option<FieldIx>,
    pub created: Option<FieldIx>,
    pub created_by: Option<FieldIx>,
    pub modified: Option<FieldIx>,
    pub modified_by: Option<FieldIx>,
    pub modstamp: Option<FieldIx>,
    /// Numbered by the server.
    pub auto_number: Option<FieldIx>,
    /// `(first, last, name)` of persons: the name is made of the others.
    pub person_name: Option<(FieldIx, FieldIx, FieldIx)>,
    pub developer_name: Option<FieldIx>,
    /// What a missing DeveloperName is made of.
    pub label: Option<FieldIx>,
    /// Values of a row whose creator says nothing.
    pub defaults: Vec<(FieldIx, Value)>,
    /// Fields that a creator must give.
    pub required: Vec<FieldIx>,
    /// Fields that a change may not clear.
    pub never_null: Vec<FieldIx>,
    pub unique: Vec<FieldIx>,
    pub inbound: Vec<Inbound>,
}

impl Shape {
    /// The fields that say who made and changed a row, and when.
    pub fn stamps(&self) -> Vec<FieldIx> {
        [
            self.created,
            self.created_by,
            self.modified,
            self.modified_by,
            self.modstamp,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Objects whose rows are work, history or people outside the org: read when needed. Every other
/// object is configuration and lies in memory whole.
const READ_WHEN_NEEDED: &[&str] = &[
    "Account",
    "AgentWork",
    "AgentWorkShare",
    "AgentWorkSkill",
    "Case",
    "CaseComment",
    "Contact",
    "ContactRequest",
    "Conversation",
    "ConversationEntry",
    "ConversationParticipant",
    "Lead",
    "LiveAgentSession",
    "LiveChatTranscript",
    "LiveChatTranscriptEvent",
    "LiveChatTranscriptSkill",
    "LiveChatVisitor",
    "LoginHistory",
    "MessagingEndUser",
    "MessagingSession",
    "OmniRoutingEventStore",
    "PendingServiceRouting",
    "PendingServiceRoutingInteractionInfo",
    "PendingServiceRoutingShare",
    "RealtimeAlertEvent",
    "SetupAuditTrail",
    "SkillRequirement",
    "SocialPost",
    "Task",
    "UserServicePresence",
    "UserServicePresenceShare",
    "VoiceCall",
    "VoiceCallQualityFeedback",
    "VoiceCallRecording",
];

/// Booleans of a new row that are true unless its creator says otherwise.
const TRUE_BY_DEFAULT: &[(&str, &str)] = &[
    ("User", "IsActive"),
    ("PushTopic", "IsActive"),
    ("PushTopic", "NotifyForOperationCreate"),
    ("PushTopic", "NotifyForOperationUpdate"),
    ("PushTopic", "NotifyForOperationDelete"),
    ("PushTopic", "NotifyForOperationUndelete"),
    ("ServiceResource", "IsActive"),
    ("RecordType", "IsActive"),
    ("MessagingChannel", "IsActive"),
];

/// The shapes of all objects, by place.
#[derive(Clone, Debug)]
pub(crate) struct Shapes(Vec<Shape>);

impl Shapes {
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut all: Vec<Shape> = catalogue.each().map(|(_, def)| shape(def)).collect();
        for (child, def) in catalogue.each() {
            for (field, target) in references(def, catalogue) {
                let f = def.def(field);
                let parent = catalogue.def(target);
                let cascade = parent
                    .child_relationships
                    .iter()
                    .any(|r| r.cascade_delete && r.child_object == def.name && r.field == f.name);
                all[usize::from(target.0)].inbound.push(Inbound {
                    child,
                    field,
                    cascade,
                    nillable: f.nillable,
                });
            }
        }
        Self(all)
    }

    pub fn get(&self, object: ObjectIx) -> &Shape {
        &self.0[usize::from(object.0)]
    }
}

fn references<'a>(
    def: &'a ObjectDef,
    catalogue: &'a Catalogue,
) -> impl Iterator<Item = (FieldIx, ObjectIx)> + 'a {
    def.each_field()
        .filter(|(_, f)| f.kind == FieldType::Reference)
        .flat_map(move |(ix, f)| {
            f.reference_to
                .iter()
                .filter_map(move |name| Some((ix, catalogue.object(name)?)))
        })
}

fn shape(def: &ObjectDef) -> Shape {
    let plain = |name: &str| def.field(name);
    let is_resident = !def.custom && !READ_WHEN_NEEDED.contains(&def.name.as_str());
    Shape {
        prefix: Some(def.prefix()),
        is_resident,
        has_bin: !is_resident && plain("IsDeleted").is_some(),
        owner: plain("OwnerId"),
        created: plain("CreatedDate"),
        created_by: plain("CreatedById"),
        modified: plain("LastModifiedDate"),
        modified_by: plain("LastModifiedById"),
        modstamp: plain("SystemModstamp"),
        auto_number: def
            .each_field()
            .find(|(_, f)| f.auto_number)
            .map(|(ix, _)| ix),
        person_name: match (plain("FirstName"), plain("LastName"), plain("Name")) {
            (Some(first), Some(last), Some(name)) if !def.def(name).createable => {
                Some((first, last, name))
            }
            _ => None,
        },
        developer_name: plain("DeveloperName"),
        label: plain("MasterLabel").or(plain("Name")).or(plain("Label")),
        defaults: def
            .each_field()
            .filter_map(|(ix, f)| Some((ix, default_of(&def.name, f)?)))
            .collect(),
        never_null: def
            .each_field()
            .filter(|(_, f)| {
                !f.nillable
                    && f.updateable
                    && !f.generated_when_missing
                    && f.kind != FieldType::Boolean
            })
            .map(|(ix, _)| ix)
            .collect(),
        required: def
            .each_field()
            .filter(|(_, f)| f.is_required() && !f.generated_when_missing)
            .map(|(ix, _)| ix)
            .collect(),
        unique: def
            .each_field()
            .filter(|(_, f)| f.unique)
            .map(|(ix, _)| ix)
            .collect(),
        inbound: Vec::new(),
    }
}

/// Booleans are never null once stored; `IsDeleted` is no value of a row.
fn default_of(object: &str, field: &model::FieldDef) -> Option<Value> {
    match (field.kind, &field.default) {
        (FieldType::Boolean, _) if field.name == "IsDeleted" => None,
        (FieldType::Boolean, _) if TRUE_BY_DEFAULT.contains(&(object, field.name.as_str())) => {
            Some(Value::Bool(true))
        }
        (FieldType::Boolean, Some(text)) => Some(Value::Bool(text == "true")),
        (FieldType::Boolean, None) => Some(Value::Bool(false)),
        (kind, Some(text)) if kind.is_text() => Some(Value::text(text.as_str())),
        (FieldType::Int, Some(text)) => text.parse().ok().map(Value::Int),
        (FieldType::Double | FieldType::Percent | FieldType::Currency, Some(text)) => {
            text.parse().ok().map(Value::Double)
        }
        _ => None,
    }
}
