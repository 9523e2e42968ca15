//! `trunkline bench api`: single calls of the REST API, each beside what the machine gives bare.
//!
//! The server is a process of its own; the load generator and the bare HTTP echo live in this one. All
//! calls have a session, and every write is answered after fsync.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use node::{Node, NodeOptions, OrgSpec};
use serde_json::{Value as Json, json};

use crate::bench::api_bare::Echo;
use crate::bench::api_load::{Measured, Plan, Request, measure};
use crate::bench::scene::{Server, stop};
use crate::bench::{api_bare, api_report, api_rows};
use crate::cli::BenchOptions;
use crate::client::{Call, Client, encoded};
use crate::seed::Seeder;

const ADMIN: &str = "bench@trunkline.local";
/// Cases that get and query find.
const CASES: usize = 20_000;
/// Rows of one collection: the most that the API takes.
pub const COLLECTION: usize = 200;
/// Collections under way at a time.
const COLLECTIONS: usize = 8;
const DATA: &str = "/services/data/v64.0";

/// All that was measured.
pub struct Figures {
    pub echo: Measured,
    pub bare: api_bare::Sqlite,
    /// Create, get, query, collection, composite.
    pub calls: Vec<Measured>,
    pub rows: u64,
    /// The query over many rows, one connection.
    pub large: Measured,
    pub large_found: u64,
}

/// Measures and prints.
pub fn run(options: &BenchOptions) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let figures = runtime.block_on(figures(options))?;
    if options.json {
        println!("{}", api_report::json(&figures));
    } else {
        print!("{}", api_report::text(&figures));
    }
    Ok(())
}

async fn figures(options: &BenchOptions) -> Result<Figures> {
    let folder = tempfile::Builder::new()
        .prefix("trunkline-bench.")
        .tempdir_in(&options.scratch);
    let folder = folder.with_context(|| format!("cannot use {}", options.scratch.display()))?;
    let plan = Plan {
        connections: options.connections.max(1),
        length: Duration::from_secs_f64(options.seconds.clamp(0.1, 3_600.0)),
    };
    let bare = api_bare::sqlite(&folder.path().join("bare.db"), plan.length)?;
    let echo = Echo::start(options.http_threads.unwrap_or(1))?;
    let first = shout(&echo, &plan).await?;
    let org = folder.path().join("orgs");
    let token = build(&org).await?;
    let sought = api_rows::fill(&org, options.rows)?;
    let server = Server::start(&org, options.http_threads).await?;
    let calls = calls(server.address, &token, &plan, &echo).await?;
    let one = Plan {
        connections: 1,
        ..plan
    };
    let ask = |n| query(&sought.text(n));
    let large_found = total(server.address, &token, &sought.text(0)).await?;
    let large = measure("large query", server.address, &token, &one, &ask).await?;
    Ok(Figures {
        echo: first,
        bare,
        calls,
        rows: options.rows,
        large,
        large_found,
    })
}

/// The bare echo, with the body of a create.
async fn shout(echo: &Echo, plan: &Plan) -> Result<Measured> {
    let body = case(0).to_string().into_bytes();
    let make = |_| Request::post("/echo".to_owned(), body.clone());
    measure("echo", echo.address, "x", plan, &make).await
}

/// An org with an administrator; its session.
async fn build(folder: &std::path::Path) -> Result<String> {
    std::fs::create_dir_all(folder)?;
    let node = Node::open(NodeOptions::new(folder))?;
    let org = node.create_org(OrgSpec {
        name: "bench".to_owned(),
        admin_username: ADMIN.to_owned(),
        admin_password: node::random(20).context("no random numbers")?,
        apps: Vec::new(),
    })?;
    let user = Seeder::new(&org, ADMIN)?.user();
    let token = org.open_session(user, None).await?;
    stop(node, org).await;
    Ok(token)
}

