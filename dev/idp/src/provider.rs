//! The provider's state, which all handlers share.

use std::sync::Arc;

use serde_json::{Map, Value};
use url::Url;

use crate::{
    apps::{self, API_CLIENT_ID, App, CLIENTS, Credentials, WEB_CLIENT_ID},
    behavior::Behavior,
    clock,
    config::{Config, OpenError, RefreshReuse},
    event_log::EventLog,
    fault_injection::{Fault, FaultInjection},
    keys::{self, KeyRing, StoredKey},
    paths::{TENANT_ID, Tenant},
    pending::Pending,
    profiles,
    scopes::Api,
    secret,
    state::{Account, Store, User},
};

/// The provider as handlers get it.
pub(crate) type Shared = Arc<Provider>;

pub(crate) struct Provider {
    pub(crate) config: Config,
    pub(crate) behavior: &'static Behavior,
    pub(crate) api: Api,
    pub(crate) tenant: Tenant,
    pub(crate) apps: [App; 3],
    pub(crate) keys: KeyRing,
    pub(crate) store: Store,
    pub(crate) pending: Pending,
    pub(crate) faults: FaultInjection,
    pub(crate) events: EventLog,
}

impl Provider {
    pub(crate) fn open(config: Config) -> Result<Self, OpenError> {
        check_origin(&config.base_url)?;
        check_origin(&config.web_origin)?;
        if !config.base_url.host_str().is_some_and(loopback::is_loopback) {
            return Err(OpenError::NotLoopback(config.base_url));
        }
        let behavior = profiles::behavior(config.like);
        if config.require_pushed_requests && behavior.paths.par.is_none() {
            return Err(OpenError::NoPushedRequests(config.like.title));
        }
        let registration = if config.shared_registration { WEB_CLIENT_ID } else { API_CLIENT_ID };
        let store = Store::open(config.data_file.clone())?;
        let now = clock::seconds(&config.clock);
        let mut stored = store.read(|data| data.keys.clone());
        if stored.is_empty() {
            stored.push(StoredKey::generate(now).ok_or(OpenError::NoKey)?);
        }
        let keys = KeyRing::read(&stored).ok_or_else(|| OpenError::Unreadable {
            path: config.data_file.clone().unwrap_or_default(),
            fault: "a signing key in it is not a private RSA key".to_owned(),
        })?;
        // Everything that was read is valid: only now is the file written.
        store.write(|data| {
            data.keys = stored;
            data.complete(now);
            data.prune(now);
        })?;
        Ok(Self {
            behavior,
            api: Api::new(behavior.api, registration),
            tenant: Tenant::at(&config.base_url, &behavior.paths),
            apps: apps::registered(&config.web_origin, behavior),
            keys,
            store,
            pending: Pending::new(config.clock.clone()),
            faults: FaultInjection::default(),
            events: EventLog::default(),
            config,
        })
    }

    /// Signs with a new key from now on and returns its `kid`.
    pub(crate) fn rotate_keys(&self) -> Result<String, OpenError> {
        let key = StoredKey::generate(self.now()).ok_or(OpenError::NoKey)?;
        self.store.write(|data| keys::rotate(&mut data.keys, key))?;
        // Reads again under the lock: of two rotations at once, the later document counts.
        let kid = self.store.read(|data| self.keys.replace(&data.keys));
        kid.ok_or(OpenError::NoKey)
    }

    /// The registered client with this id.
    pub(crate) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id == client_id)
    }

    /// The display name of a client.
    pub(crate) fn app_name(&self, client_id: &str) -> &'static str {
        self.app(client_id).map_or("the application", |app| app.name)
    }

    pub(crate) fn credentials(&self, client_id: &'static str) -> Credentials {
        debug_assert!(CLIENTS.contains(&client_id));
        let secret = self.store.read(|data| data.client_secrets.get(client_id).cloned());
        Credentials {
            client_id,
            client_secret: secret.expect("opening the provider gives every client a secret"),
        }
    }

    pub(crate) fn user(&self, oid: &str) -> Option<User> {
        self.store.read(|data| data.users.by_oid(oid).cloned())
    }

    pub(crate) fn user_by_name(&self, username: &str) -> Option<User> {
        self.store.read(|data| data.users.by_username(username).cloned())
    }

    /// The user with this object id, user name, or name at `example.com`.
    pub(crate) fn user_named(&self, name: &str) -> Option<User> {
        let user = self.user(name).or_else(|| self.user_by_name(name));
        user.or_else(|| self.user_by_name(&format!("{name}@example.com")))
    }

    /// The users of these accounts.
    pub(crate) fn users(&self, accounts: &[Account]) -> Vec<User> {
        accounts.iter().filter_map(|account| self.user(&account.oid)).collect()
    }

    /// The accounts that are signed in under this session cookie.
    pub(crate) fn accounts(&self, cookie: Option<&str>) -> Vec<Account> {
        self.store.read(|data| data.sessions.accounts(cookie, self.now()))
    }

    /// The object id in an ID token of ours, of whatever age (`id_token_hint`).
    pub(crate) fn oid_of_hint(&self, id_token: &str) -> Option<String> {
        Some(self.user_in(&self.keys.claims_of_own_token(id_token)?)?.oid)
    }

    /// The user that a token of ours is about.
    pub(crate) fn user_in(&self, claims: &Map<String, Value>) -> Option<User> {
        ["oid", "uid", "sub"].iter().find_map(|name| self.user(claims.get(*name)?.as_str()?))
    }

    /// A user's `sub` at a client or API.
    pub(crate) fn subject(&self, app: &str, oid: &str) -> String {
        if !self.behavior.pairwise {
            return oid.to_owned();
        }
        // OpenID Connect Core, section 8.1.
        secret::digest(&format!("{TENANT_ID} {app} {oid}"))
    }

    /// Whether this fault is set for the user.
    pub(crate) fn has_fault(&self, oid: &str, fault: Fault) -> bool {
        self.faults.of(oid).has(fault)
    }

    /// What happens when a user's refresh token is used again.
    pub(crate) fn refresh_reuse(&self, oid: &str) -> RefreshReuse {
        if self.has_fault(oid, Fault::ReuseDetected) {
            return RefreshReuse::Detected;
        }
        self.config.refresh_reuse
    }

    /// How many seconds access tokens live.
    pub(crate) fn access_token_seconds(&self) -> i64 {
        self.config.access_token_lifetime.as_secs().cast_signed()
    }

    /// How many seconds a user's access tokens live; negative for ones that have expired.
    pub(crate) fn access_token_seconds_of(&self, oid: &str) -> i64 {
        self.faults.of(oid).access_token_seconds.unwrap_or_else(|| self.access_token_seconds())
    }

    /// Adds an event to a user's log.
    pub(crate) fn log(&self, oid: &str, what: impl Into<String>) {
        self.events.add(oid, self.now(), what.into());
    }

    /// The web app's home page.
    pub(crate) fn home(&self) -> String {
        format!("{}/", self.config.web_origin.origin().ascii_serialization())
    }

    /// The time, in seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        clock::seconds(&self.config.clock)
    }
}

fn check_origin(url: &Url) -> Result<(), OpenError> {
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && bare && anonymous {
        Ok(())
    } else {
        Err(OpenError::NotAnOrigin(url.clone()))
    }
}
