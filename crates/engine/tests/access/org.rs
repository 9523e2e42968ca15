//! Random orgs: the same in the naive model, in a store, in memory and in an engine's directory.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Boot, Caller, Directory, Engine, OrgSpec, genesis};
use lang::eval::Memory;
use model::{Catalogue, CommitBatch, KeyPrefix, Meta, Millis, Record, RecordId, RowChange, Value};
use store::{Reader, Store};

use crate::naive::{Grants, Holder, Kind, Naive, Row, User};

pub const OBJECTS: [&str; 6] = [
    "Account",
    "Case",
    "CaseComment",
    "AgentWork",
    "AgentWorkShare",
    "AgentWorkSkill",
];

/// Ours begin here, after what genesis makes.
const FIRST: u64 = 5_000;

/// Numbers from a seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678_9ABC_DEF1)
    }

    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Text fields that have a token in each record.
pub fn texts(object: &str) -> &'static [&'static str] {
    match object {
        "Account" => &["Name", "AccountNumber"],
        "Case" => &["Subject", "SuppliedName"],
        "CaseComment" => &["CommentBody"],
        "AgentWork" => &["DeclineReason"],
        _ => &[],
    }
}

/// Fields whose visibility varies.
pub fn fields(object: &str) -> &'static [&'static str] {
    match object {
        "Account" => &["Name", "AccountNumber"],
        "Case" => &["Subject", "SuppliedName", "AccountId", "ParentId"],
        "CaseComment" => &["CommentBody"],
        "AgentWork" => &["DeclineReason"],
        _ => &[],
    }
}

fn token(object: &str, n: usize, field: &str) -> String {
    format!("tk{object}x{n}x{field}")
}

/// Object, number and field of a token.
pub fn parse_token(word: &str) -> Option<(&'static str, usize, String)> {
    let mut parts = word.strip_prefix("tk")?.split('x');
    let object = parts.next()?;
    let object = OBJECTS.into_iter().find(|o| *o == object)?;
    Some((
        object,
        parts.next()?.parse().ok()?,
        parts.next()?.to_owned(),
    ))
}

pub struct House {
    pub catalogue: Arc<Catalogue>,
    pub directory: Arc<Directory>,
    pub naive: Naive,
    pub memory: Memory,
    pub reader: Reader,
    pub now: Millis,
    org: RecordId,
    _store: Store,
    _folder: tempfile::TempDir,
}

impl House {
    pub fn random(dice: &mut Dice) -> Self {
        let catalogue = Arc::new(Catalogue::standard().unwrap());
        let naive = random(dice);
        let spec = OrgSpec {
            id: RecordId::new(KeyPrefix::of("00D"), 77),
            name: "Test".into(),
            admin_username: "admin@test.example".into(),
            password_hash: "hash".into(),
            apps: Vec::new(),
            now: Millis(1_750_000_000_000),
        };
        let mut batch = genesis(&catalogue, &spec).unwrap();
        let maker = Maker {
            catalogue: &catalogue,
            naive: &naive,
        };
        maker.open_or_close(&mut batch);
        batch
            .rows
            .extend(maker.rows().into_iter().map(RowChange::Insert));
        let records: Vec<Record> = batch.rows.iter().filter_map(inserted).collect();
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_sqlite(&folder.path().join("org.db"), &catalogue).unwrap();
        store.commit(&batch).unwrap();
        let boot = Boot {
            records: records.clone(),
            notes: batch.notes.clone(),
            meta: Meta {
                seq: batch.seq,
                now: batch.now,
            },
        };
        // rows of work are read when needed: a boot has configuration only
        let is_setup = |r: &Record| !OBJECTS.contains(&catalogue.def(r.object).name.as_str());
        let boot = Boot {
            records: boot.records.into_iter().filter(is_setup).collect(),
            ..boot
        };
        let engine = Engine::open(catalogue.clone(), boot).unwrap();
        Self {
            directory: engine.directory(),
            naive,
            memory: records.into_iter().collect(),
            reader: store.reader().unwrap(),
            now: spec.now,
            org: spec.id,
            catalogue,
            _store: store,
            _folder: folder,
        }
    }

