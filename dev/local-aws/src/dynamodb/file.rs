use std::{
    fs::{File, TryLockError},
    path::Path,
};

use crate::StoreError;

/// The right to open a database file, held by one process at a time.
///
/// SQLite would let two processes in, and each request of one would wait for the other. Two stacks
/// in one folder are a mistake, and the second gets an error at once. The operating system releases
/// the lock when the process ends, even if it crashes.
#[derive(Debug)]
pub(crate) struct FileLock(File);

impl FileLock {
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = database.display().to_string();
        let lock = database.with_added_extension("lock");
        let open = |file: &Path| {
            private_file::open(file)
                .map_err(|error| StoreError::Open { path: path.clone(), reason: error.to_string() })
        };
        let file = open(&lock)?;
        match file.try_lock() {
            Ok(()) => {
                // It contains sessions. SQLite gives its other files the permissions of this one.
                open(database)?;
                Ok(Self(file))
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path }),
            Err(TryLockError::Error(error)) => {
                Err(StoreError::Open { path, reason: error.to_string() })
            }
        }
    }
}

impl Drop for FileLock {
    /// Unlocks explicitly: closing is not enough while a child process, forked on another thread
    /// and not yet replaced by its program, has a copy of the descriptor.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_lock_is_free_while_a_copy_of_its_descriptor_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let lock = FileLock::take(&path).unwrap();
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        FileLock::take(&path).unwrap();
        drop(copy);
    }
}
