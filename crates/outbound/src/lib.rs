#![doc = include_str!("../README.md")]

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "aws")]
mod aws_error;
#[cfg(feature = "aws")]
mod connector;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "lambda")]
mod lambda;
#[cfg(feature = "secrets")]
mod secrets;
mod timeouts;
mod tls;
#[cfg(feature = "web-identity")]
mod web_identity;

use std::time::Duration;

use settings::{Environment, SettingError};

#[cfg(feature = "dynamodb")]
pub use dynamodb::{DynamoDbError, unless_condition_failed};
#[cfg(feature = "lambda")]
pub use lambda::{InvokeError, LambdaFunction};
#[cfg(feature = "secrets")]
pub use secrets::SecretError;
pub use timeouts::Timeouts;
#[cfg(feature = "web-identity")]
pub use web_identity::WebIdentityError;

/// How long an unused connection is kept. A frozen instance can thaw minutes later with
/// connections that the other side has long closed; the shorter this is, the fewer of them are tried.
const POOL_IDLE: Duration = Duration::from_secs(15);

/// The way out: one HTTP client, cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    http: reqwest::Client,
    tls: rustls::ClientConfig,
    timeouts: Timeouts,
}

impl Outbound {
    /// Makes the client. Reads `SSL_CERT_FILE`, a PEM bundle that replaces the built-in roots.
    ///
    /// # Errors
    /// When `SSL_CERT_FILE` cannot be read or holds no certificate.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        Self::with_timeouts(environment, Timeouts::default())
    }

    /// Makes the client with other timeouts than in production.
    ///
    /// # Errors
    /// When `SSL_CERT_FILE` cannot be read or holds no certificate.
    pub fn with_timeouts(
        environment: &Environment,
        timeouts: Timeouts,
    ) -> Result<Self, SettingError> {
        let tls = tls::config(environment)?;
        Ok(Self { http: pooled(&tls, timeouts), tls, timeouts })
    }

    /// The timeouts of the calls over this client.
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// The client. It has no overall timeout: each caller sets its own of [`timeouts`](Self::timeouts).
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A client with a pool of its own, still empty.
    #[must_use]
    pub fn pooled(&self) -> reqwest::Client {
        pooled(&self.tls, self.timeouts)
    }

    /// A client that makes a connection for each request and sends nothing twice by itself.
    ///
    /// # What breaks if such a request goes over the pool
    /// The peer may have closed an idle connection while the instance was frozen. Whoever finds
    /// that out by writing to it cannot know whether the request arrived. One that can be repeated
    /// is repeated; a code, a refresh token or a client assertion is good once, and a provider that
    /// sees it again takes it for stolen. Over a connection that was just made the question does
    /// not come up. It costs a handshake, with the session tickets of the pool's connections.
    #[must_use]
    pub fn unpooled(&self) -> reqwest::Client {
        let builder = builder(&self.tls, self.timeouts).pool_max_idle_per_host(0);
        built(builder.retry(reqwest::retry::never()))
    }
}

fn pooled(tls: &rustls::ClientConfig, timeouts: Timeouts) -> reqwest::Client {
    built(builder(tls, timeouts).pool_idle_timeout(POOL_IDLE))
}

fn builder(tls: &rustls::ClientConfig, timeouts: Timeouts) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .connect_timeout(timeouts.connect)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("tollgate/", env!("CARGO_PKG_VERSION")))
}

fn built(builder: reqwest::ClientBuilder) -> reqwest::Client {
    let client = builder.build();
    client.expect("a client with a ready TLS configuration and no proxy has nothing to fail on")
}

/// An error and the chain of its causes, in one line.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
