//! Harborline: its queues, people, phone and log-ins.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use model::{RecordId, Value};
use node::{App, Node, OrgHandle, OrgSpec, hash_password};

use crate::seed::{Fields, Seeder, developer_name, username};
use crate::serve::{GRANTS, new_password};

pub const ORG: &str = "Harborline";
pub const DOMAIN: &str = "harborline.example";
pub const CLIENT_ID: &str = "harborline-api";
pub const CENTER: &str = "HarborVoice";
/// People who use the console; beside the simulated ones.
pub const FREE: [(&str, &str); 3] = [("Robin", "Hale"), ("Noor", "Haddad"), ("Tomas", "Lind")];
const SUPERVISOR: (&str, &str) = ("Ines", "Moreau");
const SIMULATED: [(&str, &str); 16] = [
    ("Ada", "Okafor"),
    ("Ben", "Castellan"),
    ("Chidi", "Umar"),
    ("Dana", "Whitlock"),
    ("Emre", "Yildiz"),
    ("Freya", "Nilsson"),
    ("Goro", "Tanabe"),
    ("Hana", "Kowalska"),
    ("Ivo", "Petrov"),
    ("Jade", "Fontaine"),
    ("Kofi", "Mensah"),
    ("Lena", "Vogel"),
    ("Mateo", "Ruiz"),
    ("Nia", "Caldwell"),
    ("Omar", "Sayegh"),
    ("Priya", "Raman"),
];

/// A queue: name, routing configuration, object, label on the status board.
struct QueuePlan {
    name: &'static str,
    routing: &'static str,
    object: &'static str,
}

const QUEUES: [QueuePlan; 5] = [
    QueuePlan {
        name: "Billing",
        routing: "Standard",
        object: "Case",
    },
    QueuePlan {
        name: "Technical Support",
        routing: "Standard",
        object: "Case",
    },
    QueuePlan {
        name: "Returns",
        routing: "Standard",
        object: "Case",
    },
    QueuePlan {
        name: "VIP",
        routing: "VIP",
        object: "Case",
    },
    QueuePlan {
        name: "Phone",
        routing: "Phone",
        object: "VoiceCall",
    },
];

/// One person's log-in.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub username: String,
}

/// The running demo org.
pub struct Harborline {
    pub org_id: RecordId,
    pub password: String,
    pub client_secret: String,
    pub admin: String,
    pub supervisor: String,
    pub free: Vec<Person>,
    pub simulated: Vec<Person>,
    pub key_file: PathBuf,
    pub key_pem: String,
    pub folder: PathBuf,
}

/// What opens the demo; kept in its folder, so that a kept demo opens with the same password.
#[derive(serde::Serialize, serde::Deserialize)]
struct Doors {
    password: String,
    client_secret: String,
}

impl Doors {
    fn of(folder: &Path) -> Result<Self> {
        let path = folder.join("demo.json");
        let kept = std::fs::read(&path).ok();
        let kept: Option<Self> = kept.and_then(|text| serde_json::from_slice(&text).ok());
        let mut doors = match kept {
            Some(doors) => doors,
            None => Self {
                password: new_password()?,
                client_secret: node::random(32).context("no random numbers")?,
            },
        };
        if let Ok(password) = std::env::var("TRUNKLINE_ADMIN_PASSWORD")
            && !password.is_empty()
        {
            doors.password = password;
        }
        doors.keep(&path)?;
        Ok(doors)
    }

    /// For the owner's eyes only.
    fn keep(&self, path: &Path) -> Result<()> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(path);
        let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
        file.write_all(&serde_json::to_vec(self)?)?;
        Ok(())
    }
}

