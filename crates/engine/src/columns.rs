//! Between routing's typed rows and the catalogue's columns: two tables, made once.

use model::{Catalogue, FieldIx, ObjectIx, Record, Value};
use routing::{PresenceField, RequestField, RequirementField, WorkField, WorkSkillField};

use crate::Corrupt;
use crate::known::Known;

/// Where each of routing's columns lies in its object.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    request: Vec<FieldIx>,
    work: Vec<FieldIx>,
    presence: Vec<FieldIx>,
    requirement: Vec<FieldIx>,
    skill: Vec<FieldIx>,
    pub skill_object: ObjectIx,
    last_declined: FieldIx,
}

impl Columns {
    pub fn of(catalogue: &Catalogue, known: &Known) -> Result<Self, Corrupt> {
        let places = |object: &str, names: Vec<&'static str>| -> Result<Vec<FieldIx>, Corrupt> {
            let (_, def) = catalogue
                .find(object)
                .ok_or_else(|| Corrupt::missing(object, ""))?;
            names
                .into_iter()
                .map(|n| def.field(n).ok_or_else(|| Corrupt::missing(object, n)))
                .collect()
        };
        Ok(Self {
            request: places(
                "PendingServiceRouting",
                RequestField::ALL.iter().map(|f| f.as_str()).collect(),
            )?,
            work: places(
                "AgentWork",
                WorkField::ALL.iter().map(|f| f.as_str()).collect(),
            )?,
            presence: places(
                "UserServicePresence",
                PresenceField::ALL.iter().map(|f| f.as_str()).collect(),
            )?,
            requirement: places(
                "SkillRequirement",
                RequirementField::ALL.iter().map(|f| f.as_str()).collect(),
            )?,
            skill: places(
                "AgentWorkSkill",
                WorkSkillField::ALL.iter().map(|f| f.as_str()).collect(),
            )?,
            skill_object: catalogue
                .object("AgentWorkSkill")
                .ok_or_else(|| Corrupt::missing("AgentWorkSkill", ""))?,
            last_declined: known.request.last_declined,
        })
    }

    pub fn request(&self, field: RequestField) -> FieldIx {
        self.request[field as usize]
    }

    pub fn work(&self, field: WorkField) -> FieldIx {
        self.work[field as usize]
    }

    pub fn presence(&self, field: PresenceField) -> FieldIx {
        self.presence[field as usize]
    }

    pub fn requirement(&self, field: RequirementField) -> FieldIx {
        self.requirement[field as usize]
    }

    pub fn skill(&self, field: WorkSkillField) -> FieldIx {
        self.skill[field as usize]
    }

    /// The column of a request that a client names, if routing keeps it.
    pub fn request_field(&self, field: FieldIx) -> Option<RequestField> {
        let at = self.request.iter().position(|f| *f == field)?;
        RequestField::ALL.get(at).copied()
    }

    /// The column of work that a client names, if routing keeps it.
    pub fn work_field(&self, field: FieldIx) -> Option<WorkField> {
        let at = self.work.iter().position(|f| *f == field)?;
        WorkField::ALL.get(at).copied()
    }

    /// A value of routing as clients see it: a session id is text to them.
    pub fn request_value(&self, field: FieldIx, value: Value) -> Value {
        match value {
            Value::Id(id) if field == self.last_declined => Value::from(id.to_string()),
            other => other,
        }
    }

    pub fn read_request(&self, row: &Record) -> routing::PendingServiceRouting {
        routing::PendingServiceRouting::read(row.id, |f| row.get(self.request(f)))
    }

    pub fn read_work(&self, row: &Record) -> routing::AgentWork {
        routing::AgentWork::read(row.id, |f| row.get(self.work(f)))
    }

    pub fn read_presence(&self, row: &Record) -> routing::UserServicePresence {
        routing::UserServicePresence::read(row.id, |f| row.get(self.presence(f)))
    }

    pub fn read_requirement(&self, row: &Record) -> routing::SkillRequirement {
        routing::SkillRequirement::read(row.id, |f| row.get(self.requirement(f)))
    }
}
