//! A tiny store in memory around an engine, with the law checked after every batch: an engine opened
//! from the committed rows equals the living one.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{
    Boot, Caller, Engine, Event, OrgSpec, PresenceRequest, Reply, Request, RowCache, SaveOp, Saved,
    Step, Submission, WorkAction, administrator, genesis,
};
use model::{
    Catalogue, Code, CommitBatch, Found, KeyPrefix, Meta, Millis, Need, Note, ObjectIx, Record,
    RecordId, Refusal, RowChange, Space, Value,
};

pub struct World {
    pub catalogue: Arc<Catalogue>,
    pub engine: Engine,
    pub rows: BTreeMap<(ObjectIx, RecordId), Record>,
    pub notes: BTreeMap<(Space, String), String>,
    pub meta: Meta,
    pub now: Millis,
    pub events: Vec<Event>,
    pub last: CommitBatch,
    pub rounds: usize,
    /// Compare with a rebuilt engine after each batch.
    pub is_strict: bool,
}

pub fn value(text: &str) -> Value {
    Value::from(text)
}

impl World {
    pub fn new() -> Self {
        Self::with(Catalogue::standard().unwrap())
    }

    pub fn with(catalogue: Catalogue) -> Self {
        let catalogue = Arc::new(catalogue);
        let spec = OrgSpec {
            id: RecordId::new(KeyPrefix::of("00D"), 77),
            name: "Test".into(),
            admin_username: "admin@test.example".into(),
            password_hash: "hash".into(),
            apps: Vec::new(),
            now: Millis::parse("2025-06-20T08:00:00Z").unwrap(),
        };
        let first = genesis(&catalogue, &spec).unwrap();
        let mut rows = BTreeMap::new();
        let mut notes = BTreeMap::new();
        apply(&mut rows, &mut notes, &first);
        let meta = Meta {
            seq: first.seq,
            now: first.now,
        };
        let engine = open(&catalogue, &rows, &notes, meta);
        Self {
            catalogue,
            engine,
            rows,
            notes,
            meta,
            now: Millis::parse("2025-06-20T09:00:00Z").unwrap(),
            events: Vec::new(),
            last: first,
            rounds: 0,
            is_strict: true,
        }
    }

    pub fn at(&mut self, clock: &str) -> &mut Self {
        self.now = Millis::parse(&format!("2025-06-20T{clock}Z")).unwrap();
        self
    }

    pub fn caller(&self, user: RecordId) -> Caller {
        let rights = self.engine.directory().users[&user].rights.clone();
        Caller {
            org: self.engine.org(),
            user,
            rights,
            version: 64,
        }
    }

    pub fn run(&mut self, batch: &[Submission]) -> Vec<Result<Reply, Refusal>> {
        let mut cache = RowCache::new();
        self.load(&mut cache, self.engine.needs(batch));
        self.rounds = 0;
        let outcome = loop {
            match self.engine.run(batch, &cache, self.now) {
                Step::Need(needs) => {
                    self.rounds += 1;
                    assert!(self.rounds < 100, "asks without end: {needs:?}");
                    self.load(&mut cache, needs);
                }
                Step::Done(outcome) => break outcome,
            }
        };
        apply(&mut self.rows, &mut self.notes, &outcome.commit);
        self.meta = Meta {
            seq: outcome.commit.seq,
            now: outcome.commit.now,
        };
        self.last = outcome.commit;
        self.events.extend(outcome.events);
        if self.is_strict {
            self.check_law();
        }
        outcome.replies
    }

    pub fn check_law(&self) {
        let other = open(&self.catalogue, &self.rows, &self.notes, self.meta);
        let (live, rebuilt) = (self.engine.fingerprint(), other.fingerprint());
        for (a, b) in live.iter().zip(&rebuilt) {
            assert_eq!(a, b, "live against rebuilt");
        }
        assert_eq!(live.len(), rebuilt.len());
        assert_eq!(self.engine.check_invariants(), Vec::<String>::new());
    }

