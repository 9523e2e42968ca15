//! T40 on the real binary: `kill -9` in the middle of load. What was answered is there, once; no agent is above
//! its capacity; no case has two active offers.

mod common;
#[path = "../src/seed.rs"]
#[allow(dead_code)]
mod seed;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use common::{ADMIN, Connection, Server, output, trunkline};
use model::Value as Field;
use node::{Node, NodeOptions, OrgSpec};
use serde_json::{Value, json};

use crate::seed::Seeder;

const AGENTS: usize = 1_000;
const CAPACITY: usize = 3;
const CASES: usize = 4_000;
/// Clients that create, and as many that play the agents.
const CLIENTS: usize = 8;
/// Answered creations before the kill.
const KILL_AFTER: usize = 1_500;
/// Bounds every wait of the test.
const PATIENCE: Duration = Duration::from_secs(150);

/// The org of the test.
struct Center {
    admin: String,
    agents: Vec<String>,
    queue: String,
    status: String,
}

/// 1,000 agents of capacity 3 in one queue for cases of weight 1.
async fn build(dir: &Path) -> anyhow::Result<Center> {
    let node = Node::open(NodeOptions::new(dir))?;
    let org = node.create_org(OrgSpec {
        name: "T40".to_owned(),
        admin_username: ADMIN.to_owned(),
        admin_password: common::PASSWORD.to_owned(),
        apps: Vec::new(),
    })?;
    let s = Seeder::new(&org, ADMIN)?;
    let channel = s.channel("Cases", "Case").await?;
    let status = s.status("Available", &[channel]).await?;
    let labels = || {
        vec![
            ("DeveloperName", "T40".into()),
            ("MasterLabel", "T40".into()),
        ]
    };
    let mut presence = labels();
    presence.extend([
        ("Capacity", Field::Double(CAPACITY as f64)),
        ("OptionsIsDeclineEnabled", true.into()),
    ]);
    let presence = s.create("PresenceUserConfig", presence).await?;
    let mut routing = labels();
    routing.extend([
        ("RoutingModel", "MostAvailable".into()),
        ("RoutingPriority", Field::Int(1)),
        ("CapacityWeight", Field::Double(1.0)),
    ]);
    let routing = s.create("QueueRoutingConfig", routing).await?;
    let queue = s.queue("T40", routing, &["Case"]).await?;
    let access = s.agent_access("T40", &[status], &["Case"]).await?;
    let names: Vec<_> = (0..AGENTS)
        .map(|n| ("Agent".to_owned(), format!("Number {n}")))
        .collect();
    let users = s.agents(&names, "t40.example", access).await?;
    let configs = users.iter().map(|user| {
        vec![
            ("PresenceUserConfigId", presence.into()),
            ("UserId", (*user).into()),
        ]
    });
    s.create_all("PresenceUserConfigUser", configs.collect())
        .await?;
    let members = users
        .iter()
        .map(|user| vec![("GroupId", queue.into()), ("UserOrGroupId", (*user).into())]);
    s.create_all("GroupMember", members.collect()).await?;
    let mut agents = Vec::with_capacity(AGENTS);
    for user in users {
        agents.push(org.open_session(user, None).await?);
    }
    let admin = org.open_session(s.user(), None).await?;
    node.shutdown().await;
    Ok(Center {
        admin,
        agents,
        queue: queue.to_string(),
        status: status.to_string(),
    })
}

/// What all threads of one round share.
struct Round {
    to: SocketAddr,
    center: Arc<Center>,
    next: AtomicUsize,
    answered: AtomicUsize,
    stop: AtomicBool,
}

type Answered = Vec<(String, String)>;

/// Creates cases, each with a subject of its own, until the server is gone or enough are there.
fn creator(round: &Round) -> Answered {
    let mut mine = Vec::new();
    let mut server = Connection::new(round.to);
    while !round.stop.load(Ordering::Relaxed) {
        let number = round.next.fetch_add(1, Ordering::Relaxed);
        if number >= CASES {
            break;
        }
        let subject = format!("case {number}");
        let body = json!({ "Subject": subject, "OwnerId": round.center.queue }).to_string();
        match server.call(
            "POST",
            "/services/data/v64.0/sobjects/Case",
            &round.center.admin,
            &body,
        ) {
            Ok((201, answer)) => {
                let answer: Value = serde_json::from_str(&answer).expect("JSON");
                mine.push((subject, answer["id"].as_str().expect("an id").to_owned()));
                round.answered.fetch_add(1, Ordering::Relaxed);
            }
            Ok((status, answer)) => panic!("{status} {answer}"),
            Err(_) => break,
        }
    }
    mine
}

/// Accepts, declines, closes, logs out and in by chance.
fn player(round: &Round, number: usize) {
    let mut server = Connection::new(round.to);
    let online = json!({ "statusId": round.center.status }).to_string();
    let mine: Vec<&String> = round
        .center
        .agents
        .iter()
        .skip(number)
        .step_by(CLIENTS)
        .collect();
    for token in &mine {
        if server
            .call("PUT", "/services/omni/v1/presence", token, &online)
            .is_err()
        {
            return;
        }
    }
    let mut dice = number as u64 + 1;
    while !round.stop.load(Ordering::Relaxed) {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (agent, action) = ((dice >> 33) as usize % mine.len(), (dice >> 20) % 100);
        if play(&mut server, mine[agent], action, &online).is_err() {
            return;
        }
    }
}

