//! The real binary under test: started on a free port, killed at the end whatever happens.
#![allow(dead_code)] // each test file uses its part

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const PASSWORD: &str = "correct-horse";
pub const ADMIN: &str = "admin@trunkline.local";

/// The binary, without anything of the environment that could change what it does.
pub fn trunkline() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRUNKLINE_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

pub fn output(command: &mut Command) -> Output {
    command.output().expect("the binary starts")
}

pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a free port")
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub child: Child,
}

impl Server {
    pub fn start(data_dir: &Path) -> Self {
        let address = free_address();
        let mut command = trunkline();
        command
            .args(["serve", "--listen", &address.to_string(), "--data-dir"])
            .arg(data_dir);
        command
            .env("TRUNKLINE_ADMIN_PASSWORD", PASSWORD)
            .env("TRUNKLINE_CLIENT_ID", "tests");
        command
            .env("TRUNKLINE_CLIENT_SECRET", "secret")
            .env("RUST_LOG", "warn");
        let child = command
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut server = Self { address, child };
        server.wait_until_ready();
        server
    }

    fn wait_until_ready(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("a child") {
                panic!("the server ended at its start: {status}");
            }
            if let Ok((200, _)) = call(self.address, "GET", "/readyz", "", "") {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server was not ready within a minute");
    }

    /// As `kill -9` does.
    pub fn kill(&self) {
        let kill = Command::new("kill")
            .args(["-9", &self.child.id().to_string()])
            .status();
        assert!(kill.expect("kill runs").success());
    }

    /// A session of the administrator.
    pub fn log_in(&self) -> String {
        let form = format!(
            "grant_type=password&client_id=tests&client_secret=secret&username={}&password={PASSWORD}",
            ADMIN.replace('@', "%40")
        );
        let (status, answer) =
            call(self.address, "POST", "/services/oauth2/token", "", &form).expect("an answer");
        assert_eq!(status, 200, "{answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended already
        let _ = self.child.wait(); // as above
    }
}

/// Status and body of one request on a connection of its own.
pub fn call(
    to: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
) -> std::io::Result<(u16, String)> {
    Connection::new(to).call(method, path, token, body)
}

/// A kept-alive connection.
pub struct Connection {
    to: SocketAddr,
    open: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub fn new(to: SocketAddr) -> Self {
        Self { to, open: None }
    }

    /// Status and body of one request. Without a token the body is a form, with one it is JSON.
    pub fn call(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> std::io::Result<(u16, String)> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let kind = if token.is_empty() {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        };
        let bearer = if token.is_empty() {
            String::new()
        } else {
            format!("Authorization: Bearer {token}\r\n")
        };
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{bearer}Content-Type: {kind}\r\n",
            self.to
        );
        stream
            .get_mut()
            .write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes())?;
        let answer = read(&mut stream)?;
        self.open = Some(stream);
        Ok(answer)
    }

    fn connect(&self) -> std::io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.to, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<(u16, String)> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|s| s.parse().ok());
    let status = status.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0)
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