    fn load(&self, cache: &mut RowCache, needs: Vec<Need>) {
        for need in needs {
            let found = match &need {
                Need::Row(object, id) => Found::Row(self.rows.get(&(*object, *id)).cloned()),
                Need::Match(object, field, wanted) => {
                    let same = |r: &&Record| match (r.get(*field), wanted) {
                        (Value::Text(a), Value::Text(b)) => a.to_lowercase() == b.to_lowercase(),
                        (a, b) => a == b,
                    };
                    let rows = self
                        .rows
                        .values()
                        .filter(|r| r.object == *object && !r.is_deleted);
                    Found::Match(rows.filter(same).cloned().collect())
                }
                Need::Note(space, key) => {
                    Found::Note(self.notes.get(&(*space, key.clone())).cloned())
                }
            };
            cache.add(need, found);
        }
    }

    pub fn submit(&mut self, user: RecordId, request: Request) -> Result<Reply, Refusal> {
        let submission = Submission {
            caller: self.caller(user),
            command_id: None,
            request,
        };
        self.run(&[submission]).remove(0)
    }

    pub fn save_as(
        &mut self,
        user: RecordId,
        ops: Vec<SaveOp>,
        all_or_none: bool,
    ) -> Vec<Result<Saved, Refusal>> {
        match self.submit(user, Request::Save { ops, all_or_none }) {
            Ok(Reply::Saved(results)) => results,
            other => panic!("{other:?}"),
        }
    }

    pub fn op(&self, object: &str, values: &[(&str, Value)]) -> SaveOp {
        let (object, values) = self.values(object, values);
        SaveOp::Create { object, values }
    }

    pub fn update_op(&self, id: RecordId, values: &[(&str, Value)]) -> SaveOp {
        let name = self.catalogue.name_of(id).unwrap().to_owned();
        let (object, values) = self.values(&name, values);
        SaveOp::Update { object, id, values }
    }

    pub fn values(
        &self,
        object: &str,
        values: &[(&str, Value)],
    ) -> (ObjectIx, Vec<(model::FieldIx, Value)>) {
        let (ix, def) = self.catalogue.find(object).unwrap();
        let field = |name: &str| def.field(name).unwrap_or_else(|| panic!("{object}.{name}"));
        (
            ix,
            values.iter().map(|(n, v)| (field(n), v.clone())).collect(),
        )
    }

    pub fn try_create(
        &mut self,
        object: &str,
        values: &[(&str, Value)],
    ) -> Result<RecordId, Refusal> {
        let op = self.op(object, values);
        self.save_as(administrator(), vec![op], false)
            .remove(0)
            .map(|s| s.id)
    }

    pub fn create(&mut self, object: &str, values: &[(&str, Value)]) -> RecordId {
        self.try_create(object, values)
            .unwrap_or_else(|r| panic!("{object}: {r}"))
    }

    pub fn try_update(&mut self, id: RecordId, values: &[(&str, Value)]) -> Result<(), Refusal> {
        let op = self.update_op(id, values);
        self.save_as(administrator(), vec![op], false)
            .remove(0)
            .map(drop)
    }

    pub fn update(&mut self, id: RecordId, values: &[(&str, Value)]) {
        self.try_update(id, values)
            .unwrap_or_else(|r| panic!("{id}: {r}"));
    }

    pub fn try_delete(&mut self, id: RecordId) -> Result<(), Refusal> {
        let object = self.catalogue.object_of(id).unwrap();
        self.save_as(administrator(), vec![SaveOp::Delete { object, id }], false)
            .remove(0)
            .map(drop)
    }

    pub fn refused(&mut self, object: &str, values: &[(&str, Value)], code: Code, fields: &[&str]) {
        let refusal = self
            .try_create(object, values)
            .expect_err("must be refused");
        assert_eq!(
            (refusal.code, refusal.fields),
            (code, fields.iter().map(|f| (*f).to_owned()).collect())
        );
    }

    pub fn row(&self, id: RecordId) -> Option<&Record> {
        self.rows.get(&(self.catalogue.object_of(id)?, id))
    }

    pub fn get(&self, id: RecordId, field: &str) -> Value {
        let row = self.row(id).unwrap_or_else(|| panic!("no row {id}"));
        let def = self.catalogue.def(row.object);
        row.get(def.field(field).unwrap_or_else(|| panic!("{field}")))
            .clone()
    }