impl Harborline {
    /// Opens the org, or makes it if the folder is empty.
    pub async fn open(node: &Node, folder: &Path, agents: usize) -> Result<Self> {
        let Doors {
            password,
            client_secret,
        } = Doors::of(folder)?;
        let admin = format!("admin@{DOMAIN}");
        let key_file = folder.join("harborvoice-key.pem");
        let org = match node.org(None) {
            Some(org) => org,
            None => found(node, folder, &admin, &password).await?,
        };
        let demo = Self {
            org_id: org.id(),
            supervisor: username(SUPERVISOR.0, SUPERVISOR.1, DOMAIN),
            free: people(&org, &FREE),
            simulated: people(&org, &SIMULATED[..agents.min(SIMULATED.len())]),
            key_pem: std::fs::read_to_string(&key_file)
                .with_context(|| format!("cannot read {}", key_file.display()))?,
            password,
            client_secret,
            admin,
            key_file,
            folder: folder.to_owned(),
        };
        demo.open_doors(&org).await?;
        Ok(demo)
    }

    /// Everybody's password and the client secret are those of the banner.
    async fn open_doors(&self, org: &OrgHandle) -> Result<()> {
        let seeder = Seeder::new(org, &self.admin)?;
        let hash = hash_password(&self.password).context("no random numbers")?;
        let mut users: Vec<RecordId> = org.directory().users.keys().copied().collect();
        users.retain(|user| {
            org.directory()
                .users
                .get(user)
                .is_some_and(|u| u.username.ends_with(DOMAIN))
        });
        seeder.passwords(&users, &hash).await?;
        org.put_app(&App {
            client_id: CLIENT_ID.to_owned(),
            name: "Harborline API".to_owned(),
            secret_sha256: Some(node::hash_hex(&self.client_secret)),
            grants: GRANTS.map(str::to_owned).to_vec(),
            run_as: Some(seeder.user().to_string()),
            is_preauthorized: true,
            ..App::default()
        })
        .await?;
        Ok(())
    }
}

fn people(org: &OrgHandle, names: &[(&str, &str)]) -> Vec<Person> {
    let person = |(first, last): &(&str, &str)| {
        let username = username(first, last, DOMAIN);
        org.user(&username)?;
        Some(Person {
            name: format!("{first} {last}"),
            username,
        })
    };
    names.iter().filter_map(person).collect()
}

async fn found(node: &Node, folder: &Path, admin: &str, password: &str) -> Result<OrgHandle> {
    let org = node.create_org(OrgSpec {
        name: ORG.to_owned(),
        admin_username: admin.to_owned(),
        admin_password: password.to_owned(),
        apps: Vec::new(),
    })?;
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)?;
    let certificate =
        rcgen::CertificateParams::new(vec![CENTER.to_lowercase()])?.self_signed(&key)?;
    std::fs::write(folder.join("harborvoice-key.pem"), key.serialize_pem())
        .context("cannot write the phone's key")?;
    let seeder = Seeder::new(&org, admin)?;
    Builder { seeder }.build(&certificate.pem()).await?;
    Ok(org)
}

struct Builder {
    seeder: Seeder,
}

struct Statuses {
    all: Vec<RecordId>,
    missed: RecordId,
}

