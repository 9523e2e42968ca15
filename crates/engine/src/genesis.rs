//! The first batch of an org: everything that must exist before anybody can log in.
//!
//! Ids are numbered from 1 per object, so that two orgs of the same specification are equal.

use model::{
    Catalogue, CommitBatch, KeyPrefix, Millis, Note, ObjectIx, Record, RecordId, RowChange, Space,
    Value,
};
use serde_json::json;

use crate::engine::Corrupt;
use crate::known::Known;
use crate::shape::Shapes;

/// A new org.
#[derive(Clone, Debug)]
pub struct OrgSpec {
    /// Id of the Organization (`00D...`).
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// User name of the administrator; an e-mail address.
    pub admin_username: String,
    /// Hash of the administrator's password, as node makes and checks it.
    pub password_hash: String,
    /// Further connected apps: client id and JSON text.
    pub apps: Vec<(String, String)>,
    /// When.
    pub now: Millis,
}

/// Id of the administrator that [`genesis`] makes.
pub fn administrator() -> RecordId {
    RecordId::new(KeyPrefix::of("005"), 1)
}

/// Connected app of our own console: user name and password, no secret.
pub const CONSOLE_APP: &str = "TrunklineConsole";
/// Connected app of the sf command line.
pub const CLI_APP: &str = "PlatformCLI";

/// Name, user permissions, and rights on objects of work.
struct ProfileSpec {
    name: &'static str,
    permissions: &'static [&'static str],
    access: Access,
}

#[derive(Clone, Copy)]
enum Access {
    All,
    Supervise,
    Work,
    Read,
}

const PROFILES: &[ProfileSpec] = &[
    ProfileSpec {
        name: "System Administrator",
        permissions: &[],
        access: Access::All,
    },
    ProfileSpec {
        name: "Standard User",
        permissions: &["ApiEnabled", "RunFlow", "EditTask"],
        access: Access::Work,
    },
    ProfileSpec {
        name: "Read Only",
        permissions: &["ApiEnabled"],
        access: Access::Read,
    },
    ProfileSpec {
        name: "Contact Center Agent",
        permissions: &["ApiEnabled", "RunFlow", "EditTask"],
        access: Access::Work,
    },
    ProfileSpec {
        name: "Contact Center Supervisor",
        permissions: &[
            "ApiEnabled",
            "RunFlow",
            "EditTask",
            "ViewSetup",
            "TransferAnyCase",
            "ManageCases",
        ],
        access: Access::Supervise,
    },
];

/// Objects that profiles of agents work with.
const WORK_OBJECTS: &[&str] = &[
    "Account",
    "Contact",
    "Case",
    "CaseComment",
    "Lead",
    "Task",
    "VoiceCall",
    "VoiceCallRecording",
    "Conversation",
    "ConversationEntry",
    "ConversationParticipant",
    "MessagingSession",
    "MessagingEndUser",
    "LiveChatTranscript",
    "LiveChatVisitor",
    "ContactRequest",
    "SocialPost",
];

/// Objects that they only look at: routing writes them.
const ROUTING_OBJECTS: &[&str] = &[
    "AgentWork",
    "AgentWorkSkill",
    "PendingServiceRouting",
    "UserServicePresence",
    "SkillRequirement",
];

const CASE_STATUSES: &[(&str, bool)] = &[
    ("New", false),
    ("Working", false),
    ("Escalated", false),
    ("Closed", true),
];

struct Maker<'a> {
    catalogue: &'a Catalogue,
    shapes: Shapes,
    counters: Vec<u64>,
    rows: Vec<RowChange>,
    now: Millis,
}

impl Maker<'_> {
    fn blank(&mut self, object: ObjectIx) -> Record {
        let counter = &mut self.counters[usize::from(object.0)];
        *counter += 1;
        let shape = self.shapes.get(object);
        let mut row = Record::new(
            object,
            RecordId::new(shape.prefix.unwrap_or(KeyPrefix::of("000")), *counter),
        );
        for (field, value) in &shape.defaults {
            row.set(*field, value.clone());
        }
        for field in [shape.created, shape.modified, shape.modstamp]
            .into_iter()
            .flatten()
        {
            row.set(field, self.now.into());
        }
        for field in [shape.created_by, shape.modified_by].into_iter().flatten() {
            row.set(field, administrator().into());
        }
        row
    }

    /// Adds a row with these fields by API name; names that the catalogue lacks are left out.
    fn add(&mut self, object: ObjectIx, values: &[(&str, Value)]) -> RecordId {
        let mut row = self.blank(object);
        let def = self.catalogue.def(object);
        for (name, value) in values {
            if let Some(field) = def.field(name) {
                row.set(field, value.clone());
            }
        }
        let id = row.id;
        self.rows.push(RowChange::Insert(row));
        id
    }
}

