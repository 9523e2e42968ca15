//! The lock that keeps a second process out. The system drops it when the holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::OpenError;

/// Takes the lock beside the store's file.
pub(super) fn take(path: &Path) -> Result<File, OpenError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(path, ".lock"))
        .map_err(|error| refused(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: path.into() }),
        Err(TryLockError::Error(error)) => Err(refused(path, &error)),
    }
}

/// `path` with `ending` behind its file name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn refused(path: &Path, error: &io::Error) -> OpenError {
    use io::ErrorKind as K;
    let (path, why) = (path.to_owned(), error.to_string());
    match error.kind() {
        K::PermissionDenied | K::ReadOnlyFilesystem => OpenError::NotWritable { path, why },
        _ => OpenError::Io { path, why },
    }
}
