//! The control file: which orgs a data folder holds. Small, written whole and renamed into place.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use model::{KeyPrefix, RecordId};
use serde::{Deserialize, Serialize};

use crate::node::NodeError;

/// Version of the control file's form.
const VERSION: u32 = 1;

/// One org of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgEntry {
    /// `00D...`.
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// Its store file, inside the data folder.
    pub file: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    version: u32,
    orgs: Vec<OrgEntry>,
}

impl OrgEntry {
    /// The store of an org that has one.
    ///
    /// # Errors
    /// [`NodeError::Store`] if the file is gone or was cut to nothing: opened, it would be a new org.
    pub(crate) fn stored(&self, dir: &Path) -> Result<PathBuf, NodeError> {
        let path = dir.join(&self.file);
        let is_there = fs::metadata(&path).is_ok_and(|file| file.len() > 0);
        is_there.then_some(path).ok_or_else(|| self.lost())
    }

    /// The org's rows are gone.
    pub(crate) fn lost(&self) -> NodeError {
        NodeError::Store {
            org: self.name.clone(),
            why: format!(
                "its store {} is missing or empty, though control.json lists it; restore it from a backup",
                self.file
            ),
        }
    }
}

/// The folder, locked for this process while the value lives.
pub(crate) struct Control {
    dir: PathBuf,
    orgs: Vec<OrgEntry>,
    _lock: File,
}

impl Control {
    /// Makes the folder if need be, locks it and reads its control file.
    pub fn open(dir: &Path) -> Result<Self, NodeError> {
        fs::create_dir_all(dir).map_err(|e| unusable(dir, e))?;
        let lock = lock(dir)?;
        let orgs = read(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            orgs,
            _lock: lock,
        })
    }

    pub fn orgs(&self) -> &[OrgEntry] {
        &self.orgs
    }

    /// The entry of a new org; not yet in the file.
    pub fn next(&self, name: &str) -> OrgEntry {
        let numbers = self.orgs.iter().filter_map(|o| o.id.number());
        let number = numbers.max().unwrap_or(0) + 1;
        OrgEntry {
            id: RecordId::new(KeyPrefix::of("00D"), number),
            name: name.to_owned(),
            file: format!("org-{number}.db"),
        }
    }

    /// Writes the file with one org more.
    pub fn add(&mut self, entry: OrgEntry) -> Result<(), NodeError> {
        self.orgs.push(entry);
        let contents = Contents {
            version: VERSION,
            orgs: self.orgs.clone(),
        };
        write(&self.dir, &contents).map_err(|e| unusable(&self.dir, e))
    }
}

/// The orgs of a folder, without a lock: for looking only.
pub(crate) fn read(dir: &Path) -> Result<Vec<OrgEntry>, NodeError> {
    let path = file(dir);
    let damaged = |why: String| NodeError::Control {
        path: path.display().to_string(),
        why,
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(unusable(dir, e)),
    };
    let contents: Contents = serde_json::from_str(&text).map_err(|e| damaged(e.to_string()))?;
    if contents.version != VERSION {
        return Err(damaged(format!(
            "version {} is not {VERSION}",
            contents.version
        )));
    }
    Ok(contents.orgs)
}

fn file(dir: &Path) -> PathBuf {
    dir.join("control.json")
}

fn unusable(dir: &Path, why: std::io::Error) -> NodeError {
    NodeError::DataDir {
        path: dir.display().to_string(),
        why: why.to_string(),
    }
}

fn lock(dir: &Path) -> Result<File, NodeError> {
    let path = dir.join("lock");
    let open = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path);
    let file = open.map_err(|e| unusable(dir, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(NodeError::Locked(dir.display().to_string())),
        Err(fs::TryLockError::Error(e)) => Err(unusable(dir, e)),
    }
}

fn write(dir: &Path, contents: &Contents) -> std::io::Result<()> {
    let temporary = dir.join("control.json.new");
    let mut out = File::create(&temporary)?;
    out.write_all(&serde_json::to_vec_pretty(contents)?)?;
    out.sync_all()?;
    fs::rename(&temporary, file(dir))?;
    File::open(dir)?.sync_all()
}
