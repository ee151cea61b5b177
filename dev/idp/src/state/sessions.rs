//! Who is signed in at the provider, in which browser.

use std::collections::{BTreeMap, BTreeSet};

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
    /// When the user last gave a second factor, since that password.
    #[serde(default)]
    pub(crate) second_factor_at: Option<u64>,
    /// The session's id as clients see it (`sid`).
    pub(crate) sid: String,
    /// The clients that were told of the sign-in, and are to be told of its end.
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

    /// Signs a user in and returns the new cookie. The old one is worth nothing from
    /// then on, so that nobody who planted a cookie is signed in along with the user.
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

    /// Whether the client was told of this sign-in.
    pub(crate) fn knows(&self, sid: &str, client_id: &str) -> bool {
        self.all().any(|account| account.sid == sid && account.clients.contains(client_id))
    }

    /// Notes that the client was told of this sign-in.
    pub(crate) fn join(&mut self, sid: &str, client_id: &str) {
        for account in self.all_mut().filter(|account| account.sid == sid) {
            account.clients.insert(client_id.to_owned());
        }
    }

    /// Notes that the user of this sign-in gave a second factor.
    pub(crate) fn strengthen(&mut self, sid: &str, now: u64) {
        for account in self.all_mut().filter(|account| account.sid == sid) {
            account.second_factor_at = Some(now);
        }
    }

    /// The sign-ins of a user, in whatever browser.
    pub(crate) fn of_user(&self, oid: &str, now: u64) -> Vec<Account> {
        let sessions = self.0.values().filter(|session| session.expires_at > now);
        let accounts = sessions.flat_map(|session| &session.accounts);
        accounts.filter(|account| account.oid == oid).cloned().collect()
    }

    /// Signs out one user of this cookie, or all of them. Gives the sign-ins that ended.
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

    /// Signs a user out in every browser. Gives the sign-ins that ended.
    pub(crate) fn sign_out_everywhere(&mut self, oid: &str) -> Vec<Account> {
        let mut ended = Vec::new();
        for session in self.0.values_mut() {
            ended.extend(session.accounts.extract_if(.., |account| account.oid == oid));
        }
        self.0.retain(|_, session| !session.accounts.is_empty());
        ended
    }

    fn all(&self) -> impl Iterator<Item = &Account> {
        self.0.values().flat_map(|session| &session.accounts)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Account> {
        self.0.values_mut().flat_map(|session| &mut session.accounts)
    }

    pub(super) fn prune(&mut self, now: u64) {
        self.0.retain(|_, session| session.expires_at > now);
    }
}
