//! A server with queues and agents, in a process of its own, ready for load.
//!
//! The org is filled through the node before the server starts, with ordinary commands; everything that
//! is measured goes through HTTP.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::future::try_join_all;
use model::{RecordId, Value};
use node::{Node, NodeOptions, OrgHandle, OrgSpec};
use tempfile::TempDir;

use crate::cli::BenchOptions;
use crate::client::{Call, Client};
use crate::seed::Seeder;

const ADMIN: &str = "bench@trunkline.local";
const READY_PATIENCE: Duration = Duration::from_secs(60);
/// Log-ins that are under way at a time.
const LOGINS: usize = 256;

/// Who takes part.
pub struct People {
    /// Session that creates the items.
    pub creator: String,
    /// Session of each agent.
    pub agents: HashMap<RecordId, String>,
    /// A request body per queue, 1 KiB each.
    pub bodies: Vec<Vec<u8>>,
}

/// A running server.
pub struct Scene {
    pub address: SocketAddr,
    pub admin: String,
    people: Rc<People>,
    sizes: Sizes,
    server: Server,
    _folder: TempDir,
}

/// Memory of the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    /// Growth per agent who went online.
    pub agent_bytes: f64,
    /// All of it.
    pub resident_bytes: f64,
}

/// Counters of the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub commits: f64,
    pub commit_seconds: f64,
    pub commands: f64,
    /// Processor time of the server, and of this process.
    pub server_seconds: f64,
    pub client_seconds: f64,
}

impl Figures {
    pub fn since(&self, before: &Self) -> Self {
        Self {
            commits: self.commits - before.commits,
            commit_seconds: self.commit_seconds - before.commit_seconds,
            commands: self.commands - before.commands,
            server_seconds: self.server_seconds - before.server_seconds,
            client_seconds: self.client_seconds - before.client_seconds,
        }
    }
}

impl Scene {
    pub async fn open(options: &BenchOptions, agents: usize) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("trunkline-bench.")
            .tempdir_in(&options.scratch);
        let folder = folder.with_context(|| format!("cannot use {}", options.scratch.display()))?;
        // with fewer agents than queues some queue would have nobody
        let queues = options.queues.clamp(1, agents.max(1));
        let people = build(folder.path(), agents, queues).await?;
        let (status, people) = (people.0, Rc::new(people.1));
        let server = Server::start(folder.path(), options.http_threads).await?;
        let before = server.resident_bytes();
        go_online(server.address, &people, status).await?;
        let resident_bytes = server.resident_bytes();
        let agent_bytes = (resident_bytes - before).max(0.0) / agents.max(1) as f64;
        Ok(Self {
            address: server.address,
            admin: people.creator.clone(),
            people,
            sizes: Sizes {
                agent_bytes,
                resident_bytes,
            },
            server,
            _folder: folder,
        })
    }

    pub fn people(&self) -> Rc<People> {
        Rc::clone(&self.people)
    }

    pub fn sizes(&self) -> Sizes {
        Sizes {
            resident_bytes: self.server.resident_bytes(),
            ..self.sizes
        }
    }

    pub async fn figures(&self) -> Result<Figures> {
        let mut client = Client::new(self.address);
        let call = Call {
            token: None,
            ..Call::get("/metrics", "")
        };
        let (_, text) = client.call(call).await?;
        let text = String::from_utf8_lossy(text);
        Ok(Figures {
            commits: figure(&text, "trunkline_commit_seconds_count"),
            commit_seconds: figure(&text, "trunkline_commit_seconds_sum"),
            commands: figure(&text, "trunkline_batch_commands_sum"),
            server_seconds: self.server.cpu_seconds(),
            client_seconds: cpu_seconds("/proc/self/stat"),
        })
    }
}

/// The sum of all series of a name.
fn figure(text: &str, name: &str) -> f64 {
    let series = text.lines().filter(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([' ', '{']))
    });
    series
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

/// Queues, agents and their sessions; the status that agents choose.
async fn build(folder: &Path, agents: usize, queues: usize) -> Result<(RecordId, People)> {
    let node = Node::open(NodeOptions::new(folder))?;
    let org = node.create_org(OrgSpec {
        name: "bench".to_owned(),
        admin_username: ADMIN.to_owned(),
        admin_password: node::random(20).context("no random numbers")?,
        apps: Vec::new(),
    })?;
    let seeder = Seeder::new(&org, ADMIN)?;
    // the capacity of the SQL router that this is compared with
    let capacity = 50_000 / agents.max(1) + 50;
    let (status, queues, users) = contact_center(&seeder, agents, queues, capacity).await?;
    let creator = org.open_session(seeder.user(), None).await?;
    let mut sessions = HashMap::with_capacity(agents);
    for some in users.chunks(LOGINS) {
        let tokens = try_join_all(some.iter().map(|user| org.open_session(*user, None))).await?;
        sessions.extend(some.iter().copied().zip(tokens));
    }
    let bodies = queues.iter().map(|queue| body(*queue)).collect();
    stop(node, org).await;
    Ok((
        status,
        People {
            creator,
            agents: sessions,
            bodies,
        },
    ))
}

pub(super) async fn stop(node: Node, org: OrgHandle) {
    drop(org);
    node.shutdown().await;
}

fn body(queue: RecordId) -> Vec<u8> {
    let text = serde_json::json!({
        "Subject": "Printer on floor 3 does not answer any more",
        "OwnerId": queue,
        "Origin": "Web",
        "Description": "x".repeat(880),
    });
    text.to_string().into_bytes()
}

