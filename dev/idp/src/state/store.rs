//! The document and its file.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{config::OpenError, state::Data};

/// Guards the document; a change is on disk before it is seen.
pub(crate) struct Store {
    path: Option<PathBuf>,
    data: Mutex<Data>,
}

/// The change could not be written and did not happen.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the provider's data to {path}: {source}")]
pub(crate) struct SaveError {
    pub(crate) path: PathBuf,
    pub(crate) source: std::io::Error,
}

impl From<SaveError> for OpenError {
    fn from(error: SaveError) -> Self {
        Self::Unwritable { path: error.path, fault: error.source.to_string() }
    }
}

impl Store {
    /// Reads the file; a file that is not there is an empty document.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, OpenError> {
        let data = match &path {
            Some(path) => read(path)?,
            None => Data::default(),
        };
        Ok(Self { path, data: Mutex::new(data) })
    }

    /// Looks at the document.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Data) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the document, all or nothing.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Data) -> T) -> Result<T, SaveError> {
        let mut data = self.lock();
        let mut next = data.clone();
        let outcome = change(&mut next);
        if let Some(path) = &self.path {
            save(path, &next).map_err(|source| SaveError { path: path.clone(), source })?;
        }
        *data = next;
        Ok(outcome)
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        // A panic inside `write` leaves the old document, whole, behind the lock.
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> Result<Data, OpenError> {
    let unreadable = |fault: String| OpenError::Unreadable { path: path.to_owned(), fault };
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|fault| unreadable(fault.to_string())),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(Data::default()),
        Err(fault) => Err(unreadable(fault.to_string())),
    }
}

/// Writes beside the file and renames: whoever reads sees the old document or the new
/// one. A temporary file is made with mode 0600, which the rename keeps: private keys are in it.
fn save(path: &Path, data: &Data) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, data)?;
    file.flush()?;
    file.persist(path)?;
    Ok(())
}
