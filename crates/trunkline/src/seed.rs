//! Fills an org through ordinary commands, as an administrator would.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use engine::{Asked, Caller, Reply, Request, SaveOp, Submission};
use model::{Catalogue, FieldIx, KeyPrefix, Note, ObjectIx, RecordId, Space, Value};
use node::OrgHandle;

/// Rows of one command: the most that the engine takes from its own loaders.
const ROWS_MAX: usize = 2_000;

/// Number of the profile "Contact Center Agent", which every org starts with.
const AGENT_PROFILE: u64 = 4;

/// Fields of a new row, by API name.
pub type Fields = Vec<(&'static str, Value)>;

/// Acts as one administrator of one org.
pub struct Seeder {
    org: OrgHandle,
    caller: Caller,
    catalogue: Arc<Catalogue>,
}

impl Seeder {
    pub fn new(org: &OrgHandle, username: &str) -> Result<Self> {
        let user = org
            .user(username)
            .with_context(|| format!("no user {username}"))?;
        let caller = Caller {
            org: org.id(),
            user: user.id,
            rights: Arc::clone(&user.rights),
            version: 64,
        };
        Ok(Self {
            org: org.clone(),
            caller,
            catalogue: org.catalogue(),
        })
    }

    /// The administrator.
    pub fn user(&self) -> RecordId {
        self.caller.user
    }

    /// One row.
    pub async fn create(&self, object: &str, fields: Fields) -> Result<RecordId> {
        let made = self.create_all(object, vec![fields]).await?;
        made.first().copied().context("no row was made")
    }

    /// Many rows, in order.
    pub async fn create_all(&self, object: &str, rows: Vec<Fields>) -> Result<Vec<RecordId>> {
        let mut made = Vec::with_capacity(rows.len());
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let ops = rows.by_ref().take(ROWS_MAX).map(|row| self.op(object, row));
            made.extend(self.save(object, ops.collect::<Result<_>>()?).await?);
        }
        Ok(made)
    }

    /// New values of a row.
    pub async fn update(&self, object: &str, id: RecordId, fields: Fields) -> Result<()> {
        let (object_ix, values) = self.typed(object, fields)?;
        let op = SaveOp::Update {
            object: object_ix,
            id,
            values,
        };
        self.save(object, vec![op]).await.map(drop)
    }

    fn op(&self, object: &str, row: Fields) -> Result<SaveOp> {
        let (object, values) = self.typed(object, row)?;
        Ok(SaveOp::Create { object, values })
    }

    fn typed(&self, object: &str, row: Fields) -> Result<(ObjectIx, Vec<(FieldIx, Value)>)> {
        let found = self.catalogue.find(object);
        let (ix, def) = found.with_context(|| format!("no object {object}"))?;
        let field = |(name, value): (&str, Value)| {
            let field = def.field(name);
            let field = field.with_context(|| format!("no field {object}.{name}"))?;
            Ok((field, value))
        };
        Ok((ix, row.into_iter().map(field).collect::<Result<_>>()?))
    }

    async fn save(&self, object: &str, ops: Vec<SaveOp>) -> Result<Vec<RecordId>> {
        let request = Request::Save {
            ops,
            all_or_none: true,
        };
        let submission = Submission {
            caller: self.caller.clone(),
            command_id: None,
            request,
        };
        let Reply::Saved(results) = self.org.submit(submission).await? else {
            bail!("an unexpected answer to {object}");
        };
        let saved = results
            .into_iter()
            .map(|result| result.map(|saved| saved.id));
        saved
            .collect::<Result<_, _>>()
            .with_context(|| format!("cannot create {object}"))
    }

    /// The first row that a query finds.
    pub async fn find(&self, soql: &str) -> Result<RecordId> {
        let asked = Asked {
            caller: &self.caller,
            now: self.org.now(),
            all_rows: false,
        };
        let plan = engine::plan_query(&self.catalogue, &self.org.directory(), &asked, soql)?;
        let answer = self.org.query(self.caller.user, plan, 1).await?;
        let id = answer.rows.first().and_then(|row| row.id);
        id.with_context(|| format!("nothing found by {soql}"))
    }

    /// The same password hash for many users.
    pub async fn passwords(&self, users: &[RecordId], hash: &str) -> Result<()> {
        let note = |user: &RecordId| Note {
            space: Space::Credential,
            key: user.as_15().to_owned(),
            value: Some(hash.to_owned()),
        };
        let request = Request::Notes(users.iter().map(note).collect());
        let submission = Submission {
            caller: self.caller.clone(),
            command_id: None,
            request,
        };
        self.org.submit(submission).await?;
        Ok(())
    }

    /// A service channel for an object.
    pub async fn channel(&self, label: &str, object: &str) -> Result<RecordId> {
        let fields = vec![
            ("DeveloperName", developer_name(label).into()),
            ("MasterLabel", label.into()),
            ("RelatedEntity", object.into()),
        ];
        self.create("ServiceChannel", fields).await
    }

    /// A presence status; one without channels is a busy one.
    pub async fn status(&self, label: &str, channels: &[RecordId]) -> Result<RecordId> {
        let fields = vec![
            ("DeveloperName", developer_name(label).into()),
            ("MasterLabel", label.into()),
        ];
        let status = self.create("ServicePresenceStatus", fields).await?;
        let link = |channel: &RecordId| {
            vec![
                ("ServiceChannelId", (*channel).into()),
                ("ServicePresenceStatusId", status.into()),
            ]
        };
        self.create_all("ServiceChannelStatus", channels.iter().map(link).collect())
            .await?;
        Ok(status)
    }

    /// A queue for these objects.
    pub async fn queue(&self, name: &str, routing: RecordId, objects: &[&str]) -> Result<RecordId> {
        let fields = vec![
            ("Type", "Queue".into()),
            ("Name", name.into()),
            ("DeveloperName", developer_name(name).into()),
            ("QueueRoutingConfigId", routing.into()),
        ];
        let queue = self.create("Group", fields).await?;
        let link =
            |object: &&str| vec![("QueueId", queue.into()), ("SobjectType", (*object).into())];
        self.create_all("QueueSobject", objects.iter().map(link).collect())
            .await?;
        Ok(queue)
    }

    /// A permission set for agents: API, these statuses, reading and editing these objects.
    pub async fn agent_access(
        &self,
        label: &str,
        statuses: &[RecordId],
        objects: &[&str],
    ) -> Result<RecordId> {
        let fields = vec![
            ("Name", format!("{}_Agent", developer_name(label)).into()),
            ("Label", format!("{label} agent").into()),
            ("PermissionsApiEnabled", true.into()),
        ];
        let access = self.create("PermissionSet", fields).await?;
        let grant = |status: &RecordId| {
            vec![
                ("ParentId", access.into()),
                ("SetupEntityId", (*status).into()),
            ]
        };
        self.create_all("SetupEntityAccess", statuses.iter().map(grant).collect())
            .await?;
        let allow = |object: &&str| {
            vec![
                ("ParentId", access.into()),
                ("SobjectType", (*object).into()),
                ("PermissionsRead", true.into()),
                ("PermissionsEdit", true.into()),
            ]
        };
        self.create_all("ObjectPermissions", objects.iter().map(allow).collect())
            .await?;
        Ok(access)
    }

    /// Users with this permission set; names are (first, last), the user name is made of them.
    pub async fn agents(
        &self,
        names: &[(String, String)],
        domain: &str,
        access: RecordId,
    ) -> Result<Vec<RecordId>> {
        let rows = names.iter().map(|(first, last)| user(first, last, domain));
        let users = self.create_all("User", rows.collect()).await?;
        let assign = |user: &RecordId| {
            vec![
                ("AssigneeId", (*user).into()),
                ("PermissionSetId", access.into()),
            ]
        };
        self.create_all(
            "PermissionSetAssignment",
            users.iter().map(assign).collect(),
        )
        .await?;
        Ok(users)
    }
}