type Center = (RecordId, Vec<RecordId>, Vec<RecordId>);

async fn contact_center(
    seeder: &Seeder,
    agents: usize,
    queues: usize,
    capacity: usize,
) -> Result<Center> {
    let channel = seeder.channel("Cases", "Case").await?;
    let status = seeder.status("Available", &[channel]).await?;
    let config = seeder
        .create(
            "PresenceUserConfig",
            vec![
                ("DeveloperName", "Bench".into()),
                ("MasterLabel", "Bench".into()),
                ("Capacity", Value::Double(capacity as f64)),
            ],
        )
        .await?;
    let routing = seeder
        .create(
            "QueueRoutingConfig",
            vec![
                ("DeveloperName", "Bench".into()),
                ("MasterLabel", "Bench".into()),
                ("RoutingModel", "MostAvailable".into()),
                ("RoutingPriority", Value::Int(1)),
                ("CapacityWeight", Value::Double(1.0)),
                ("PushTimeout", Value::Int(0)),
            ],
        )
        .await?;
    let access = seeder.agent_access("Bench", &[status], &["Case"]).await?;
    let mut all_queues = Vec::with_capacity(queues);
    for number in 0..queues {
        let name = format!("Queue {number}");
        all_queues.push(seeder.queue(&name, routing, &["Case"]).await?);
    }
    let names: Vec<(String, String)> = (0..agents)
        .map(|n| ("Agent".to_owned(), format!("Number {n}")))
        .collect();
    let users = seeder.agents(&names, "bench.local", access).await?;
    let configs = users.iter().map(|user| {
        vec![
            ("PresenceUserConfigId", config.into()),
            ("UserId", (*user).into()),
        ]
    });
    seeder
        .create_all("PresenceUserConfigUser", configs.collect())
        .await?;
    seeder
        .create_all("GroupMember", memberships(&all_queues, &users))
        .await?;
    Ok((status, all_queues, users))
}

/// Every agent in three queues, as in the SQL router's set-up.
fn memberships(queues: &[RecordId], users: &[RecordId]) -> Vec<Vec<(&'static str, Value)>> {
    let mut all = Vec::with_capacity(users.len() * 3);
    for (number, user) in users.iter().enumerate() {
        let n = number + 1;
        let mut places = [
            n % queues.len(),
            (n * 7 + 11) % queues.len(),
            (n * 13 + 29) % queues.len(),
        ]
        .to_vec();
        places.sort_unstable();
        places.dedup();
        let member = |place: usize| {
            vec![
                ("GroupId", queues[place].into()),
                ("UserOrGroupId", (*user).into()),
            ]
        };
        all.extend(places.into_iter().map(member));
    }
    all
}

async fn go_online(address: SocketAddr, people: &Rc<People>, status: RecordId) -> Result<()> {
    let tokens: Vec<&String> = people.agents.values().collect();
    let body = format!("{{\"statusId\":\"{status}\"}}");
    let share = tokens.len().div_ceil(64).max(1);
    let groups = tokens
        .chunks(share)
        .map(|group| online(address, group, &body));
    try_join_all(groups).await.map(drop)
}

async fn online(address: SocketAddr, tokens: &[&String], body: &str) -> Result<()> {
    let mut client = Client::new(address);
    for token in tokens {
        let call = Call::json("PUT", "/services/omni/v1/presence", token, body.as_bytes());
        let (status, answer) = client.call(call).await?;
        if status != 200 {
            bail!(
                "an agent cannot go online: {status} {}",
                String::from_utf8_lossy(answer)
            );
        }
    }
    Ok(())
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    child: Child,
}

impl Server {
    pub(super) async fn start(folder: &Path, http_threads: Option<usize>) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["serve", "--listen", &address.to_string(), "--data-dir"])
            .arg(folder);
        if let Some(threads) = http_threads {
            command.args(["--http-threads", &threads.to_string()]);
        }
        let quiet = command
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let child = quiet.spawn().context("cannot start the server")?;
        let mut server = Self { address, child };
        server.wait_until_ready().await?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let end = Instant::now() + READY_PATIENCE;
        let mut client = Client::new(self.address);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended at its start: {status}");
            }
            let call = Call {
                token: None,
                ..Call::get("/readyz", "")
            };
            if client
                .call(call)
                .await
                .is_ok_and(|(status, _)| status == 200)
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!(
            "the server was not ready within {} s",
            READY_PATIENCE.as_secs()
        )
    }

    /// Seconds of processor time so far; 0 where it cannot be known.
    fn cpu_seconds(&self) -> f64 {
        cpu_seconds(&format!("/proc/{}/stat", self.child.id()))
    }

    /// Resident memory, from the system; 0 where it cannot be known.
    fn resident_bytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        kilobytes.unwrap_or(0.0) * 1_024.0
    }
}

/// User and system time of a process; the system counts in hundredths of a second.
fn cpu_seconds(path: &str) -> f64 {
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended already
        let _ = self.child.wait(); // as above
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_summed_over_series() {
        let text =
            "# HELP x\nx_count{org=\"a\"} 2\nx_count{org=\"b\"} 3\nx_countless 9\nx_sum 1.5\n";
        assert_eq!(figure(text, "x_count"), 5.0);
        assert_eq!(figure(text, "x_sum"), 1.5);
    }
}