fn text(value: &str) -> Value {
    Value::from(value)
}

/// The first batch of an org.
///
/// # Errors
/// [`Corrupt`] if the catalogue lacks an object that every org needs.
pub fn genesis(catalogue: &Catalogue, spec: &OrgSpec) -> Result<CommitBatch, Corrupt> {
    let known = Known::of(catalogue)?;
    let mut maker = Maker {
        catalogue,
        shapes: Shapes::of(catalogue),
        counters: vec![0; catalogue.each().count()],
        rows: Vec::new(),
        now: spec.now,
    };
    organization(&mut maker, &known, spec);
    let profiles = profiles(&mut maker, &known);
    users(&mut maker, &known, spec, &profiles);
    for (at, (name, is_closed)) in CASE_STATUSES.iter().enumerate() {
        maker.add(
            known.case_status.ix,
            &[
                ("ApiName", text(name)),
                ("MasterLabel", text(name)),
                ("IsClosed", (*is_closed).into()),
                ("IsDefault", (at == 0).into()),
                ("SortOrder", Value::Int(at as i64 + 1)),
            ],
        );
    }
    let config = maker.add(
        known.presence_config.ix,
        &[
            ("DeveloperName", text("Default_Presence_Configuration")),
            ("MasterLabel", text("Default Presence Configuration")),
            ("Language", text("en_US")),
            ("Capacity", Value::Int(10)),
            ("OptionsIsDeclineEnabled", true.into()),
            ("OptionsIsRequestSoundEnabled", true.into()),
        ],
    );
    maker.add(
        known.config_user.ix,
        &[
            ("PresenceUserConfigId", config.into()),
            ("UserId", administrator().into()),
        ],
    );
    let notes = notes(&maker, spec);
    Ok(CommitBatch {
        seq: 1,
        now: spec.now,
        rows: maker.rows,
        notes,
    })
}

fn organization(maker: &mut Maker<'_>, known: &Known, spec: &OrgSpec) {
    let id = maker.add(
        known.organization.ix,
        &[
            ("Name", text(&spec.name)),
            ("OrganizationType", text("Developer Edition")),
            ("InstanceName", text("TRUNKLINE")),
            ("TimeZoneSidKey", text("Europe/London")),
            ("DefaultLocaleSidKey", text("en_US")),
            ("LanguageLocaleKey", text("en_US")),
            ("DefaultCaseAccess", text("Read")),
            ("DefaultAccountAccess", text("Edit")),
            ("DefaultContactAccess", text("Edit")),
            ("DefaultLeadAccess", text("Read")),
            ("FiscalYearStartMonth", Value::Int(1)),
        ],
    );
    // the id of an org is unique beyond the org, so it comes from outside
    if let Some(RowChange::Insert(row)) = maker.rows.last_mut() {
        row.id = if spec.id.prefix() == id.prefix() {
            spec.id
        } else {
            id
        };
    }
}

fn profiles(maker: &mut Maker<'_>, known: &Known) -> Vec<RecordId> {
    let mut ids = Vec::with_capacity(PROFILES.len());
    for profile in PROFILES {
        let all: Vec<String> = maker
            .catalogue
            .def(known.profile.ix)
            .fields
            .iter()
            .filter_map(|f| f.name.strip_prefix("Permissions").map(str::to_owned))
            .collect();
        let has = |name: &str| {
            matches!(profile.access, Access::All) || profile.permissions.contains(&name)
        };
        let granted: Vec<String> = all
            .iter()
            .filter(|n| has(n))
            .map(|n| format!("Permissions{n}"))
            .collect();
        let mut values = vec![("Name", text(profile.name)), ("UserType", text("Standard"))];
        values.extend(granted.iter().map(|n| (n.as_str(), Value::Bool(true))));
        let id = maker.add(known.profile.ix, &values);
        let hidden_name = format!("X{}", id);
        let mut values = vec![
            ("Name", text(&hidden_name)),
            ("Label", text(&hidden_name)),
            ("ProfileId", id.into()),
            ("IsOwnedByProfile", true.into()),
            ("Type", text("Profile")),
        ];
        values.extend(granted.iter().map(|n| (n.as_str(), Value::Bool(true))));
        let hidden = maker.add(known.permission_set.ix, &values);
        object_permissions(maker, known, hidden, profile.access);
        ids.push(id);
    }
    ids
}

