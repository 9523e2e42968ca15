//! All orgs of one data folder.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use engine::{Caller, UserEntry};
use model::{Catalogue, Code, CommitBatch, RecordId, Refusal, Space};
use parking_lot::{Mutex, RwLock};
use store::Store;

use crate::answers::Answers;
use crate::app::App;
use crate::boot;
use crate::clock::{LiveClock, wall_clock};
use crate::control::{self, Control, OrgEntry};
use crate::cursor::Cursors;
use crate::handle::OrgHandle;
use crate::hub::Hub;
use crate::inbox::Inbox;
use crate::jobs::{self, Jobs};
use crate::keeper;
use crate::login::LoginBook;
use crate::options::{NodeOptions, OrgSpec};
use crate::org::OrgInner;
use crate::password::Passwords;
use crate::readers::Readers;
use crate::registry::Registry;
use crate::run;
use crate::usage::Usage;
use crate::writer::{StartError, Writer};

/// A node could not start or could not make an org. The text says what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The data folder cannot be used.
    #[error("cannot use data folder {path}: {why}")]
    DataDir {
        /// The folder.
        path: String,
        /// What the system said.
        why: String,
    },
    /// Another process works on it.
    #[error(
        "data folder {0} is in use by another trunkline process; stop that one or choose another folder"
    )]
    Locked(String),
    /// A store file cannot be opened.
    #[error("org {org}: {why}")]
    Store {
        /// Name of the org.
        org: String,
        /// What the store said.
        why: String,
    },
    /// The control file cannot be read.
    #[error("control file {path} is damaged: {why}; restore it from a backup")]
    Control {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// The rows of an org do not fit together.
    #[error("org {org}: the stored rows contradict each other: {why}; run `trunkline check`")]
    Corrupt {
        /// Name of the org.
        org: String,
        /// Which rows.
        why: String,
    },
    /// An org or user of this name exists.
    #[error("{0} is already taken on this node")]
    Taken(String),
    /// The new org was refused.
    #[error("the org could not be created: {0}")]
    Refused(Refusal),
    /// A thread could not be started or the catalogue is damaged.
    #[error("{0}")]
    Internal(String),
}

/// All orgs of one data folder. Cheap to clone.
#[derive(Clone)]
pub struct Node {
    inner: Arc<NodeInner>,
}

struct NodeInner {
    options: NodeOptions,
    catalogue: Arc<Catalogue>,
    control: Mutex<Control>,
    orgs: RwLock<Vec<OrgHandle>>,
    formats: std::sync::OnceLock<Arc<dyn jobs::Format>>,
    passwords: Arc<Passwords>,
}

impl Node {
    /// Locks the data folder and starts every org in it. Blocks until all are rebuilt.
    ///
    /// # Errors
    /// [`NodeError`] says what is wrong, where, and what to do.
    pub fn open(options: NodeOptions) -> Result<Self, NodeError> {
        let catalogue = Catalogue::standard().map_err(|e| NodeError::Internal(e.to_string()))?;
        let control = Control::open(&options.data_dir)?;
        let entries = control.orgs().to_vec();
        let inner = NodeInner {
            options,
            catalogue: Arc::new(catalogue),
            control: Mutex::new(control),
            orgs: RwLock::default(),
            formats: std::sync::OnceLock::new(),
            passwords: Passwords::for_machine(),
        };
        let node = Self {
            inner: Arc::new(inner),
        };
        for entry in entries {
            let org = node.start(&entry, None)?;
            node.inner.orgs.write().push(org);
        }
        Ok(node)
    }

    /// The orgs that a data folder lists, without starting or locking anything.
    ///
    /// # Errors
    /// [`NodeError::Control`] or [`NodeError::DataDir`].
    pub fn list(data_dir: &Path) -> Result<Vec<OrgEntry>, NodeError> {
        control::read(data_dir)
    }

    /// The org of this id, or the first one of the folder.
    pub fn org(&self, id: Option<RecordId>) -> Option<OrgHandle> {
        let orgs = self.inner.orgs.read();
        match id {
            Some(id) => orgs.iter().find(|o| o.id() == id).cloned(),
            None => orgs.first().cloned(),
        }
    }

    /// All orgs, the first one created first.
    pub fn orgs(&self) -> Vec<OrgHandle> {
        self.inner.orgs.read().clone()
    }

