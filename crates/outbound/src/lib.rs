#![doc = include_str!("../README.md")]

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "aws")]
mod connector;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "secrets")]
mod secrets;
mod tls;

use std::time::Duration;

use settings::{Environment, SettingError};

#[cfg(feature = "secrets")]
pub use secrets::SecretError;

/// How long a connection may take to be made, name look-up and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an unused connection is kept. A frozen instance can thaw minutes later with
/// connections that the other side has long closed; the shorter this is, the fewer of them are tried.
const POOL_IDLE: Duration = Duration::from_secs(15);

/// The way out: one HTTP client, cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    http: reqwest::Client,
}

impl Outbound {
    /// Makes the client. Reads `SSL_CERT_FILE`, a PEM bundle that replaces the built-in roots.
    ///
    /// # Errors
    /// When `SSL_CERT_FILE` cannot be read or holds no certificate.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(environment)?)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(POOL_IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("tollgate/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("a client with a ready TLS configuration and no proxy has nothing to fail on");
        Ok(Self { http })
    }

    /// The client. It has no overall timeout: each caller sets the one that its peer deserves.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }
}