    pub fn caller(&self, user: usize) -> Caller {
        let user = id("005", user);
        Caller {
            org: self.org,
            user,
            rights: self.directory.users[&user].rights.clone(),
            version: 64,
        }
    }

    pub fn record_id(&self, object: &str, n: usize) -> RecordId {
        let (_, def) = self.catalogue.find(object).unwrap();
        RecordId::new(def.prefix(), FIRST + n as u64)
    }

    pub fn id(&self, object: &str, n: usize) -> String {
        self.record_id(object, n).to_string()
    }

    /// Object and number of one of our records.
    pub fn find(&self, id: RecordId) -> (&'static str, usize) {
        let all = OBJECTS
            .into_iter()
            .flat_map(|o| (0..self.naive.count(o)).map(move |n| (o, n)));
        let mut all = all.filter(|(object, n)| self.record_id(object, *n) == id);
        all.next().expect("a record of ours")
    }

    /// The id in a reference field.
    pub fn reference(&self, object: &str, n: usize, field: &str) -> Option<&String> {
        self.naive.rows[object][n].texts.get(field)
    }
}

fn inserted(change: &RowChange) -> Option<Record> {
    match change {
        RowChange::Insert(record) => Some(record.clone()),
        _ => None,
    }
}

fn id(prefix: &str, n: usize) -> RecordId {
    RecordId::new(KeyPrefix::of(prefix), FIRST + n as u64)
}

fn random(dice: &mut Dice) -> Naive {
    let mut naive = Naive::default();
    for n in 0..1 + dice.below(5) {
        let parent = (n > 0 && !dice.one_in(4)).then(|| dice.below(n));
        naive.roles.push(parent);
    }
    for n in 0..4 {
        naive.grants.push(grants(dice, n));
    }
    for _ in 0..2 + dice.below(6) {
        let role = (!dice.one_in(4)).then(|| dice.below(naive.roles.len()));
        let mut grants = vec![dice.below(2)];
        grants.extend((2..4).filter(|_| dice.one_in(3)));
        naive.users.push(User { role, grants });
    }
    let (users, roles) = (naive.users.len(), naive.roles.len());
    for n in 0..2 + dice.below(5) {
        let kind = match dice.below(5) {
            0 | 1 => Kind::Queue,
            2 => Kind::Regular,
            3 => Kind::Role(dice.below(roles)),
            _ => Kind::RoleAndSubordinates(dice.below(roles)),
        };
        let mut members = Vec::new();
        if matches!(kind, Kind::Queue | Kind::Regular) {
            members.extend((0..dice.below(3)).map(|_| Holder::User(dice.below(users))));
            if n > 0 && dice.one_in(2) {
                members.push(Holder::Group(dice.below(n)));
            }
            members.dedup();
        }
        naive.groups.push((kind, members));
    }
    naive.public = BTreeMap::from([("Account", dice.one_in(3)), ("Case", dice.one_in(4))]);
    rows(dice, &mut naive);
    naive
}

fn grants(dice: &mut Dice, n: usize) -> Grants {
    let mut grants = Grants {
        view_all_data: dice.one_in(12),
        modify_all_data: dice.one_in(16),
        ..Grants::default()
    };
    for object in OBJECTS {
        if n < 2 || dice.one_in(3) {
            let read = !dice.one_in(5);
            grants
                .objects
                .insert(object.to_owned(), (read, read && dice.one_in(8)));
        }
        for field in fields(object) {
            // the name of an account is never guarded on the platform
            if *field != "Name" && dice.one_in(10) {
                let key = (object.to_owned(), (*field).to_owned());
                grants.fields.insert(key, !dice.one_in(4));
            }
        }
    }
    grants
}

fn holder(dice: &mut Dice, naive: &Naive, kinds: &[Kind]) -> Holder {
    let is_kind = |g: &usize| kinds.is_empty() || kinds.contains(&naive.groups[*g].0);
    let groups: Vec<usize> = (0..naive.groups.len()).filter(is_kind).collect();
    if groups.is_empty() || !dice.one_in(3) {
        Holder::User(dice.below(naive.users.len()))
    } else {
        Holder::Group(*dice.pick(&groups))
    }
}