    /// The org that a session token names, and its caller (API version 64).
    ///
    /// # Errors
    /// [`Code::InvalidSessionId`].
    pub fn session(&self, token: &str) -> Result<(OrgHandle, Caller), Refusal> {
        let refused = || Refusal::new(Code::InvalidSessionId, "Session expired or invalid");
        let (org, _) = token.split_once('!').ok_or_else(refused)?;
        let id = RecordId::parse(org).map_err(|_| refused())?;
        let org = self.org(Some(id)).ok_or_else(refused)?;
        let caller = org.caller(token)?;
        Ok((org, caller))
    }

    /// The same for sessions whose scope only lets them tell who their user is.
    ///
    /// # Errors
    /// [`Code::InvalidSessionId`].
    pub fn any_session(&self, token: &str) -> Result<(OrgHandle, Caller), Refusal> {
        let refused = || Refusal::new(Code::InvalidSessionId, "Session expired or invalid");
        let (org, _) = token.split_once('!').ok_or_else(refused)?;
        let id = RecordId::parse(org).map_err(|_| refused())?;
        let org = self.org(Some(id)).ok_or_else(refused)?;
        let caller = org.inner.any_caller(token)?;
        Ok((org, caller))
    }

    /// The org and entry of a user name, which is unique on the node.
    pub fn user(&self, username: &str) -> Option<(OrgHandle, Arc<UserEntry>)> {
        let orgs = self.orgs();
        orgs.into_iter()
            .find_map(|org| org.user(username).map(|user| (org, user)))
    }

    /// The first org that has this connected app.
    pub fn app(&self, client_id: &str) -> Option<(OrgHandle, Arc<App>)> {
        let orgs = self.orgs();
        orgs.into_iter()
            .find_map(|org| org.app(client_id).map(|app| (org, app)))
    }

    /// True while every org takes commands.
    pub fn is_ready(&self) -> bool {
        let orgs = self.inner.orgs.read();
        orgs.iter()
            .all(|org| org.inner.is_ready.load(Ordering::Relaxed))
    }

    /// Creates and starts an org. Blocks: hashes a password and writes to disk.
    ///
    /// # Errors
    /// [`NodeError::Taken`] if its name or user name is in use, or what went wrong.
    pub fn create_org(&self, spec: OrgSpec) -> Result<OrgHandle, NodeError> {
        let mut control = self.inner.control.lock();
        let is_taken = control
            .orgs()
            .iter()
            .any(|o| o.name.eq_ignore_ascii_case(&spec.name));
        if is_taken {
            return Err(NodeError::Taken(format!("an org named {:?}", spec.name)));
        }
        if self.user(&spec.admin_username).is_some() {
            return Err(NodeError::Taken(format!(
                "the user name {}",
                spec.admin_username
            )));
        }
        let entry = control.next(&spec.name);
        self.remove_leftovers(&entry);
        let genesis = boot::genesis(&self.inner.catalogue, &entry, &spec, wall_clock())?;
        let org = self.start(&entry, Some(genesis))?;
        control.add(entry)?;
        if let Some(format) = self.inner.formats.get() {
            org.begin_jobs(Arc::clone(format));
        }
        self.inner.orgs.write().push(org.clone());
        Ok(org)
    }

    /// Gives bulk jobs of all orgs the means to read and write rows; they run from then on.
    pub fn begin_jobs(&self, format: Arc<dyn jobs::Format>) {
        let format = self.inner.formats.get_or_init(|| format);
        self.orgs()
            .iter()
            .for_each(|org| org.begin_jobs(Arc::clone(format)));
    }

    /// Files of an org whose creation was cut short: it is in no control file, so nobody ever used it.
    fn remove_leftovers(&self, entry: &OrgEntry) {
        for suffix in ["", "-wal", "-shm"] {
            let path = self
                .inner
                .options
                .data_dir
                .join(format!("{}{suffix}", entry.file));
            let _ = fs::remove_file(path); // usually there is none
        }
    }

    fn start(
        &self,
        entry: &OrgEntry,
        genesis: Option<CommitBatch>,
    ) -> Result<OrgHandle, NodeError> {
        start(&self.inner, entry, genesis)
    }

    /// Stops all orgs: no new commands, those taken are finished, stores are closed.
    pub async fn shutdown(&self) {
        for org in self.orgs() {
            org.shutdown().await;
        }
    }