fn play(server: &mut Connection, token: &str, action: u64, online: &str) -> std::io::Result<()> {
    if action < 4 {
        server.call("DELETE", "/services/omni/v1/presence", token, "")?;
        server.call("PUT", "/services/omni/v1/presence", token, online)?;
        return Ok(());
    }
    let (_, works) = server.call("GET", "/services/omni/v1/works", token, "")?;
    let works: Value = serde_json::from_str(&works).unwrap_or_default();
    for work in works.as_array().into_iter().flatten() {
        let what = match (work["isEngaged"] == true, action) {
            (true, ..50) => "close",
            (true, _) => continue,
            (false, ..70) => "accept",
            (false, _) => "decline",
        };
        let path = format!("/services/omni/v1/works/{}/{what}", text(work, "workId"));
        server.call("POST", &path, token, "{}")?; // another thread may have been faster: any status is fine
    }
    Ok(())
}

/// Runs creators and players; `until` says when to stop. What the creators were answered.
fn play_round(
    server: &Server,
    center: &Arc<Center>,
    next: usize,
    until: impl Fn(&Round) -> bool,
    end: impl FnOnce(),
) -> (Answered, usize) {
    let round = Arc::new(Round {
        to: server.address,
        center: Arc::clone(center),
        next: AtomicUsize::new(next),
        answered: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    });
    let creators: Vec<JoinHandle<Answered>> = (0..CLIENTS)
        .map(|_| Arc::clone(&round))
        .map(|round| std::thread::spawn(move || creator(&round)))
        .collect();
    let players: Vec<JoinHandle<()>> = (0..CLIENTS)
        .map(|n| (n, Arc::clone(&round)))
        .map(|(n, round)| std::thread::spawn(move || player(&round, n)))
        .collect();
    let limit = Instant::now() + PATIENCE;
    while !until(&round) && Instant::now() < limit {
        std::thread::sleep(Duration::from_millis(5));
    }
    end();
    round.stop.store(true, Ordering::Relaxed);
    let answered = creators
        .into_iter()
        .flat_map(|c| c.join().expect("a creator"))
        .collect();
    players
        .into_iter()
        .for_each(|p| p.join().expect("a player"));
    (answered, round.next.load(Ordering::Relaxed))
}

fn query(server: &Server, token: &str, soql: &str) -> Vec<Value> {
    let mut connection = Connection::new(server.address);
    let soql = soql
        .replace(' ', "+")
        .replace('=', "%3D")
        .replace('\'', "%27");
    let mut path = format!("/services/data/v64.0/query?q={soql}");
    let mut all = Vec::new();
    loop {
        let (status, answer) = connection.call("GET", &path, token, "").expect("an answer");
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        all.extend(
            answer["records"]
                .as_array()
                .expect("records")
                .iter()
                .cloned(),
        );
        match answer["nextRecordsUrl"].as_str() {
            Some(next) => path = next.to_owned(),
            None => return all,
        }
    }
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

fn counts<'a>(rows: impl Iterator<Item = &'a Value>, field: &str) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    rows.for_each(|row| *all.entry(text(row, field)).or_default() += 1);
    all
}

/// The state that T40 wants, as any client sees it.
fn inspect(server: &Server, admin: &str, answered: &Answered) {
    let cases = query(server, admin, "SELECT Id, Subject FROM Case");
    let by_subject: BTreeMap<String, String> = cases
        .iter()
        .map(|c| (text(c, "Subject"), text(c, "Id")))
        .collect();
    assert_eq!(by_subject.len(), cases.len(), "a case is there twice");
    for (subject, id) in answered {
        assert_eq!(
            by_subject.get(subject),
            Some(id),
            "{subject} was answered and is lost"
        );
    }
    let works = query(
        server,
        admin,
        "SELECT WorkItemId, UserId, Status FROM AgentWork",
    );
    let is_active = |w: &&Value| matches!(w["Status"].as_str(), Some("Assigned" | "Opened"));
    for (user, load) in counts(works.iter().filter(is_active), "UserId") {
        assert!(load <= CAPACITY, "{user} has {load} works");
    }
    let active = counts(works.iter().filter(is_active), "WorkItemId");
    let touched: BTreeSet<String> = works.iter().map(|w| text(w, "WorkItemId")).collect();
    let requests = query(
        server,
        admin,
        "SELECT WorkItemId, IsPushed FROM PendingServiceRouting",
    );
    let waiting = counts(requests.iter(), "WorkItemId");
    for id in by_subject.values() {
        let (offers, requests) = (
            active.get(id).copied().unwrap_or(0),
            waiting.get(id).copied().unwrap_or(0),
        );
        assert!(offers <= 1, "{id} has {offers} active offers");
        assert!(
            requests == 1 || requests == 0 && touched.contains(id),
            "{id} has {requests} requests and no history"
        );
    }
}

fn is_sound(data_dir: &Path) {
    let mut check = trunkline();
    check.args(["check", "--data-dir"]).arg(data_dir);
    let checked = output(&mut check);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned()
        + &String::from_utf8_lossy(&checked.stderr);
    assert_eq!(checked.status.code(), Some(0), "{said}");
}

#[test]
fn t40_nothing_answered_is_lost_or_doubled_by_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let center = Arc::new(runtime.block_on(build(dir.path())).unwrap());

    let server = Server::start(dir.path());
    let kill = || server.kill();
    let enough = |round: &Round| round.answered.load(Ordering::Relaxed) >= KILL_AFTER;
    let (mut answered, next) = play_round(&server, &center, 0, enough, kill);
    assert!(
        answered.len() >= KILL_AFTER,
        "only {} cases in time",
        answered.len()
    );
    drop(server);
    is_sound(dir.path());

    let server = Server::start(dir.path());
    inspect(&server, &center.admin, &answered);
    let all = |round: &Round| round.next.load(Ordering::Relaxed) >= CASES + CLIENTS;
    let (more, _) = play_round(&server, &center, next, all, || ());
    answered.extend(more);
    inspect(&server, &center.admin, &answered);
    drop(server);
    is_sound(dir.path());
}
