//! The provider itself: opened once, cloned freely.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::Router;
use url::Url;

use crate::{
    apps::{
        CLIENTS, Credentials, DAEMON_CLIENT_ID, DEMO_USERS, DemoUser, READER_CLIENT_ID, Registry,
        WEB_CLIENT_ID,
    },
    conduct::Conducts,
    config::{Config, OpenError},
    diary::Diary,
    keys::{self, KeyRing, StoredKey},
    live::Live,
    loopback, routes,
    scopes::{API_SCOPES, full_name},
    state::Store,
    tenant::Tenant,
};

/// The development provider. Clones share one state.
#[derive(Clone)]
pub struct Idp(Arc<Inner>);

struct Inner {
    config: Config,
    tenant: Tenant,
    apps: Registry,
    keys: KeyRing,
    store: Store,
    live: Live,
    conducts: Conducts,
    diary: Diary,
}

impl Idp {
    /// Opens the provider: reads its data file, or makes keys, secrets and demo users for a new one.
    ///
    /// # Errors
    /// When `base_url` is not a loopback origin, or the data file cannot be read or written.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        must_be_origin(&config.base_url)?;
        must_be_origin(&config.web_origin)?;
        if !config.base_url.host_str().is_some_and(loopback::is_loopback) {
            return Err(OpenError::NotLoopback(config.base_url));
        }
        let store = Store::open(config.data_file.clone())?;
        let now = seconds((config.clock)());
        let mut stored = store.read(|data| data.keys.clone());
        if stored.is_empty() {
            stored.push(StoredKey::generate(now).ok_or(OpenError::NoKey)?);
        }
        let keys = KeyRing::read(&stored).ok_or_else(|| OpenError::Unreadable {
            path: config.data_file.clone().unwrap_or_default(),
            fault: "a signing key in it is not a private RSA key".to_owned(),
        })?;
        // All that was read is good: only now is the file written.
        store.write(|data| {
            data.keys = stored;
            data.complete(now);
            data.prune(now);
        })?;
        Ok(Self(Arc::new(Inner {
            tenant: Tenant::at(&config.base_url),
            apps: Registry::new(&config.web_origin),
            keys,
            store,
            live: Live::default(),
            conducts: Conducts::default(),
            diary: Diary::default(),
            config,
        })))
    }

    /// Everything the provider serves; requests whose `Host` is not loopback are refused.
    pub fn router(&self) -> Router {
        routes::router(self.clone())
    }

    /// The `iss` of its tokens: `{base}/{tenant-id}/v2.0`.
    pub fn issuer(&self) -> &str {
        &self.0.tenant.issuer
    }

    /// The discovery document under the tenant's name, which names the tenant-id issuer all the same.
    pub fn metadata_url(&self) -> &str {
        &self.0.tenant.metadata_url
    }

    /// Where codes, refresh tokens and client credentials are exchanged.
    pub fn token_endpoint(&self) -> &str {
        &self.0.tenant.token_endpoint
    }

    /// The page that lists users, apps and keys, rotates the keys, and leads to what can
    /// be made to happen to each user.
    pub fn control_page(&self) -> String {
        format!("{}{}", self.0.tenant.origin, routes::CONTROL_PAGE)
    }

    /// The web app's client id and secret.
    pub fn web_app(&self) -> Credentials {
        self.credentials(WEB_CLIENT_ID)
    }

    /// The daemon with the role `ToDoList.ReadWrite.All`.
    pub fn daemon(&self) -> Credentials {
        self.credentials(DAEMON_CLIENT_ID)
    }

    /// The daemon with the role `ToDoList.Read.All` only.
    pub fn reader(&self) -> Credentials {
        self.credentials(READER_CLIENT_ID)
    }

    /// The API's delegated scopes by their full names, as `OIDC_SCOPES` lists them.
    pub fn scopes(&self) -> Vec<String> {
        API_SCOPES.iter().map(|scope| full_name(scope.name)).collect()
    }

    /// The scope a daemon asks for: `api://{api}/.default`.
    pub fn daemon_scope(&self) -> String {
        full_name(".default")
    }

    /// The users that are there from the start.
    pub fn demo_users(&self) -> &'static [DemoUser] {
        &DEMO_USERS
    }

    /// An access token of the daemon, as its client credentials would get at the token endpoint.
    pub fn daemon_token(&self) -> String {
        self.token_of(DAEMON_CLIENT_ID)
    }

    /// An access token of the reader.
    pub fn reader_token(&self) -> String {
        self.token_of(READER_CLIENT_ID)
    }

    /// Signs with a new key from now on and returns its `kid`. The key before stays published,
    /// the one before that is dropped.
    ///
    /// # Errors
    /// When no key could be made or the data file not be written.
    pub fn rotate_keys(&self) -> Result<String, OpenError> {
        let key = StoredKey::generate(self.now()).ok_or(OpenError::NoKey)?;
        self.0.store.write(|data| keys::rotate(&mut data.keys, key))?;
        // Reads again under the lock: of two rotations at once, the later document counts.
        let kid = self.0.store.read(|data| self.0.keys.replace(&data.keys));
        kid.ok_or(OpenError::NoKey)
    }

    fn credentials(&self, client_id: &'static str) -> Credentials {
        debug_assert!(CLIENTS.contains(&client_id));
        let secret = self.0.store.read(|data| data.client_secrets.get(client_id).cloned());
        Credentials {
            client_id,
            client_secret: secret.expect("opening the provider gives every client a secret"),
        }
    }

    fn token_of(&self, client_id: &str) -> String {
        self.app_access_token(self.0.apps.find(client_id).expect("a daemon is registered"))
    }
}

/// What the parts of the provider need of each other.
impl Idp {
    pub(crate) fn tenant(&self) -> &Tenant {
        &self.0.tenant
    }

    pub(crate) fn apps(&self) -> &Registry {
        &self.0.apps
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.0.keys
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    pub(crate) fn base_url(&self) -> &Url {
        &self.0.config.base_url
    }

    pub(crate) fn conducts(&self) -> &Conducts {
        &self.0.conducts
    }

    pub(crate) fn diary(&self) -> &Diary {
        &self.0.diary
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        self.0.config.outbound.http()
    }

    pub(crate) fn requires_pushed_requests(&self) -> bool {
        self.0.config.require_pushed_requests
    }

    /// How long access tokens of applications live.
    pub(crate) fn access_token_lifetime(&self) -> u64 {
        self.0.config.access_token_lifetime.as_secs()
    }

    /// The time, in seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        seconds(self.clock())
    }

    pub(crate) fn clock(&self) -> SystemTime {
        (self.0.config.clock)()
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn must_be_origin(url: &Url) -> Result<(), OpenError> {
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && bare && nobody {
        Ok(())
    } else {
        Err(OpenError::NotAnOrigin(url.clone()))
    }
}
