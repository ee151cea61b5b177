//! Who is signed in at the provider, in which browser.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::secret;

/// How long a browser stays signed in at the provider: a day, as Entra's
/// sessions do when nobody asks to stay signed in.
const LIFETIME: u64 = 24 * 60 * 60;

/// A user signed in in a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) oid: String,
    /// When the user last gave a password, in seconds since 1970.
    pub(crate) auth_time: u64,
    /// The session's id as clients see it (`sid`).
    pub(crate) sid: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Session {
    accounts: Vec<Account>,
    expires_at: u64,
}

/// All browser sessions, by the digest of their cookie.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sessions(BTreeMap<String, Session>);

impl Sessions {
    /// The users signed in under this cookie.
    pub(crate) fn accounts(&self, cookie: Option<&str>, now: u64) -> Vec<Account> {
        cookie
            .and_then(|cookie| self.0.get(&secret::digest(cookie)))
            .filter(|session| session.expires_at > now)
            .map(|session| session.accounts.clone())
            .unwrap_or_default()
    }

    /// Signs a user in and returns the new cookie. The old one is worth nothing from
    /// then on, so that nobody who planted a cookie is signed in along with the user.
    pub(crate) fn sign_in(&mut self, old: Option<&str>, oid: &str, now: u64) -> (String, Account) {
        let mut accounts = self.accounts(old, now);
        if let Some(old) = old {
            self.0.remove(&secret::digest(old));
        }
        let before = accounts.iter().position(|account| account.oid == oid);
        let sid = before.map(|at| accounts.remove(at).sid);
        let account =
            Account { oid: oid.to_owned(), auth_time: now, sid: sid.unwrap_or_else(secret::guid) };
        accounts.push(account.clone());
        let cookie = secret::token();
        let session = Session { accounts, expires_at: now + LIFETIME };
        self.0.insert(secret::digest(&cookie), session);
        (cookie, account)
    }

    /// Signs out one user of this cookie, or all of them.
    pub(crate) fn sign_out(&mut self, cookie: &str, oid: Option<&str>) {
        let key = secret::digest(cookie);
        if let Some(session) = self.0.get_mut(&key) {
            session.accounts.retain(|account| oid.is_some_and(|oid| account.oid != oid));
            if session.accounts.is_empty() {
                self.0.remove(&key);
            }
        }
    }

    pub(super) fn prune(&mut self, now: u64) {
        self.0.retain(|_, session| session.expires_at > now);
    }
}
