//! Sessions at the provider: which users are signed in in which browser.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::secret;

/// How long a browser stays signed in, in seconds: a day, as at Entra without "Stay signed in".
const LIFETIME: u64 = 24 * 60 * 60;

/// A user who is signed in in a browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) oid: String,
    /// When the user last entered the password, in seconds since 1970.
    pub(crate) auth_time: u64,
    /// When the user last entered a second factor, since that password.
    #[serde(default)]
    pub(crate) second_factor_at: Option<u64>,
    /// The session's id as clients see it (`sid`).
    pub(crate) sid: String,
    /// The clients that took part in the sign-in and are notified when it ends.
    #[serde(default)]
    pub(crate) clients: BTreeSet<String>,
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

    /// Signs a user in and returns the new cookie. The old one becomes invalid, so that an
    /// attacker who planted it isn't signed in along with the user.
    pub(crate) fn sign_in(&mut self, old: Option<&str>, oid: &str, now: u64) -> (String, Account) {
        let mut accounts = self.accounts(old, now);
        if let Some(old) = old {
            self.0.remove(&secret::digest(old));
        }
        let before = accounts.iter().position(|account| account.oid == oid);
        let (sid, clients) = match before.map(|at| accounts.remove(at)) {
            Some(before) => (before.sid, before.clients),
            None => (secret::guid(), BTreeSet::new()),
        };
        let oid = oid.to_owned();
        let account = Account { oid, auth_time: now, second_factor_at: None, sid, clients };
        accounts.push(account.clone());
        let cookie = secret::token();
        let session = Session { accounts, expires_at: now + LIFETIME };
        self.0.insert(secret::digest(&cookie), session);
        (cookie, account)
    }

    /// Whether the client takes part in this sign-in.
    pub(crate) fn has_client(&self, sid: &str, client_id: &str) -> bool {
        let mut accounts = self.0.values().flat_map(|session| &session.accounts);
        accounts.any(|account| account.sid == sid && account.clients.contains(client_id))
    }

    /// Records that the client takes part in this sign-in.
    pub(crate) fn add_client(&mut self, sid: &str, client_id: &str) {
        for account in self.with_sid(sid) {
            account.clients.insert(client_id.to_owned());
        }
    }

    /// Records that the user of this sign-in entered a second factor.
    pub(crate) fn add_second_factor(&mut self, sid: &str, now: u64) {
        for account in self.with_sid(sid) {
            account.second_factor_at = Some(now);
        }
    }

    /// A user's sign-ins, in all browsers.
    pub(crate) fn of_user(&self, oid: &str, now: u64) -> Vec<Account> {
        let sessions = self.0.values().filter(|session| session.expires_at > now);
        let accounts = sessions.flat_map(|session| &session.accounts);
        accounts.filter(|account| account.oid == oid).cloned().collect()
    }

    /// Signs out one user of this cookie, or all of them. Returns the sign-ins that ended.
    pub(crate) fn sign_out(&mut self, cookie: &str, oid: Option<&str>) -> Vec<Account> {
        let key = secret::digest(cookie);
        let Some(session) = self.0.get_mut(&key) else { return Vec::new() };
        let meant = |account: &mut Account| oid.is_none_or(|oid| account.oid == oid);
        let ended = session.accounts.extract_if(.., meant).collect();
        if session.accounts.is_empty() {
            self.0.remove(&key);
        }
        ended
    }

    /// Signs a user out in every browser.
    pub(crate) fn sign_out_everywhere(&mut self, oid: &str) {
        self.0.retain(|_, session| {
            session.accounts.retain(|account| account.oid != oid);
            !session.accounts.is_empty()
        });
    }

    fn with_sid(&mut self, sid: &str) -> impl Iterator<Item = &mut Account> {
        let accounts = self.0.values_mut().flat_map(|session| &mut session.accounts);
        accounts.filter(move |account| account.sid == sid)
    }

    pub(super) fn prune(&mut self, now: u64) {
        self.0.retain(|_, session| session.expires_at > now);
    }
}
