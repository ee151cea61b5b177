use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use crate::StoreError;

/// The right to open a database file, held by one process at a time.
///
/// SQLite would let two in, and each request of one would wait for the other;
/// two stacks on one folder are a mistake and should hear so at once. The
/// operating system lets go of the lock when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = database.display().to_string();
        let lock: PathBuf = database.with_added_extension("lock");
        let file =
            File::options().create(true).truncate(false).write(true).open(lock).map_err(
                |error| StoreError::Open { path: path.clone(), reason: error.to_string() },
            )?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path }),
            Err(TryLockError::Error(error)) => {
                Err(StoreError::Open { path, reason: error.to_string() })
            }
        }
    }
}