    /// The same for programs without a runtime.
    pub fn stop(&self) {
        self.orgs().iter().for_each(|org| org.inner.stop());
    }
}

fn start(
    node: &NodeInner,
    entry: &OrgEntry,
    genesis: Option<CommitBatch>,
) -> Result<OrgHandle, NodeError> {
    let (options, catalogue) = (&node.options, &node.catalogue);
    let wrong = |error: StartError| NodeError::Store {
        org: entry.name.clone(),
        why: error.to_string(),
    };
    if genesis.is_none() {
        entry.stored(&options.data_dir)?;
    }
    let writer = open_writer(options, catalogue, entry, genesis).map_err(wrong)?;
    if writer.last().seq == 0 {
        return Err(entry.lost());
    }
    let inner = assemble(node, entry, &writer).map_err(wrong)?;
    run::mirror_login(&writer, &inner).map_err(wrong)?;
    let consoles = writer.notes(Space::Session).map_err(|e| wrong(e.into()))?;
    keeper::consoles_of(&consoles).for_each(|user| inner.registry.expect(user, Instant::now()));
    let (for_writer, for_keeper, for_jobs) =
        (Arc::clone(&inner), Arc::clone(&inner), Arc::clone(&inner));
    let threads = [
        spawn(format!("writer-{}", entry.name), move || {
            run::serve(writer, &for_writer)
        })?,
        spawn(format!("keeper-{}", entry.name), move || {
            keeper::keep(&for_keeper)
        })?,
        spawn(format!("jobs-{}", entry.name), move || {
            jobs::serve(&for_jobs)
        })?,
    ];
    inner.threads.lock().extend(threads);
    Ok(OrgHandle { inner })
}

fn open_writer(
    options: &NodeOptions,
    catalogue: &Arc<Catalogue>,
    entry: &OrgEntry,
    genesis: Option<CommitBatch>,
) -> Result<Writer, StartError> {
    let path = options.data_dir.join(&entry.file);
    let known = Arc::clone(catalogue);
    let opener = Box::new(move || Store::open_sqlite(&path, &known));
    Writer::open(Arc::clone(catalogue), opener, genesis)
}

fn jobs_folder(options: &NodeOptions, entry: &OrgEntry) -> std::path::PathBuf {
    options.data_dir.join("jobs").join(entry.id.as_15())
}

fn assemble(
    node: &NodeInner,
    entry: &OrgEntry,
    writer: &Writer,
) -> Result<Arc<OrgInner>, StartError> {
    let (options, catalogue) = (&node.options, &node.catalogue);
    let some = || -> Result<Vec<_>, StartError> {
        (0..options.readers.max(1))
            .map(|_| writer.reader())
            .collect()
    };
    let readers = Readers::start(some()?, some()?);
    let readers = readers.map_err(|e| StartError::Corrupt(e.to_string()))?;
    Ok(Arc::new(OrgInner {
        id: entry.id,
        name: entry.name.clone(),
        file: entry.file.clone(),
        options: options.clone(),
        catalogue: Arc::clone(catalogue),
        system_user: writer.engine().system_user(),
        inbox: Inbox::new(options.inbox_max, options.inbox_bytes_max),
        answers: Answers::new(options.runtime.as_ref()),
        login: LoginBook::default(),
        hub: Hub::new(u64::try_from(wall_clock().0).unwrap_or(0)),
        registry: Registry::default(),
        cursors: Cursors::default(),
        jobs: Jobs::open(jobs_folder(options, entry), &writer.notes(Space::Job)?),
        readers,
        directory: RwLock::new(writer.engine().directory()),
        clock: LiveClock::start(writer.last().now),
        usage: Usage::of(&writer.notes(Space::Setting)?),
        is_ready: AtomicBool::new(true),
        threads: Mutex::default(),
        passwords: Arc::clone(&node.passwords),
        statuses_seen: Mutex::default(),
    }))
}

fn spawn(
    name: String,
    work: impl FnOnce() + Send + 'static,
) -> Result<std::thread::JoinHandle<()>, NodeError> {
    let thread = std::thread::Builder::new().name(name).spawn(work);
    thread.map_err(|e| NodeError::Internal(format!("cannot start a thread: {e}")))
}
