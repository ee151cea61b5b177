//! The provider itself: opened once, cloned freely.

use std::sync::Arc;

use axum::Router;

use crate::apps::{Credentials, DemoUser};
use crate::config::{Config, OpenError};
use crate::tenant::Tenant;

/// The development provider. Clones share one state.
#[derive(Clone)]
pub struct Idp(Arc<Inner>);

struct Inner {
    tenant: Tenant,
}

impl Idp {
    /// Opens the provider: reads its data file, or makes keys, secrets and demo users for a new one.
    ///
    /// # Errors
    /// When `base_url` is not a loopback origin, or the data file cannot be read or written.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(Inner { tenant: Tenant::at(&config.base_url) })))
    }

    /// Everything the provider serves; requests whose `Host` is not loopback are refused.
    pub fn router(&self) -> Router {
        todo!()
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

    /// The web app's client id and secret.
    pub fn web_app(&self) -> Credentials {
        todo!()
    }

    /// The daemon with the role `ToDoList.ReadWrite.All`.
    pub fn daemon(&self) -> Credentials {
        todo!()
    }

    /// The daemon with the role `ToDoList.Read.All` only.
    pub fn reader(&self) -> Credentials {
        todo!()
    }

    /// The API's delegated scopes by their full names, as `OIDC_SCOPES` lists them.
    pub fn scopes(&self) -> Vec<String> {
        todo!()
    }

    /// The scope a daemon asks for: `api://{api}/.default`.
    pub fn daemon_scope(&self) -> String {
        todo!()
    }

    /// The users that are there from the start.
    pub fn demo_users(&self) -> &'static [DemoUser] {
        todo!()
    }

    /// An access token of the daemon, as its client credentials would get at the token endpoint.
    pub fn daemon_token(&self) -> String {
        todo!()
    }

    /// An access token of the reader.
    pub fn reader_token(&self) -> String {
        todo!()
    }

    /// Signs with a new key from now on and returns its `kid`. The key before stays published,
    /// the one before that is dropped.
    ///
    /// # Errors
    /// When no key could be made or the data file not be written.
    pub fn rotate_keys(&self) -> Result<String, OpenError> {
        todo!()
    }
}
