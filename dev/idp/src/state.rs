//! What outlives a restart: one document, read at the start and written at every change.

mod refresh;
mod sessions;
mod store;
mod users;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(crate) use self::{
    refresh::{RefreshFault, RefreshTokens},
    sessions::{Account, Sessions},
    store::{SaveError, Store},
    users::{SignUpFault, User, Users},
};
use crate::{apps::CLIENTS, keys::StoredKey, secret};

/// Everything that is kept.
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
    /// Adds what every provider has and this one lacks: demo users, client secrets.
    /// Keys are not made here, as that can fail.
    pub(crate) fn complete(&mut self, now: u64) {
        for client_id in CLIENTS {
            self.client_secrets.entry(client_id.to_owned()).or_insert_with(secret::client_secret);
        }
        self.users.add_demo_users(now);
    }

    /// Forgets what has expired.
    pub(crate) fn prune(&mut self, now: u64) {
        self.refresh_tokens.prune(now);
        self.sessions.prune(now);
    }
}

/// What users have allowed, by `{client id} {oid}`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Consents(BTreeMap<String, BTreeSet<String>>);

impl Consents {
    /// Whether the user has allowed the client all of these.
    pub(crate) fn cover(&self, client_id: &str, oid: &str, api: &BTreeSet<String>) -> bool {
        let given = self.0.get(&format!("{client_id} {oid}"));
        api.is_empty() || given.is_some_and(|given| api.is_subset(given))
    }

    /// Whether the user was ever asked about the client and said yes.
    pub(crate) fn has_any(&self, client_id: &str, oid: &str) -> bool {
        self.0.contains_key(&format!("{client_id} {oid}"))
    }

    /// Remembers that the user has allowed these.
    pub(crate) fn give(&mut self, client_id: &str, oid: &str, api: &BTreeSet<String>) {
        self.0.entry(format!("{client_id} {oid}")).or_default().extend(api.iter().cloned());
    }
}