async fn calls(server: SocketAddr, token: &str, plan: &Plan, echo: &Echo) -> Result<Vec<Measured>> {
    let known = Known::make(server, token).await?;
    let create = |n| {
        let body = case(n).to_string().into_bytes();
        Request::post(format!("{DATA}/sobjects/Case"), body)
    };
    let get = |n: usize| {
        let id = &known.ids[n * 7_919 % known.ids.len()];
        Request::get(format!("{DATA}/sobjects/Case/{id}?fields={FIELDS}"))
    };
    let by_index = |n: usize| {
        let number = &known.numbers[n * 7_919 % known.numbers.len()];
        query(&format!(
            "SELECT Id, Subject, Status FROM Case WHERE CaseNumber = '{number}'"
        ))
    };
    let collections = Plan {
        connections: plan.connections.min(COLLECTIONS),
        ..plan.clone()
    };
    let several = collection();
    let collect = |_| Request::post(format!("{DATA}/composite/sobjects"), several.clone());
    let five = composite();
    let compose = |_| Request::post(format!("{DATA}/composite"), five.clone());
    let kinds: [Kind<'_>; 5] = [
        ("create", plan, &create),
        ("get", plan, &get),
        ("query", plan, &by_index),
        ("collection", &collections, &collect),
        ("composite", plan, &compose),
    ];
    let short = Plan {
        length: plan.length / 4,
        ..plan.clone()
    };
    let mut before = shout(echo, &short).await?;
    let mut calls = Vec::with_capacity(kinds.len());
    for (name, plan, make) in kinds {
        let call = measure(name, server, token, plan, make).await?;
        let after = shout(echo, &short).await?;
        calls.push(Measured {
            echo: (before.per_second + after.per_second) / 2.0,
            ..call
        });
        before = after;
    }
    Ok(calls)
}

/// A kind of call: its name, how it is driven, and the n-th request.
type Kind<'a> = (&'static str, &'a Plan, &'a dyn Fn(usize) -> Request);

const FIELDS: &str = "Id,CaseNumber,Subject,Status,Priority,Origin,OwnerId,CreatedDate";

fn query(text: &str) -> Request {
    Request::get(format!("{DATA}/query?q={}", encoded(text)))
}

fn case(n: usize) -> Json {
    json!({
        "Subject": format!("Printer {n} on floor 3 does not answer any more"),
        "Status": "New",
        "Priority": "High",
        "Origin": "Web",
    })
}

fn collection() -> Vec<u8> {
    let record = |n| {
        let mut record = case(n);
        record["attributes"] = json!({ "type": "Case" });
        record
    };
    let records: Vec<Json> = (0..COLLECTION).map(record).collect();
    let body = json!({ "allOrNone": false, "records": records });
    body.to_string().into_bytes()
}

/// Create, change and read a case; create and read a second one below it.
fn composite() -> Vec<u8> {
    let cases = format!("{DATA}/sobjects/Case");
    let below = json!({ "Subject": "Below", "ParentId": "@{a.id}" });
    let body = json!({ "allOrNone": true, "compositeRequest": [
        { "method": "POST", "url": cases, "referenceId": "a", "body": case(1) },
        { "method": "PATCH", "url": format!("{cases}/@{{a.id}}"), "referenceId": "b",
          "body": { "Priority": "Low" } },
        { "method": "GET", "url": format!("{cases}/@{{a.id}}?fields={FIELDS}"), "referenceId": "c" },
        { "method": "POST", "url": cases, "referenceId": "d", "body": below },
        { "method": "GET", "url": format!("{cases}/@{{d.id}}?fields={FIELDS}"), "referenceId": "e" },
    ]});
    body.to_string().into_bytes()
}

/// Cases that are there before anything is measured.
struct Known {
    ids: Vec<String>,
    numbers: Vec<String>,
}

impl Known {
    async fn make(server: SocketAddr, token: &str) -> Result<Self> {
        let mut client = Client::new(server);
        let body = collection();
        for _ in 0..CASES / COLLECTION {
            let path = format!("{DATA}/composite/sobjects");
            let (status, answer) = client.call(Call::json("POST", &path, token, &body)).await?;
            if status != 200 {
                bail!("a collection: {status} {}", String::from_utf8_lossy(answer));
            }
        }
        let text = "SELECT Id, CaseNumber FROM Case ORDER BY CaseNumber LIMIT 2000";
        let found = ask(&mut client, token, text).await?;
        let records = found["records"].as_array().context("no records")?;
        let of = |name: &str| {
            let texts = records.iter().filter_map(|r| r[name].as_str());
            texts.map(str::to_owned).collect::<Vec<_>>()
        };
        let known = Self {
            ids: of("Id"),
            numbers: of("CaseNumber"),
        };
        if known.ids.is_empty() || known.numbers.len() != known.ids.len() {
            bail!("the cases cannot be read");
        }
        Ok(known)
    }
}

async fn ask(client: &mut Client, token: &str, text: &str) -> Result<Json> {
    let path = format!("{DATA}/query?q={}", encoded(text));
    let (status, answer) = client.call(Call::get(&path, token)).await?;
    if status != 200 {
        bail!("{text}: {status} {}", String::from_utf8_lossy(answer));
    }
    Ok(serde_json::from_slice(answer)?)
}

async fn total(server: SocketAddr, token: &str, text: &str) -> Result<u64> {
    let found = ask(&mut Client::new(server), token, text).await?;
    found["totalSize"].as_u64().context("no totalSize")
}
