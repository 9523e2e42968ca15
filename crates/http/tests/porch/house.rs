//! A house to knock at: a node with two orgs, a porch in front of it, and a plain HTTP client.

use std::sync::Arc;
use std::time::Duration;

use http_porch::{HttpOptions, Porch};
use metrics_exporter_prometheus::PrometheusBuilder;
use node::{App, Node, NodeOptions, OrgHandle, OrgSpec};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

pub const ADMIN: &str = "admin@one.example";
pub const PASSWORD: &str = "correct horse";

pub struct House {
    pub node: Node,
    pub org: OrgHandle,
    /// Sessions: administrator, a user who may only read, an administrator of another org.
    pub admin: String,
    pub reader: String,
    pub foreigner: String,
    pub address: std::net::SocketAddr,
    stop: watch::Sender<bool>,
    _dir: tempfile::TempDir,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The platform's code in any of its shapes.
    pub fn code(&self) -> String {
        let json = self.json();
        let found = [
            &json[0]["errorCode"],
            &json["error"],
            &json["code"],
            &json["exceptionCode"],
        ];
        let text = found.iter().find_map(|v| v.as_str()).map(str::to_owned);
        let in_xml = |before: &str| {
            self.text()
                .split(before)
                .nth(1)?
                .split('<')
                .next()
                .map(str::to_owned)
        };
        text.or_else(|| in_xml("<faultcode>sf:"))
            .or_else(|| in_xml("<exceptionCode>"))
            .unwrap_or_default()
    }
}

impl House {
    pub async fn open() -> Self {
        Self::with(HttpOptions::default()).await
    }

    pub async fn with(options: HttpOptions) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::open(NodeOptions::new(dir.path())).unwrap();
        let make = |name: &'static str, admin: &'static str, apps: Vec<App>| {
            let node = node.clone();
            let spec = OrgSpec {
                name: name.to_owned(),
                admin_username: admin.to_owned(),
                admin_password: PASSWORD.to_owned(),
                apps,
            };
            tokio::task::spawn_blocking(move || node.create_org(spec).unwrap())
        };
        let app = App {
            client_id: "app".to_owned(),
            secret_sha256: Some(node::hash_hex("secret")),
            name: "App".to_owned(),
            grants: ["password", "client_credentials", "refresh_token"]
                .map(str::to_owned)
                .to_vec(),
            run_as: Some(String::new()),
            is_preauthorized: true,
            ..App::default()
        };
        let org = make("one", ADMIN, vec![app]).await.unwrap();
        let other = make("two", "admin@two.example", vec![]).await.unwrap();
        let admin = session(&org, ADMIN).await;
        let foreigner = session(&other, "admin@two.example").await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let porch = Arc::new(Porch::new(node.clone(), metrics, options));
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(http_porch::serve(listener, porch, stopping));
        let mut house = Self {
            node,
            org,
            admin,
            reader: String::new(),
            foreigner,
            address,
            stop,
            _dir: dir,
        };
        house.reader = house.user("reader@one.example", "Read Only").await;
        house
    }

    /// A new user with this profile; gives its session.
    pub async fn user(&self, username: &str, profile: &str) -> String {
        let query = format!(
            "/services/data/v64.0/query?q=SELECT+Id+FROM+Profile+WHERE+Name='{}'",
            profile.replace(' ', "+")
        );
        let profile = self.get(&query).await.json()["records"][0]["Id"].clone();
        let user = json!({
            "Username": username, "LastName": "Reader", "Email": username, "Alias": "reader", "ProfileId": profile,
            "TimeZoneSidKey": "Europe/London", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US",
        });
        let made = self.post("/services/data/v64.0/sobjects/User", &user).await;
        assert_eq!(made.status, 201, "{}", made.text());
        session(&self.org, username).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(
            "GET",
            path,
            &[("Authorization", &format!("Bearer {}", self.admin))],
            b"",
        )
        .await
    }

    pub async fn post(&self, path: &str, body: &Json) -> Reply {
        let token = format!("Bearer {}", self.admin);
        let headers = [
            ("Authorization", token.as_str()),
            ("Content-Type", "application/json"),
        ];
        self.send("POST", path, &headers, body.to_string().as_bytes())
            .await
    }

    /// A new record of the administrator; gives its id.
    pub async fn create(&self, object: &str, body: Json) -> String {
        let made = self
            .post(&format!("/services/data/v64.0/sobjects/{object}"), &body)
            .await;
        assert_eq!(made.status, 201, "{object}: {}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// How many rows an object has.
    pub async fn count(&self, object: &str) -> u64 {
        let answer = self
            .get(&format!(
                "/services/data/v64.0/query?q=SELECT+COUNT()+FROM+{object}"
            ))
            .await;
        answer.json()["totalSize"].as_u64().unwrap()
    }

    /// One request on a connection of its own.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.address
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method != "GET" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    /// Bytes on a connection, and what comes back until it ends.
    pub async fn raw(&self, bytes: &[u8]) -> Reply {
        let exchange = async {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            let (mut reader, mut writer) = stream.split();
            let mut answer = Vec::new();
            // the server may answer and hang up before it has read everything
            let (_, _) = tokio::join!(writer.write_all(bytes), reader.read_to_end(&mut answer));
            parse(&answer)
        };
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .expect("an answer in time")
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        let node = self.node.clone();
        let _ = std::thread::spawn(move || node.stop()).join();
    }
}

async fn session(org: &OrgHandle, username: &str) -> String {
    let user = org.user(username).unwrap().id;
    org.open_session(user, None).await.unwrap()
}

fn parse(bytes: &[u8]) -> Reply {
    let end = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    let rest = bytes.get(end + 4..).unwrap_or_default();
    let is_chunked = head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked");
    let body = if is_chunked {
        whole(rest)
    } else {
        rest.to_vec()
    };
    Reply { status, head, body }
}

/// The chunks of a body, put together.
fn whole(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = chunks.windows(2).position(|w| w == b"\r\n") {
        let size = std::str::from_utf8(&chunks[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        body.extend_from_slice(&chunks[end + 2..end + 2 + size]);
        chunks = &chunks[end + 4 + size..];
    }
    body
}