    /// Sets an organization-wide default, which no client can write, and opens the engine anew.
    pub fn default_access(&mut self, object: &str, level: &str) {
        let (ix, def) = self.catalogue.find("Organization").unwrap();
        let field = def.field(&format!("Default{object}Access")).unwrap();
        let key = (ix, self.engine.org());
        self.rows.get_mut(&key).unwrap().set(field, value(level));
        self.engine = open(&self.catalogue, &self.rows, &self.notes, self.meta);
    }

    /// The process dies and starts again.
    /// The process dies and starts again.
    pub fn restart(&mut self) {
        self.engine = open(&self.catalogue, &self.rows, &self.notes, self.meta);
    }

    pub fn text(&self, id: RecordId, field: &str) -> String {
        self.get(id, field).as_text().unwrap_or_default().to_owned()
    }

    /// Live rows of an object in which a field has a value.
    pub fn find(&self, object: &str, field: &str, wanted: impl Into<Value>) -> Vec<RecordId> {
        let (ix, def) = self.catalogue.find(object).unwrap();
        let (field, wanted) = (def.field(field).unwrap(), wanted.into());
        let rows = self
            .rows
            .values()
            .filter(|r| r.object == ix && !r.is_deleted);
        rows.filter(|r| *r.get(field) == wanted)
            .map(|r| r.id)
            .collect()
    }

    pub fn set_status(&mut self, user: RecordId, status: RecordId) -> Result<Reply, Refusal> {
        self.submit(user, Request::Presence(PresenceRequest::SetStatus(status)))
    }

    pub fn logout(&mut self, user: RecordId) {
        self.submit(user, Request::Presence(PresenceRequest::Logout))
            .unwrap();
    }

    pub fn act(
        &mut self,
        user: RecordId,
        work: RecordId,
        action: WorkAction,
    ) -> Result<Reply, Refusal> {
        self.submit(user, Request::Work { work, action })
    }

    pub fn tick(&mut self) {
        self.run(&[]);
    }
}

fn open(
    catalogue: &Arc<Catalogue>,
    rows: &BTreeMap<(ObjectIx, RecordId), Record>,
    notes: &BTreeMap<(Space, String), String>,
    meta: Meta,
) -> Engine {
    let needs = Engine::boot_needs(catalogue).unwrap();
    let wanted = |row: &&Record| {
        !row.is_deleted
            && needs.scans.iter().any(|scan| {
                scan.object == row.object
                    && scan
                        .only
                        .as_ref()
                        .is_none_or(|(field, values)| values.contains(row.get(*field)))
            })
    };
    let notes = notes
        .iter()
        .filter(|((space, _), _)| needs.spaces.contains(space));
    let notes = notes.map(|((space, key), v)| Note {
        space: *space,
        key: key.clone(),
        value: Some(v.clone()),
    });
    let boot = Boot {
        records: rows.values().filter(wanted).cloned().collect(),
        notes: notes.collect(),
        meta,
    };
    Engine::open(catalogue.clone(), boot).unwrap()
}

fn apply(
    rows: &mut BTreeMap<(ObjectIx, RecordId), Record>,
    notes: &mut BTreeMap<(Space, String), String>,
    batch: &CommitBatch,
) {
    let mut seen = std::collections::BTreeSet::new();
    for change in &batch.rows {
        let key = change.key();
        assert!(seen.insert(key), "two changes of {key:?}");
        match change {
            RowChange::Insert(row) => {
                assert!(rows.insert(key, row.clone()).is_none(), "{key:?} was there")
            }
            RowChange::Update { sets, .. } => rows
                .get_mut(&key)
                .unwrap_or_else(|| panic!("{key:?}"))
                .apply(sets),
            RowChange::SetDeleted { sets, deleted, .. } => {
                let row = rows.get_mut(&key).unwrap();
                row.apply(sets);
                row.is_deleted = *deleted;
            }
            RowChange::Remove { .. } => {
                drop(rows.remove(&key).unwrap_or_else(|| panic!("{key:?}")))
            }
        }
    }
    for note in &batch.notes {
        let key = (note.space, note.key.clone());
        match &note.value {
            Some(value) => drop(notes.insert(key, value.clone())),
            None => drop(notes.remove(&key)),
        }
    }
}

