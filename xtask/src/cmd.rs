//! Runs other programs: each with a time limit, its output passed on, its tests counted.
//!
//! Children stay in our process group, so that Ctrl-C reaches them; on a time-out the child and everything
//! below it is killed.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::tally::Tally;

/// A program call under construction.
pub struct Cmd {
    inner: Command,
    shown: String,
    limit: Duration,
}

impl Cmd {
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut inner = Command::new(program);
        inner.stdin(Stdio::null()).current_dir(crate::tools::root());
        let shown = Path::new(program)
            .file_name()
            .unwrap_or(program)
            .to_string_lossy()
            .into_owned();
        Self {
            inner,
            shown,
            limit: Duration::from_secs(10 * 60),
        }
    }

    /// Cargo itself, the one that runs us.
    pub fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&arg.as_ref().to_string_lossy());
        self.inner.arg(arg);
        self
    }

    pub fn args<S: AsRef<OsStr>>(self, args: impl IntoIterator<Item = S>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.inner.current_dir(dir);
        self
    }

    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(key, value);
        self
    }

    pub fn limit_minutes(mut self, minutes: u64) -> Self {
        self.limit = Duration::from_secs(60 * minutes);
        self
    }

    /// Runs to the end, passes the output on and counts the tests in it.
    ///
    /// # Errors
    /// When the program cannot start, fails, or takes longer than its limit.
    pub fn run(mut self) -> Result<Tally> {
        println!("$ {}", self.shown);
        let mut child = self.start(Stdio::piped())?;
        let tally = Arc::new(Mutex::new(Tally::default()));
        let ended = pass_on(&mut child, Arc::clone(&tally));
        let status = wait(&mut child, self.limit)?;
        // A grandchild may keep the pipe open; what it says later is of no interest.
        let _ = ended.recv_timeout(Duration::from_secs(2));
        self.judge(status)?;
        Ok(tally.lock().map(|t| *t).unwrap_or_default())
    }

    /// Runs to the end and returns what the program printed.
    ///
    /// # Errors
    /// When the program cannot start, fails, or takes longer than its limit.
    pub fn output(mut self) -> Result<String> {
        let mut child = self.start(Stdio::piped())?;
        let stdout = child.stdout.take().context("no pipe")?;
        let reader = thread::spawn(move || std::io::read_to_string(stdout));
        let status = wait(&mut child, self.limit)?;
        self.judge(status)?;
        reader
            .join()
            .map_err(|_| anyhow::anyhow!("the reader of {} panicked", self.shown))?
            .context("output is not text")
    }

    /// Whether the program runs and succeeds; its output is dropped.
    pub fn succeeds(mut self) -> bool {
        self.inner.stderr(Stdio::null());
        self.output().is_ok()
    }

    /// Starts the program beside us.
    ///
    /// # Errors
    /// When it cannot start.
    pub fn background(mut self) -> Result<Background> {
        println!("$ {} &", self.shown);
        let mut child = self.start(Stdio::piped())?;
        let stdout = child.stdout.take().context("no pipe")?;
        Ok(Background {
            child,
            lines: BufReader::new(stdout).lines(),
            cmd: self,
        })
    }

    fn start(&mut self, stdout: Stdio) -> Result<Child> {
        self.inner
            .stdout(stdout)
            .spawn()
            .with_context(|| format!("cannot start {}", self.shown))
    }

    fn judge(&self, status: Option<ExitStatus>) -> Result<()> {
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("{}: {status}", self.shown),
            None => bail!(
                "{}: not ready after {} minutes, killed",
                self.shown,
                self.limit.as_secs() / 60
            ),
        }
    }
}

/// A program that runs beside us; killed when the value is dropped.
pub struct Background {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    cmd: Cmd,
}

impl Background {
    /// The next line that it prints; it must end by itself or print within its own limit.
    ///
    /// # Errors
    /// When it ends without another line.
    pub fn first_line(&mut self) -> Result<String> {
        match self.lines.next() {
            Some(line) => Ok(line?),
            None => bail!("{} ended and said nothing", self.cmd.shown),
        }
    }

    /// Waits until it ends.
    ///
    /// # Errors
    /// When it fails or takes longer than its limit.
    pub fn finish(mut self) -> Result<()> {
        let status = wait(&mut self.child, self.cmd.limit)?;
        self.cmd.judge(status)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        kill_tree(&mut self.child);
    }
}

/// Prints the child's output line by line and adds up its closing lines; the receiver hears of the end.
fn pass_on(child: &mut Child, tally: Arc<Mutex<Tally>>) -> mpsc::Receiver<()> {
    let (done, ended) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                if let Ok(mut tally) = tally.lock() {
                    *tally += Tally::of_line(&line);
                }
            }
            let _ = done.send(());
        });
    }
    ended
}

/// Waits for the child; `None` when the limit passed and it was killed.
pub fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            kill_tree(child);
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Kills the child and all its descendants, and reaps the child.
pub fn kill_tree(child: &mut Child) {
    let mut pids = vec![child.id()];
    let mut at = 0;
    while let Some(&pid) = pids.get(at) {
        pids.extend(children_of(pid));
        at += 1;
    }
    let list: Vec<String> = pids.iter().skip(1).map(u32::to_string).collect();
    let _ = child.kill();
    let _ = child.wait();
    if !list.is_empty() {
        let _ = Command::new("sh")
            .args(["-c", &format!("kill -9 {} 2>/dev/null", list.join(" "))])
            .status();
    }
}

/// Children of all threads of a process, as Linux lists them; empty elsewhere.
fn children_of(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|p| p.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_failure_and_time_limit() {
        assert_eq!(Cmd::new("echo").arg("hello").output().unwrap(), "hello\n");
        assert!(
            Cmd::new("false")
                .run()
                .unwrap_err()
                .to_string()
                .contains("false: exit status: 1")
        );
        let tally = Cmd::new("echo").arg("3 passed, 0 failed").run().unwrap();
        assert_eq!(
            tally,
            Tally {
                passed: 3,
                failed: 0
            }
        );
        let mut hanging = Command::new("sh")
            .args(["-c", "sleep 600; true"])
            .spawn()
            .unwrap();
        assert!(
            wait(&mut hanging, Duration::from_millis(200))
                .unwrap()
                .is_none()
        );
    }
}
