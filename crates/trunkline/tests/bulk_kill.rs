//! A Bulk 2.0 load of CallCenterRoutingMap on the real binary, stopped with `kill -9` three times: every row is
//! there once, and the results say so.

mod common;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{Connection, Server};
use serde_json::{Value, json};

const ROWS: usize = 20_000;
const KILLS: u64 = 3;
/// Bounds every wait of the test.
const PATIENCE: Duration = Duration::from_secs(120);
const DATA: &str = "/services/data/v64.0";

fn get(server: &Server, token: &str, path: &str) -> Value {
    let (status, answer) = Connection::new(server.address)
        .call("GET", path, token, "")
        .expect("an answer");
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).expect("JSON")
}

fn send(server: &Server, token: &str, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = Connection::new(server.address)
        .call(method, path, token, &body.to_string())
        .expect("an answer");
    assert!(status < 300, "{status} {answer}");
    serde_json::from_str(&answer).expect("JSON")
}

/// A request that is no JSON, and its whole answer; HTTP/1.0, so that nothing is cut into chunks.
fn plain(server: &Server, token: &str, method: &str, path: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(server.address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n\
         Content-Length: {}\r\n\r\n",
        server.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("a request");
    stream.write_all(body.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}

fn center(server: &Server, token: &str) -> String {
    let body = json!({"InternalName": "Harbor", "Name": "Harbor", "Version": 1.0});
    let made = send(
        server,
        token,
        "POST",
        &format!("{DATA}/sobjects/CallCenter"),
        body,
    );
    made["id"].as_str().expect("an id").to_owned()
}

fn csv(user: &str, center: &str) -> String {
    let mut text =
        String::from("ExternalId,DeveloperName,MasterLabel,ReferenceRecordId,CallCenterId\n");
    for n in 0..ROWS {
        // every thousandth row has no ExternalId and is refused
        let external = if n % 1_000 == 999 {
            String::new()
        } else {
            format!("agent-{n}")
        };
        text.push_str(&format!(
            "{external},User_{n}_of,\"label, {n}\",{user},{center}\n"
        ));
    }
    text
}

#[test]
fn a_load_killed_three_times_loses_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let token = server.log_in();
    let center = center(&server, &token);
    let users = get(
        &server,
        &token,
        &format!("{DATA}/query?q=SELECT+Id+FROM+User+WHERE+IsActive%3Dtrue+LIMIT+1"),
    );
    let user = users["records"][0]["Id"].as_str().expect("an id");
    let job = json!({"object": "CallCenterRoutingMap", "operation": "insert"});
    let made = send(&server, &token, "POST", &format!("{DATA}/jobs/ingest"), job);
    let path = format!("{DATA}/jobs/ingest/{}", made["id"].as_str().expect("an id"));
    let (head, _) = plain(
        &server,
        &token,
        "PUT",
        &format!("{path}/batches"),
        &csv(user, &center),
    );
    assert!(head.starts_with("HTTP/1.0 201"), "{head}");
    send(
        &server,
        &token,
        "PATCH",
        &path,
        json!({"state": "UploadComplete"}),
    );

    let end = Instant::now() + PATIENCE;
    let mut kills = 0;
    let job = loop {
        let job = get(&server, &token, &path);
        if job["state"] == "JobComplete" {
            break job;
        }
        assert!(Instant::now() < end && job["state"] != "Failed", "{job}");
        let processed = job["numberRecordsProcessed"].as_u64().unwrap_or(0);
        if kills < KILLS && processed >= (kills + 1) * (ROWS as u64) / (KILLS + 2) {
            server.kill();
            drop(server);
            server = Server::start(dir.path());
            kills += 1;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(kills, KILLS, "the load was too fast to be killed");
    let failed = (ROWS / 1_000) as u64;
    assert_eq!(job["numberRecordsProcessed"], ROWS as u64);
    assert_eq!(job["numberRecordsFailed"], failed);

    let count = get(
        &server,
        &token,
        &format!("{DATA}/query?q=SELECT+COUNT()+FROM+CallCenterRoutingMap"),
    );
    assert_eq!(count["totalSize"], ROWS as u64 - failed);
    let (_, good) = plain(
        &server,
        &token,
        "GET",
        &format!("{path}/successfulResults"),
        "",
    );
    let ids: BTreeSet<&str> = good.lines().skip(1).map(|line| &line[1..19]).collect();
    assert_eq!(
        (ids.len(), good.lines().count()),
        (ROWS - failed as usize, ROWS - failed as usize + 1)
    );
    let (_, bad) = plain(&server, &token, "GET", &format!("{path}/failedResults"), "");
    assert_eq!(
        bad.matches("REQUIRED_FIELD_MISSING:").count(),
        failed as usize
    );
    let (_, left) = plain(
        &server,
        &token,
        "GET",
        &format!("{path}/unprocessedRecords"),
        "",
    );
    assert_eq!(left.lines().count(), 1);
    server.kill();
    drop(server);
    let mut check = common::trunkline();
    check.args(["check", "--data-dir"]).arg(dir.path());
    let checked = common::output(&mut check);
    assert_eq!(
        checked.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&checked.stdout)
    );
}
