//! The provider as its users see it: opened once, cloned freely.

use std::sync::Arc;

use axum::Router;

use crate::{
    apps::{Credentials, DAEMON_CLIENT_ID, DEMO_USERS, DemoUser, READER_CLIENT_ID, WEB_CLIENT_ID},
    config::{Config, OpenError},
    paths::CONTROL_PAGE,
    provider::Provider,
    routes,
    scopes::full_name,
    tokens,
};

/// The development provider. Clones share one state.
#[derive(Clone)]
pub struct Idp(Arc<Provider>);

impl Idp {
    /// Opens the provider: reads its data file, or makes keys, secrets and demo users for a new one.
    ///
    /// # Errors
    /// When `base_url` is not a loopback origin, or the data file cannot be read or written.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(Provider::open(config)?)))
    }

    /// Everything the provider serves. Requests whose `Host` is not loopback are refused.
    pub fn router(&self) -> Router {
        routes::router(Arc::clone(&self.0))
    }

    /// The `iss` of its tokens: `{base}/{tenant-id}/v2.0`.
    pub fn issuer(&self) -> &str {
        &self.0.tenant.issuer
    }

    /// The discovery document under the tenant's name; the issuer in it has the tenant's id.
    pub fn metadata_url(&self) -> &str {
        &self.0.tenant.metadata_url
    }

    /// Where codes, refresh tokens and client credentials are exchanged.
    pub fn token_endpoint(&self) -> &str {
        &self.0.tenant.token_endpoint
    }

    /// The page that lists users, apps and keys, rotates the keys, and links to each user's
    /// fault injection.
    pub fn control_page(&self) -> String {
        format!("{}{CONTROL_PAGE}", self.0.tenant.origin)
    }

    /// The web app's client id and secret.
    pub fn web_app(&self) -> Credentials {
        self.0.credentials(WEB_CLIENT_ID)
    }

    /// The daemon with each hierarchy's most powerful role, as `ToDoList.ReadWrite.All`.
    pub fn daemon(&self) -> Credentials {
        self.0.credentials(DAEMON_CLIENT_ID)
    }

    /// The daemon with each hierarchy's least powerful role, as `ToDoList.Read.All`.
    pub fn reader(&self) -> Credentials {
        self.0.credentials(READER_CLIENT_ID)
    }

    /// The API's delegated scopes by their full names, as `OIDC_SCOPES` lists them, in
    /// alphabetical order.
    pub fn scopes(&self) -> Vec<String> {
        let mut scopes: Vec<_> = permissions::all().map(|it| full_name(it.scope)).collect();
        scopes.sort_unstable();
        scopes
    }

    /// The scope a daemon asks for: `api://{api}/.default`.
    pub fn daemon_scope(&self) -> String {
        full_name(".default")
    }

    /// The users that exist from the start.
    pub fn demo_users(&self) -> &'static [DemoUser] {
        &DEMO_USERS
    }

    /// An access token of the daemon, as the token endpoint issues for its client credentials.
    pub fn daemon_token(&self) -> String {
        self.token_of(DAEMON_CLIENT_ID)
    }

    /// An access token of the reader.
    pub fn reader_token(&self) -> String {
        self.token_of(READER_CLIENT_ID)
    }

    /// Signs with a new key from now on and returns its `kid`. The previous key stays published;
    /// the one before it is dropped.
    ///
    /// # Errors
    /// When no key could be made or the data file could not be written.
    pub fn rotate_keys(&self) -> Result<String, OpenError> {
        self.0.rotate_keys()
    }

    fn token_of(&self, client_id: &str) -> String {
        tokens::app_access_token(&self.0, self.0.app(client_id).expect("a daemon is registered"))
    }
}