/// The user name of a person.
pub fn username(first: &str, last: &str, domain: &str) -> String {
    format!("{first}.{last}@{domain}")
        .to_lowercase()
        .replace(' ', "")
}

fn user(first: &str, last: &str, domain: &str) -> Fields {
    let name = username(first, last, domain);
    let alias: String = format!("{}{last}", first.chars().next().unwrap_or('x')).to_lowercase();
    vec![
        ("FirstName", first.into()),
        ("LastName", last.into()),
        ("Username", name.clone().into()),
        ("Email", name.into()),
        (
            "Alias",
            alias
                .replace(' ', "")
                .chars()
                .take(8)
                .collect::<String>()
                .into(),
        ),
        (
            "ProfileId",
            RecordId::new(KeyPrefix::of("00e"), AGENT_PROFILE).into(),
        ),
        ("TimeZoneSidKey", "Europe/Berlin".into()),
        ("LocaleSidKey", "en_US".into()),
        ("LanguageLocaleKey", "en_US".into()),
        ("EmailEncodingKey", "UTF-8".into()),
        ("IsActive", true.into()),
    ]
}

/// Letters, digits and single underscores.
pub fn developer_name(label: &str) -> String {
    let words = label
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_the_platform() {
        assert_eq!(
            developer_name("Available for Cases!"),
            "Available_for_Cases"
        );
        assert_eq!(
            username("Mara", "van Dijk", "harborline.example"),
            "mara.vandijk@harborline.example"
        );
    }
}