impl Builder {
    async fn build(&self, certificate: &str) -> Result<()> {
        let s = &self.seeder;
        let cases = s.channel("Cases", "Case").await?;
        let phone = s.channel("Phone", "VoiceCall").await?;
        let statuses = self.statuses(cases, phone).await?;
        let access = s
            .agent_access(ORG, &statuses.all, &["Case", "VoiceCall"])
            .await?;
        let names = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter()
                .map(|(first, last)| ((*first).to_owned(), (*last).to_owned()))
                .collect()
        };
        let simulated = s.agents(&names(&SIMULATED), DOMAIN, access).await?;
        let free = s.agents(&names(&FREE), DOMAIN, access).await?;
        let supervisor = s.agents(&names(&[SUPERVISOR]), DOMAIN, access).await?;
        self.supervise(&supervisor).await?;
        let everybody: Vec<RecordId> = simulated
            .iter()
            .chain(&free)
            .chain(&supervisor)
            .copied()
            .collect();
        self.presence(statuses.missed, &everybody).await?;
        let queues = self.queues().await?;
        self.teams(&queues, &simulated, &free).await?;
        self.telephone(certificate, queues[4], &everybody).await
    }

    async fn statuses(&self, cases: RecordId, phone: RecordId) -> Result<Statuses> {
        let s = &self.seeder;
        let all = vec![
            s.status("Available", &[cases, phone]).await?,
            s.status("Available for Cases", &[cases]).await?,
            s.status("Available for Calls", &[phone]).await?,
            s.status("Break", &[]).await?,
            s.status("Lunch", &[]).await?,
            s.status("Missed", &[]).await?,
        ];
        let missed = all[5];
        Ok(Statuses { all, missed })
    }

    /// What an agent can carry, and what may be said when declining.
    async fn presence(&self, missed: RecordId, users: &[RecordId]) -> Result<()> {
        let s = &self.seeder;
        let fields = labelled(
            "Service Desk",
            vec![
                ("Capacity", Value::Double(10.0)),
                ("OptionsIsDeclineEnabled", true.into()),
                ("OptionsIsDeclineReasonEnabled", true.into()),
                ("OptionsIsRequestSoundEnabled", true.into()),
                ("PresenceStatusOnPushTimeoutId", missed.into()),
            ],
        );
        let config = s.create("PresenceUserConfig", fields).await?;
        let member = |user: &RecordId| {
            vec![
                ("PresenceUserConfigId", config.into()),
                ("UserId", (*user).into()),
            ]
        };
        s.create_all("PresenceUserConfigUser", users.iter().map(member).collect())
            .await?;
        for reason in [
            "Not my subject",
            "Finishing something else",
            "Needs another language",
        ] {
            let reason = s
                .create("PresenceDeclineReason", labelled(reason, Vec::new()))
                .await?;
            let link = vec![
                ("PresenceUserConfigId", config.into()),
                ("PresenceDeclineReasonId", reason.into()),
            ];
            s.create("PresenceConfigDeclineReason", link).await?;
        }
        Ok(())
    }

    async fn queues(&self) -> Result<Vec<RecordId>> {
        let routing = |label, priority: i64, push_timeout: i64, size: (&'static str, f64)| {
            let fields = labelled(
                label,
                vec![
                    ("RoutingModel", "MostAvailable".into()),
                    ("RoutingPriority", Value::Int(priority)),
                    ("PushTimeout", Value::Int(push_timeout)),
                    (size.0, Value::Double(size.1)),
                ],
            );
            self.seeder.create("QueueRoutingConfig", fields)
        };
        let standard = routing("Standard", 3, 60, ("CapacityWeight", 3.0)).await?;
        let vip = routing("VIP", 1, 45, ("CapacityWeight", 5.0)).await?;
        let phone = routing("Phone", 1, 25, ("CapacityPercentage", 100.0)).await?;
        let mut queues = Vec::new();
        for plan in &QUEUES {
            let config = match plan.routing {
                "VIP" => vip,
                "Phone" => phone,
                _ => standard,
            };
            queues.push(self.seeder.queue(plan.name, config, &[plan.object]).await?);
        }
        Ok(queues)
    }

    /// Members come directly, through public groups and through a role, so that all three ways are shown.
    async fn teams(
        &self,
        queues: &[RecordId],
        simulated: &[RecordId],
        free: &[RecordId],
    ) -> Result<()> {
        let [billing, technical, returns, vip, phone] = queues else {
            anyhow::bail!("five queues are expected")
        };
        let crew: Vec<RecordId> = simulated.iter().step_by(2).chain(free).copied().collect();
        let returns_desk = self
            .group("Returns Desk", &every_third(simulated, 0, free))
            .await?;
        let phone_crew = self.group("Phone Crew", &crew).await?;
        let billing_team = self
            .role("Billing Team", &every_third(simulated, 1, &[]))
            .await?;
        self.members(*returns, &[returns_desk]).await?;
        self.members(*phone, &[phone_crew]).await?;
        self.members(*billing, &[billing_team]).await?;
        self.members(*billing, free).await?;
        self.members(*technical, &every_third(simulated, 2, free))
            .await?;
        let seniors: Vec<RecordId> = simulated.iter().take(4).chain(free).copied().collect();
        self.members(*vip, &seniors).await
    }

    async fn group(&self, name: &str, members: &[RecordId]) -> Result<RecordId> {
        let fields = vec![
            ("Type", "Regular".into()),
            ("Name", name.into()),
            ("DeveloperName", developer_name(name).into()),
        ];
        let group = self.seeder.create("Group", fields).await?;
        self.members(group, members).await?;
        Ok(group)
    }

    /// A role with these users; the group of its users, which the platform makes by itself.
    async fn role(&self, name: &str, users: &[RecordId]) -> Result<RecordId> {
        let fields = vec![
            ("Name", name.into()),
            ("DeveloperName", developer_name(name).into()),
            ("OpportunityAccessForAccountOwner", "None".into()),
        ];
        let role = self.seeder.create("UserRole", fields).await?;
        for user in users {
            let place = vec![("UserRoleId", role.into())];
            self.seeder.update("User", *user, place).await?;
        }
        let soql = format!("SELECT Id FROM Group WHERE Type = 'Role' AND RelatedId = '{role}'");
        self.seeder.find(&soql).await
    }

    async fn members(&self, group: RecordId, members: &[RecordId]) -> Result<()> {
        let member =
            |id: &RecordId| vec![("GroupId", group.into()), ("UserOrGroupId", (*id).into())];
        self.seeder
            .create_all("GroupMember", members.iter().map(member).collect())
            .await
            .map(drop)
    }

    async fn supervise(&self, users: &[RecordId]) -> Result<()> {
        let fields = vec![
            ("Name", "Harborline_Supervisor".into()),
            ("Label", "Harborline supervisor".into()),
            ("PermissionsViewAllData", true.into()),
            ("PermissionsViewSetup", true.into()),
        ];
        let access = self.seeder.create("PermissionSet", fields).await?;
        let assign = |user: &RecordId| {
            vec![
                ("AssigneeId", (*user).into()),
                ("PermissionSetId", access.into()),
            ]
        };
        self.seeder
            .create_all(
                "PermissionSetAssignment",
                users.iter().map(assign).collect(),
            )
            .await
            .map(drop)
    }

    /// The contact center with its certificate, and the provider's names of the queue and of the people.
    async fn telephone(
        &self,
        certificate: &str,
        queue: RecordId,
        users: &[RecordId],
    ) -> Result<()> {
        let settings =
            serde_json::json!({ "reqHvcc": { "reqTelephonyIntegrationCertificate": certificate } });
        let fields = vec![
            ("Name", "Harbor Voice".into()),
            ("InternalName", CENTER.into()),
            ("CustomSettings", settings.to_string().into()),
        ];
        let center = self.seeder.create("CallCenter", fields).await?;
        let map = |(n, id): (usize, RecordId), kind: &str| {
            let label = format!("{kind} {n}");
            vec![
                ("CallCenterId", center.into()),
                ("ReferenceRecordId", id.into()),
                ("DeveloperName", developer_name(&label).into()),
                ("ExternalId", format!("harborvoice:{kind}/{n}").into()),
                ("MasterLabel", label.into()),
            ]
        };
        let mut rows: Vec<Fields> = users
            .iter()
            .copied()
            .enumerate()
            .map(|user| map(user, "agent"))
            .collect();
        rows.push(map((0, queue), "queue"));
        self.seeder
            .create_all("CallCenterRoutingMap", rows)
            .await
            .map(drop)
    }
}

fn labelled(label: &str, more: Fields) -> Fields {
    let mut fields: Fields = vec![
        ("DeveloperName", developer_name(label).into()),
        ("MasterLabel", label.into()),
    ];
    fields.extend(more);
    fields
}

/// Two of three simulated agents, and the free seats.
fn every_third(simulated: &[RecordId], offset: usize, free: &[RecordId]) -> Vec<RecordId> {
    let of_team = simulated
        .iter()
        .enumerate()
        .filter(|(n, _)| n % 3 != offset)
        .map(|(_, id)| id);
    of_team.chain(free).copied().collect()
}
