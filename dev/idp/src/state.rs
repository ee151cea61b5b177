//! What survives a restart: one document, read at startup and written at every change.

mod refresh;
mod sessions;
mod users;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

pub(crate) use self::{
    refresh::{RefreshError, RefreshToken, RefreshTokens},
    sessions::{Account, Sessions},
    users::{SignUpError, User, Users},
};
use crate::{apps::CLIENTS, config::OpenError, keys::StoredKey, oauth_error::OAuthError, secret};

/// The document.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Data {
    /// Newest first.
    pub(crate) keys: Vec<StoredKey>,
    /// By client id.
    pub(crate) client_secrets: BTreeMap<String, String>,
    pub(crate) users: Users,
    pub(crate) consents: Consents,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) sessions: Sessions,
}

impl Data {
    /// Adds missing client secrets and demo users. Keys are generated elsewhere, since that can
    /// fail.
    pub(crate) fn complete(&mut self, now: u64) {
        for client_id in CLIENTS {
            self.client_secrets.entry(client_id.to_owned()).or_insert_with(secret::client_secret);
        }
        self.users.add_demo_users(now);
    }

    /// Drops what has expired.
    pub(crate) fn prune(&mut self, now: u64) {
        self.refresh_tokens.prune(now);
        self.sessions.prune(now);
    }
}

/// The API scopes that users have consented to, by `{client id} {oid}`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Consents(BTreeMap<String, BTreeSet<String>>);

impl Consents {
    /// Whether the user has consented to all of these.
    pub(crate) fn cover(&self, client_id: &str, oid: &str, api: &BTreeSet<String>) -> bool {
        let given = self.0.get(&format!("{client_id} {oid}"));
        api.is_empty() || given.is_some_and(|given| api.is_subset(given))
    }

    /// Whether the user has ever given the client consent.
    pub(crate) fn has_any(&self, client_id: &str, oid: &str) -> bool {
        self.0.contains_key(&format!("{client_id} {oid}"))
    }

    /// Records the user's consent.
    pub(crate) fn give(&mut self, client_id: &str, oid: &str, api: &BTreeSet<String>) {
        self.0.entry(format!("{client_id} {oid}")).or_default().extend(api.iter().cloned());
    }
}

/// Guards the document. A change is on disk before it becomes visible.
pub(crate) struct Store {
    path: Option<PathBuf>,
    data: Mutex<Data>,
}

/// The change could not be written and was not made.
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

impl From<SaveError> for OAuthError {
    fn from(error: SaveError) -> Self {
        tracing::error!(%error, "no tokens issued");
        Self::server_error()
    }
}

impl Store {
    /// Reads the file; a missing file is an empty document.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, OpenError> {
        let data = match &path {
            Some(path) => read(path)?,
            None => Data::default(),
        };
        Ok(Self { path, data: Mutex::new(data) })
    }

    /// Reads the document.
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
    match private_file::read(path) {
        Ok(Some(bytes)) => {
            serde_json::from_slice(&bytes).map_err(|fault| unreadable(fault.to_string()))
        }
        Ok(None) => Ok(Data::default()),
        Err(fault) => Err(unreadable(fault.to_string())),
    }
}

/// The document contains private keys and client secrets.
fn save(path: &Path, data: &Data) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty() && !it.exists()) {
        private_file::create_folder(folder)?;
    }
    private_file::write(path, &serde_json::to_vec(data)?)
}
