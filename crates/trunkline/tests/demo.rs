//! The demo is alive: its console is there, its people bring cases and calls, its agents take them.

mod common;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{call, free_address, trunkline};
use serde_json::Value;

struct Demo {
    address: SocketAddr,
    child: Child,
    password: String,
}

impl Demo {
    fn start(data_dir: &Path) -> Self {
        let address = free_address();
        let mut command = trunkline();
        command.args(["demo", "--rate", "240", "--listen", &address.to_string()]);
        command.arg("--data-dir").arg(data_dir);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let out = child.stdout.take().expect("standard output");
        let password = BufReader::new(out)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let rest = line.trim().strip_prefix("Password")?;
                rest.split_whitespace().next().map(str::to_owned)
            });
        let password = password.expect("the banner names the password");
        Self {
            address,
            child,
            password,
        }
    }

    fn log_in(&self, username: &str) -> String {
        let form = format!(
            "grant_type=password&client_id=TrunklineConsole&username={}&password={}",
            username.replace('@', "%40"),
            self.password
        );
        let (status, answer) =
            call(self.address, "POST", "/services/oauth2/token", "", &form).expect("an answer");
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// True once an agent has accepted work of this kind.
    fn is_taken(&self, token: &str, prefix: &str) -> bool {
        let path = "/services/data/v64.0/query?q=SELECT+WorkItemId+FROM+AgentWork+WHERE+Status+IN+(%27Opened%27,%27Closed%27)";
        let (status, answer) = call(self.address, "GET", path, token, "").expect("an answer");
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let works = answer["records"].as_array().expect("records");
        works.iter().any(|work| {
            work["WorkItemId"]
                .as_str()
                .is_some_and(|id| id.starts_with(prefix))
        })
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended already
        let _ = self.child.wait(); // as above
    }
}

#[test]
fn cases_and_calls_find_their_agents() {
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start(dir.path());
    let (status, page) = call(demo.address, "GET", "/", "", "").expect("an answer");
    assert!(status == 200 && page.contains("<html"), "{status}");
    let supervisor = demo.log_in("ines.moreau@harborline.example");
    demo.log_in("robin.hale@harborline.example");
    let end = Instant::now() + Duration::from_secs(90);
    while !(demo.is_taken(&supervisor, "500") && demo.is_taken(&supervisor, "0LQ")) {
        assert!(
            Instant::now() < end,
            "no case or no call was taken within 90 s"
        );
        std::thread::sleep(Duration::from_millis(250));
    }
    let password = demo.password.clone();
    drop(demo);
    let again = Demo::start(dir.path());
    assert_eq!(again.password, password, "a kept demo keeps its password");
}