/// An org with channel, statuses and one queue of cases, as the common setting of routing.md 12.
pub struct Center {
    pub channel: RecordId,
    pub status: RecordId,
    pub busy: RecordId,
    pub config: RecordId,
    pub queue: RecordId,
    pub presence: RecordId,
    pub agents: Vec<RecordId>,
}

impl World {
    pub fn agent(&mut self, name: &str) -> RecordId {
        let profile = self.find("Profile", "Name", "Contact Center Agent")[0];
        self.create(
            "User",
            &[
                ("Username", value(&format!("{name}@test.example"))),
                ("LastName", value(name)),
                ("Email", value(&format!("{name}@test.example"))),
                ("Alias", value(&name.chars().take(8).collect::<String>())),
                ("TimeZoneSidKey", value("Europe/London")),
                ("LocaleSidKey", value("en_US")),
                ("EmailEncodingKey", value("UTF-8")),
                ("LanguageLocaleKey", value("en_US")),
                ("ProfileId", profile.into()),
            ],
        )
    }

    /// Gives a status to all agents of the profile.
    pub fn allow(&mut self, status: RecordId) {
        let profile = self.find("Profile", "Name", "Contact Center Agent")[0];
        let set = self.find("PermissionSet", "ProfileId", profile)[0];
        self.create(
            "SetupEntityAccess",
            &[("ParentId", set.into()), ("SetupEntityId", status.into())],
        );
    }

    pub fn center(&mut self, agents: &[&str]) -> Center {
        let channel = self.create(
            "ServiceChannel",
            &[
                ("MasterLabel", value("Cases")),
                ("DeveloperName", value("Cases")),
                ("RelatedEntity", value("Case")),
            ],
        );
        let status = self.create(
            "ServicePresenceStatus",
            &[("MasterLabel", value("Online Cases"))],
        );
        let busy = self.create("ServicePresenceStatus", &[("MasterLabel", value("Break"))]);
        self.create(
            "ServiceChannelStatus",
            &[
                ("ServiceChannelId", channel.into()),
                ("ServicePresenceStatusId", status.into()),
            ],
        );
        self.allow(status);
        self.allow(busy);
        let config = self.create(
            "QueueRoutingConfig",
            &[
                ("MasterLabel", value("CFG")),
                ("RoutingModel", value("MostAvailable")),
                ("RoutingPriority", Value::Int(1)),
                ("CapacityWeight", Value::Double(2.0)),
            ],
        );
        let queue = self.create(
            "Group",
            &[
                ("Name", value("Q")),
                ("Type", value("Queue")),
                ("QueueRoutingConfigId", config.into()),
            ],
        );
        self.create(
            "QueueSobject",
            &[("QueueId", queue.into()), ("SobjectType", value("Case"))],
        );
        let presence = self.create(
            "PresenceUserConfig",
            &[
                ("MasterLabel", value("Agents")),
                ("Capacity", Value::Int(6)),
                ("OptionsIsDeclineEnabled", true.into()),
                ("OptionsIsDeclineReasonEnabled", true.into()),
            ],
        );
        let agents: Vec<RecordId> = agents.iter().map(|name| self.agent(name)).collect();
        for agent in &agents {
            self.create(
                "PresenceUserConfigUser",
                &[
                    ("PresenceUserConfigId", presence.into()),
                    ("UserId", (*agent).into()),
                ],
            );
            self.create(
                "GroupMember",
                &[
                    ("GroupId", queue.into()),
                    ("UserOrGroupId", (*agent).into()),
                ],
            );
        }
        Center {
            channel,
            status,
            busy,
            config,
            queue,
            presence,
            agents,
        }
    }

    pub fn case(&mut self, owner: RecordId) -> RecordId {
        self.create(
            "Case",
            &[("Subject", value("Help")), ("OwnerId", owner.into())],
        )
    }

    pub fn works(&self, item: RecordId) -> Vec<RecordId> {
        self.find("AgentWork", "WorkItemId", item)
    }

    pub fn request(&self, item: RecordId) -> Option<RecordId> {
        self.find("PendingServiceRouting", "WorkItemId", item)
            .first()
            .copied()
    }
}