fn rows(dice: &mut Dice, naive: &mut Naive) {
    for object in OBJECTS {
        let mut rows = Vec::new();
        for n in 0..3 + dice.below(6) {
            let mut row = Row::default();
            for field in texts(object) {
                row.texts.insert(field, token(object, n, field));
            }
            let mut refer = |dice: &mut Dice, field, to: &'static str, count: usize| {
                if count > 0 && !dice.one_in(4) {
                    row.references.insert(field, (to, dice.below(count)));
                }
            };
            match object {
                "Case" => {
                    refer(dice, "AccountId", "Account", naive.rows["Account"].len());
                    refer(dice, "ParentId", "Case", n);
                }
                "CaseComment" => refer(dice, "ParentId", "Case", naive.rows["Case"].len()),
                "AgentWorkShare" => {
                    refer(dice, "ParentId", "AgentWork", naive.rows["AgentWork"].len());
                }
                "AgentWorkSkill" => {
                    refer(
                        dice,
                        "AgentWorkId",
                        "AgentWork",
                        naive.rows["AgentWork"].len(),
                    );
                }
                _ => {}
            }
            match object {
                "Account" | "Case" | "AgentWork" => {
                    row.owner = Some(holder(dice, naive, &[Kind::Queue]));
                }
                "AgentWorkShare" => row.grantee = Some(holder(dice, naive, &[])),
                _ => {}
            }
            row.deleted = ["Account", "Case", "CaseComment"].contains(&object) && dice.one_in(6);
            rows.push(row);
        }
        naive.rows.insert(object, rows);
    }
    // ids are texts as well
    let catalogue = Catalogue::standard().unwrap();
    let ids = |object: &str, n: usize| {
        let (_, def) = catalogue.find(object).unwrap();
        RecordId::new(def.prefix(), FIRST + n as u64).to_string()
    };
    for object in OBJECTS {
        for (n, row) in naive.rows.get_mut(object).unwrap().iter_mut().enumerate() {
            row.texts.insert("Id", ids(object, n));
            for (field, (to, number)) in row.references.clone() {
                row.texts.insert(field, ids(to, number));
            }
        }
    }
}

/// The naive model as records.
struct Maker<'a> {
    catalogue: &'a Catalogue,
    naive: &'a Naive,
}

