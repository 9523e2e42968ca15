//! Whatever a client sends, it gets an answer in the voice of the protocol, soon, and nothing changes.

use std::time::{Duration, Instant};

use http_porch::HttpOptions;
use http_porch::routes::{Effect, Need, ROUTES, Takes};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::{House, Reply};

const SOON: Duration = Duration::from_secs(1);

fn path_of(path: &str) -> String {
    let mut path = path.to_owned();
    for (name, value) in [
        ("{version}", "v64.0"),
        ("{soap}", "64.0"),
        ("{object}", "Case"),
        ("{key}", "500000000000001"),
        ("{value}", "x"),
        ("{org}", "00D000000000001"),
        ("{work}", "0Bz000000000001"),
        ("{call}", "0LQ000000000001"),
        ("{job}", "750000000000001"),
        ("{kind}", "ingest"),
        ("{async}", "64.0"),
        ("{batch}", "751000000000001"),
        ("{result}", "752000000000001"),
    ] {
        path = path.replace(name, value);
    }
    path
}

/// Bodies that no route can use.
fn bad_bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("cut off", b"{\"Subject\":".to_vec()),
        ("not JSON", b"Subject=x&y".to_vec()),
        ("a list", b"[1,2,3]".to_vec()),
        ("a number", b"5".to_vec()),
        ("a text", b"\"x\"".to_vec()),
        ("unknown field", br#"{"NoSuchField__c":1,"statusId":1,"records":1}"#.to_vec()),
        ("wrong types", br#"{"Subject":{"a":[1]},"statusId":[1],"declineReason":{},"records":{},"compositeRequest":5}"#.to_vec()),
        ("deep", [b"[".repeat(100_000), b"]".repeat(100_000)].concat()),
        ("deep inside", [&br#"{"Subject":"#[..], &b"[".repeat(50_000), &b"]".repeat(50_000), b"}"].concat()),
        ("not UTF-8", b"{\"Subject\":\"\xff\xfe\"}".to_vec()),
        ("a null byte", b"{\"Sub\0ject\":1}".to_vec()),
        ("many keys", {
            let keys: String = (0..20_000).map(|n| format!("\"k{n}\":{n},")).collect();
            format!("{{{keys}\"z\":1}}").into_bytes()
        }),
        ("deep XML", "<a>".repeat(50_000).into_bytes()),
        ("an entity bomb", br#"<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"#.to_vec()),
    ]
}

/// Forms that people send: they answer with pages.
const PAGES: [&str; 3] = [
    "/services/oauth2/authorize",
    "/setup/connect",
    "/secur/frontdoor.jsp",
];

fn is_platform_error(reply: &Reply, route: &str) {
    assert!(
        (400..=599).contains(&reply.status),
        "{route}: {} {}",
        reply.status,
        reply.text()
    );
    assert!(
        !reply.code().is_empty(),
        "{route}: {} without a code: {}",
        reply.status,
        reply.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_get_a_platform_error_soon_and_change_nothing() {
    let house = House::open().await;
    house.create("Case", json!({"Subject": "kept"})).await;
    let before = (house.count("Case").await, house.count("VoiceCall").await);
    let session = format!("Bearer {}", house.admin);
    for route in ROUTES
        .iter()
        .filter(|r| r.effect == Effect::Writes && r.takes != Takes::Nothing)
        .filter(|r| !PAGES.contains(&r.path))
    {
        let kind = match route.takes {
            Takes::Form => "application/x-www-form-urlencoded",
            Takes::Xml => "text/xml",
            _ => "application/json",
        };
        let headers = [("Authorization", session.as_str()), ("Content-Type", kind)];
        for (what, body) in bad_bodies() {
            let name = format!("{} {} with {what}", route.verb.as_str(), route.path);
            let start = Instant::now();
            let reply = house
                .send(route.verb.as_str(), &path_of(route.path), &headers, &body)
                .await;
            assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
            let is_harmless = route.path.starts_with("/services/omni/v1/works/"); // bodies without parameters
            if !(is_harmless && reply.status == 404) {
                is_platform_error(&reply, &name);
            }
        }
    }
    assert_eq!(
        before,
        (house.count("Case").await, house.count("VoiceCall").await)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_large_are_refused_before_they_are_read() {
    let house = House::open().await;
    let session = format!("Bearer {}", house.admin);
    for route in ROUTES
        .iter()
        .filter(|r| r.effect == Effect::Writes && r.need != Need::Center)
    {
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {session}\r\nContent-Length: {}\r\n\r\n",
            route.verb.as_str(),
            path_of(route.path),
            route.body_max + 1
        );
        let start = Instant::now();
        let reply = house.raw(head.as_bytes()).await;
        let name = format!("{} {}", route.verb.as_str(), route.path);
        assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
        assert!(
            reply.status == 413 || reply.status == 500,
            "{name}: {}",
            reply.status
        ); // a SOAP fault is 500
        is_platform_error(&reply, &name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_writes_first_and_reads_then_gets_its_413() {
    let house = House::open().await;
    let length = 20 << 20;
    let head = format!(
        "POST /services/data/v64.0/sobjects/Case HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
        house.admin
    );
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; length]).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(
        text.starts_with("HTTP/1.1 413 ") && text.contains("OPERATION_TOO_LARGE"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_in_the_middle_is_not_waited_for() {
    let options = HttpOptions {
        head_timeout: Duration::from_millis(300),
        body_pause: Duration::from_millis(300),
        ..HttpOptions::default()
    };
    let house = House::with(options).await;
    let before = house.count("Case").await;
    let start = Instant::now();
    let head = format!(
        "POST /services/data/v64.0/sobjects/Case HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"Subject\":",
        house.admin
    );
    let reply = house.raw(head.as_bytes()).await;
    assert_eq!(reply.status, 408, "{}", reply.text());
    is_platform_error(&reply, "a body that stops");
    assert!(start.elapsed() < SOON * 2);
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    stream.write_all(b"GET /healthz HTT").await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(SOON * 2, stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "a head that stops ends the connection");
    assert_eq!(house.count("Case").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_queries_and_targets() {
    let house = House::open().await;
    let session = format!("Bearer {}", house.admin);
    let start = Instant::now();
    let long = format!(
        "/services/data/v64.0/query?q=SELECT+Id+FROM+Case+WHERE+Subject='{}'",
        "x".repeat(20_000)
    );
    let reply = house
        .send("GET", &long, &[("Authorization", &session)], b"")
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (414, "INVALID_INPUT")
    );
    let huge = format!("/services/data/v64.0/query?q={}", "x".repeat(10 << 20));
    let reply = house
        .send("GET", &huge, &[("Authorization", &session)], b"")
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (431, "INVALID_INPUT")
    );
    let broken = "/services/data/v64.0/query?q=SELECT+Id+FROM+Case+WHERE+Subject='%ff'";
    let reply = house.get(broken).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "INVALID_INPUT")
    );
    assert!(reply.text().contains("q=SELECT+Id"), "{}", reply.text());
    // 10 MB of SOQL inside a body that is allowed to be that large
    let soql = format!(
        "SELECT Id FROM Case WHERE Subject = '{}'",
        "x".repeat(10 << 20)
    );
    let body = json!({"compositeRequest": [{"method": "GET", "referenceId": "q", "url": format!("/services/data/v64.0/query?q={soql}")}]});
    let reply = house.post("/services/data/v64.0/composite", &body).await;
    assert!(
        reply.status >= 400
            || reply.json()["compositeResponse"][0]["httpStatusCode"].as_u64() >= Some(400),
        "{}",
        &reply.text()[..200]
    );
    let body = json!({"Name": "p", "ApiVersion": 64.0, "Query": soql});
    let reply = house
        .post("/services/data/v64.0/sobjects/PushTopic", &body)
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "STRING_TOO_LONG"),
        "{}",
        &reply.text()[..200]
    );
    assert!(start.elapsed() < SOON * 4, "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_methods_types_and_hosts() {
    let house = House::open().await;
    let session = format!("Bearer {}", house.admin);
    let auth = ("Authorization", session.as_str());
    for (method, path, headers, status, code) in [
        (
            "GET",
            "/services/data/v64.0/nonsense",
            vec![auth],
            404,
            "NOT_FOUND",
        ),
        (
            "GET",
            "/services/data/v10.0/limits",
            vec![auth],
            404,
            "NOT_FOUND",
        ),
        (
            "GET",
            "/services/data/v64.0/sobjects/%zz",
            vec![auth],
            404,
            "NOT_FOUND",
        ),
        (
            "GET",
            "/services/data/v64.0/sobjects/Case/nonsense",
            vec![auth],
            404,
            "NOT_FOUND",
        ),
        (
            "GET",
            "/services/data/v64.0/sobjects/Case/005000000000001",
            vec![auth],
            404,
            "NOT_FOUND",
        ),
        (
            "GET",
            "/services/data/v64.0/sobjects/Case/Subject/x",
            vec![auth],
            404,
            "NOT_FOUND",
        ),
        (
            "DELETE",
            "/services/data/v64.0/sobjects",
            vec![auth],
            405,
            "METHOD_NOT_ALLOWED",
        ),
        (
            "BREW",
            "/services/data/v64.0/sobjects",
            vec![auth],
            405,
            "METHOD_NOT_ALLOWED",
        ),
        (
            "POST",
            "/services/data/v64.0/sobjects/Case",
            vec![auth, ("Content-Type", "a/b")],
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "GET",
            "/services/data/v64.0/query",
            vec![auth],
            400,
            "MALFORMED_QUERY",
        ),
        (
            "GET",
            "/services/data/v64.0/query/x",
            vec![auth],
            400,
            "INVALID_QUERY_LOCATOR",
        ),
        (
            "GET",
            "/services/omni/v1/events",
            vec![auth],
            400,
            "INVALID_INPUT",
        ),
        (
            "POST",
            "/services/omni/v1/works/x/accept",
            vec![auth],
            404,
            "WORK_NOT_FOUND",
        ),
        ("GET", "/telephony/v1/nonsense", vec![], 404, "NOT_FOUND"),
    ] {
        let reply = house.send(method, path, &headers, b"").await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{method} {path}: {}",
            reply.text()
        );
    }
    let reply = house
        .raw(b"GET /services/data HTTP/1.1\r\nHost: a<b>\r\nConnection: close\r\n\r\n")
        .await;
    assert_eq!(reply.status, 400);
    let xml = house
        .send(
            "GET",
            "/services/data/v64.0/nonsense",
            &[auth, ("Accept", "application/xml")],
            b"",
        )
        .await;
    assert!(
        xml.text()
            .contains("<Errors><Error><errorCode>NOT_FOUND</errorCode>"),
        "{}",
        xml.text()
    );
    let headers = [auth, ("Content-Type", "application/xml")];
    let path = "/services/data/v64.0/sobjects/Case";
    let made = house
        .send(
            "POST",
            path,
            &headers,
            b"<Case><Subject>by XML</Subject></Case>",
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let allowed = house
        .send("DELETE", "/services/data/v64.0/sobjects", &[auth], b"")
        .await;
    assert!(
        allowed.head.to_lowercase().contains("allow: head,get"),
        "{}",
        allowed.head
    );
}
