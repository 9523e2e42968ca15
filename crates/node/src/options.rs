//! What can be set on a node.

use std::path::PathBuf;
use std::time::Duration;

use crate::app::App;

/// Settings of a node. [`NodeOptions::new`] gives the defaults.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// Folder of the control file, the lock and one store file per org.
    pub data_dir: PathBuf,
    /// An unused session lives this long. Default: 2 hours, as the platform's default.
    pub session_timeout: Duration,
    /// A refresh token lives this long after its last use. Default: 365 days.
    pub refresh_timeout: Duration,
    /// A console may be away this long before its user is logged out (R155). Default: 60 s.
    pub presence_grace: Duration,
    /// Commands that may wait; more are refused at once. Default: 4,096.
    pub inbox_max: usize,
    /// Bytes of the commands that may wait; one alone is always taken. Default: 256 MiB.
    pub inbox_bytes_max: usize,
    /// Commands of one batch. Default: 512, where group commit stops gaining (PERFORMANCE 3.2).
    pub batch_max: usize,
    /// Threads that answer long queries, per org; as many connections answer short ones on the thread that
    /// asks. Default: 2.
    pub readers: usize,
    /// The runtime that callers live on: answers reach it in one piece per batch. Default: none, every
    /// caller is woken by the writer.
    pub runtime: Option<tokio::runtime::Handle>,
}

impl NodeOptions {
    /// The defaults for a data folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            session_timeout: Duration::from_secs(2 * 3_600),
            refresh_timeout: Duration::from_secs(365 * 86_400),
            presence_grace: Duration::from_secs(60),
            inbox_max: 4_096,
            inbox_bytes_max: 256 << 20,
            batch_max: 512,
            readers: 2,
            runtime: None,
        }
    }
}

/// A new org.
#[derive(Clone, Debug)]
pub struct OrgSpec {
    /// Its name; unique on the node, without regard to case.
    pub name: String,
    /// User name of its administrator; unique on the node.
    pub admin_username: String,
    /// The administrator's password.
    pub admin_password: String,
    /// Connected apps that exist from the start; an empty `run_as` becomes the administrator.
    pub apps: Vec<App>,
}