impl Maker<'_> {
    fn record(&self, object: &str, n: usize, values: &[(&str, Value)]) -> Record {
        let (ix, def) = self.catalogue.find(object).unwrap();
        let mut record = Record::new(ix, RecordId::new(def.prefix(), FIRST + n as u64));
        for (name, value) in values {
            let field = def.field(name).unwrap_or_else(|| panic!("{object}.{name}"));
            record.set(field, value.clone());
        }
        record
    }

    fn id_of(&self, object: &str, n: usize) -> RecordId {
        self.record(object, n, &[]).id
    }

    fn holder(&self, holder: Holder) -> Value {
        match holder {
            Holder::User(n) => self.id_of("User", n).into(),
            Holder::Group(n) => self.id_of("Group", n).into(),
        }
    }

    /// Organization-wide defaults.
    fn open_or_close(&self, batch: &mut CommitBatch) {
        let (organization, def) = self.catalogue.find("Organization").unwrap();
        for change in &mut batch.rows {
            if let RowChange::Insert(row) = change
                && row.object == organization
            {
                for (object, is_public) in &self.naive.public {
                    let field = def.field(&format!("Default{object}Access")).unwrap();
                    row.set(field, if *is_public { "Read" } else { "None" }.into());
                }
            }
        }
    }

    fn rows(&self) -> Vec<Record> {
        let mut all = Vec::new();
        for (n, parent) in self.naive.roles.iter().enumerate() {
            let parent = Value::from(parent.map(|p| self.id_of("UserRole", p)));
            let name = format!("Role {n}");
            let values = [("Name", name.as_str().into()), ("ParentRoleId", parent)];
            all.push(self.record("UserRole", n, &values));
        }
        self.grants(&mut all);
        self.people(&mut all);
        for object in OBJECTS {
            for (n, row) in self.naive.rows[object].iter().enumerate() {
                all.push(self.row(object, n, row));
            }
        }
        all
    }

    fn grants(&self, all: &mut Vec<Record>) {
        let mut count = 0;
        for (n, grants) in self.naive.grants.iter().enumerate() {
            let name = format!("Grants {n}");
            let flags = [
                ("PermissionsViewAllData", grants.view_all_data.into()),
                ("PermissionsModifyAllData", grants.modify_all_data.into()),
                ("Name", name.as_str().into()),
            ];
            let mut set = flags.to_vec();
            set.push(("Label", name.as_str().into()));
            if n < 2 {
                all.push(self.record("Profile", n, &flags));
                set.push(("ProfileId", self.id_of("Profile", n).into()));
                set.push(("IsOwnedByProfile", true.into()));
            }
            all.push(self.record("PermissionSet", n, &set));
            let parent = Value::from(self.id_of("PermissionSet", n));
            for (object, (read, view_all)) in &grants.objects {
                count += 1;
                let values = [
                    ("ParentId", parent.clone()),
                    ("SobjectType", object.as_str().into()),
                    ("PermissionsRead", (*read).into()),
                    ("PermissionsViewAllRecords", (*view_all).into()),
                ];
                all.push(self.record("ObjectPermissions", count, &values));
            }
            for ((object, field), read) in &grants.fields {
                count += 1;
                let values = [
                    ("ParentId", parent.clone()),
                    ("SobjectType", object.as_str().into()),
                    ("Field", format!("{object}.{field}").into()),
                    ("PermissionsRead", (*read).into()),
                ];
                all.push(self.record("FieldPermissions", count, &values));
            }
        }
    }

    fn people(&self, all: &mut Vec<Record>) {
        let mut count = 0;
        for (n, user) in self.naive.users.iter().enumerate() {
            let name = format!("user{n}@test.example");
            let role = Value::from(user.role.map(|r| self.id_of("UserRole", r)));
            let values = [
                ("Username", name.as_str().into()),
                ("LastName", name.as_str().into()),
                ("Name", name.as_str().into()),
                ("IsActive", true.into()),
                ("TimeZoneSidKey", "Europe/London".into()),
                ("ProfileId", self.id_of("Profile", user.grants[0]).into()),
                ("UserRoleId", role),
            ];
            all.push(self.record("User", n, &values));
            for set in &user.grants[1..] {
                count += 1;
                let values = [
                    ("AssigneeId", self.id_of("User", n).into()),
                    ("PermissionSetId", self.id_of("PermissionSet", *set).into()),
                ];
                all.push(self.record("PermissionSetAssignment", count, &values));
            }
        }
        for (n, (kind, members)) in self.naive.groups.iter().enumerate() {
            let (kind, role) = match kind {
                Kind::Queue => ("Queue", None),
                Kind::Regular => ("Regular", None),
                Kind::Role(role) => ("Role", Some(*role)),
                Kind::RoleAndSubordinates(role) => ("RoleAndSubordinates", Some(*role)),
            };
            let name = format!("Group{n}");
            let role = Value::from(role.map(|r| self.id_of("UserRole", r)));
            let values = [
                ("Name", name.as_str().into()),
                ("DeveloperName", name.as_str().into()),
                ("Type", kind.into()),
                ("RelatedId", role),
            ];
            all.push(self.record("Group", n, &values));
            for member in members {
                count += 1;
                let values = [
                    ("GroupId", self.id_of("Group", n).into()),
                    ("UserOrGroupId", self.holder(*member)),
                ];
                all.push(self.record("GroupMember", count, &values));
            }
        }
    }

    fn row(&self, object: &str, n: usize, row: &Row) -> Record {
        let mut values: Vec<(&str, Value)> = Vec::new();
        for field in texts(object) {
            values.push((field, row.texts[field].as_str().into()));
        }
        for (field, (to, number)) in &row.references {
            values.push((field, self.id_of(to, *number).into()));
        }
        values.extend(row.owner.map(|o| ("OwnerId", self.holder(o))));
        if let Some(grantee) = row.grantee {
            values.push(("UserOrGroupId", self.holder(grantee)));
            values.push(("AccessLevel", "Read".into()));
        }
        let mut record = self.record(object, n, &values);
        record.is_deleted = row.deleted;
        record
    }
}