fn object_permissions(maker: &mut Maker<'_>, known: &Known, set: RecordId, access: Access) {
    let routing = ROUTING_OBJECTS.iter().map(|n| (n, true));
    for (name, is_routing) in WORK_OBJECTS.iter().map(|n| (n, false)).chain(routing) {
        let (write, delete, all) = match access {
            Access::All => (true, true, true),
            Access::Supervise => (!is_routing, false, true),
            Access::Work => (!is_routing, false, false),
            Access::Read => (false, false, false),
        };
        maker.add(
            known.object_permissions.ix,
            &[
                ("ParentId", set.into()),
                ("SobjectType", text(name)),
                ("PermissionsRead", true.into()),
                ("PermissionsCreate", write.into()),
                ("PermissionsEdit", write.into()),
                ("PermissionsDelete", delete.into()),
                ("PermissionsViewAllRecords", all.into()),
                ("PermissionsModifyAllRecords", (all && delete).into()),
            ],
        );
    }
}

fn users(maker: &mut Maker<'_>, known: &Known, spec: &OrgSpec, profiles: &[RecordId]) {
    let mut user = |username: &str, first: &str, last: &str, alias: &str, kind: &str| {
        let name = if first.is_empty() {
            last.to_owned()
        } else {
            format!("{first} {last}")
        };
        let id = maker.add(
            known.user.ix,
            &[
                ("Username", text(username)),
                ("FirstName", text(first)),
                ("LastName", text(last)),
                ("Name", text(&name)),
                ("Email", text(username)),
                ("Alias", text(alias)),
                ("CommunityNickname", text(alias)),
                ("ProfileId", Value::from(profiles.first().copied())),
                ("UserType", text(kind)),
                ("IsActive", true.into()),
                ("TimeZoneSidKey", text("Europe/London")),
                ("LocaleSidKey", text("en_US")),
                ("LanguageLocaleKey", text("en_US")),
                ("EmailEncodingKey", text("UTF-8")),
            ],
        );
        let login = [
            ("UserId", id.into()),
            ("IsFrozen", false.into()),
            ("IsPasswordLocked", false.into()),
        ];
        maker.add(known.user_login.ix, &login);
    };
    user(
        &spec.admin_username,
        "Org",
        "Administrator",
        "admin",
        "Standard",
    );
    // in whose name timers and routing write
    let system = format!("autoproc@{}", spec.id.as_15().to_lowercase());
    user(
        &system,
        "",
        "Automated Process",
        "autoproc",
        "AutomatedProcess",
    );
}

fn notes(maker: &Maker<'_>, spec: &OrgSpec) -> Vec<Note> {
    let note = |space, key: &str, value: String| Note {
        space,
        key: key.to_owned(),
        value: Some(value),
    };
    let mut notes: Vec<Note> = maker
        .catalogue
        .each()
        .filter(|(object, _)| maker.counters[usize::from(object.0)] > 0)
        .map(|(object, def)| {
            note(
                Space::Counter,
                &def.name,
                maker.counters[usize::from(object.0)].to_string(),
            )
        })
        .collect();
    notes.push(note(
        Space::Credential,
        administrator().as_15(),
        spec.password_hash.clone(),
    ));
    for name in [
        "enableOmniChannel",
        "enableOmniSkillsRouting",
        "enableOmniSecondaryRoutingPriority",
        "enableOmniStatusCapModel",
    ] {
        notes.push(note(Space::Setting, name, "true".into()));
    }
    let app = |id: &str, grants: &[&str], callbacks: &[&str]| {
        let value = json!({
            "clientId": id, "secretSha256": null, "name": id, "grants": grants, "runAs": null,
            "certificate": null, "callbacks": callbacks, "isPreauthorized": true,
        });
        note(Space::App, id, value.to_string())
    };
    notes.push(app(CONSOLE_APP, &["password", "refresh_token"], &[]));
    notes.push(app(
        CLI_APP,
        &["password", "refresh_token", "authorization_code"],
        &["http://localhost:1717/OauthRedirect"],
    ));
    for (id, value) in &spec.apps {
        notes.retain(|n| !(n.space == Space::App && n.key == *id));
        notes.push(note(Space::App, id, value.clone()));
    }
    notes
}
