//! A Trunkline server for the length of a test: started on a free loopback port with an empty store, killed and
//! its folder removed when the value is dropped (also by a panic).

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cmd::{self, Cmd};
use crate::tools;

pub const USERNAME: &str = "admin@trunkline.local";
pub const PASSWORD: &str = "Only-for-tests-1";
pub const CLIENT_ID: &str = "conformance";
pub const CLIENT_SECRET: &str = "conformance-secret";

/// How long a start may take; it takes well under a second.
const START_LIMIT: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Server {
    /// Starts `trunkline serve`: org `default` with the user, password and connected app above.
    pub fn serve() -> Result<Self> {
        Self::start(&build()?, "serve")
    }

    /// Starts `trunkline demo`.
    pub fn demo() -> Result<Self> {
        Self::start(&build()?, "demo")
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn start(binary: &Path, command: &str) -> Result<Self> {
        let port = free_port()?;
        let folder = tools::target().join(format!("xtask/{command}-{port}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let log = File::create(folder.join("log"))?;
        let child = Command::new(binary)
            .args([
                command,
                "--listen",
                &format!("127.0.0.1:{port}"),
                "--data-dir",
            ])
            .arg(folder.join("data"))
            .env("TRUNKLINE_ADMIN_PASSWORD", PASSWORD)
            .env("TRUNKLINE_CLIENT_ID", CLIENT_ID)
            .env("TRUNKLINE_CLIENT_SECRET", CLIENT_SECRET)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut server = Self {
            child,
            port,
            folder,
        };
        match server.wait_until_ready() {
            Ok(()) => Ok(server),
            Err(e) => Err(e.context(server.log())),
        }
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let end = Instant::now() + START_LIMIT;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended at its start: {status}");
            }
            if self
                .get("/readyz")
                .is_ok_and(|answer| answer.contains(" 200 "))
            {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the server is not ready after {} s", START_LIMIT.as_secs())
    }

    /// The whole answer to a GET, head and body.
    pub fn get(&self, path: &str) -> Result<String> {
        let limit = Duration::from_secs(5);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_read_timeout(Some(limit))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Asks the server to stop (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it does not stop in 15 seconds or says that something went wrong.
    pub fn stop(mut self) -> Result<()> {
        Cmd::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.child.id())])
            .output()?;
        match cmd::wait(&mut self.child, Duration::from_secs(15))? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("the server ended with {status}\n{}", self.log()),
            None => bail!(
                "the server did not stop within 15 s of SIGTERM\n{}",
                self.log()
            ),
        }
    }

    /// The end of what the server logged.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(30)..)
            .unwrap_or_default();
        format!("last lines of the server's log:\n{}", tail.join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        cmd::kill_tree(&mut self.child);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Builds the binary in release mode and says where it is; `TRUNKLINE_BIN` names another one instead.
pub fn build() -> Result<PathBuf> {
    if let Some(binary) = std::env::var_os("TRUNKLINE_BIN") {
        return Ok(binary.into());
    }
    Cmd::cargo()
        .args(["build", "--release", "--bin", "trunkline"])
        .limit_minutes(30)
        .run()?;
    let binary = tools::target().join("release/trunkline");
    if !binary.is_file() {
        bail!("no binary at {}", binary.display());
    }
    Ok(binary)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ends_at_its_start_is_reported_with_its_log() {
        let error = Server::start(Path::new("/bin/cat"), "serve")
            .err()
            .map(|e| format!("{e:#}"));
        let error = error.unwrap_or_default();
        assert!(error.contains("the server ended at its start"), "{error}");
        assert!(error.contains("last lines of the server's log"), "{error}");
    }
}
