//! The provider's configuration.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use outbound::Outbound;
use settings::{Environment, Profile};
use url::Url;

use crate::clock::Clock;

/// The configuration that [`Idp::open`](crate::Idp::open) takes.
///
/// ```
/// let base = "http://localhost:3001".parse().expect("a valid URL");
/// let web = "http://localhost:3000".parse().expect("a valid URL");
/// let config = idp::Config { data_file: None, ..idp::Config::new(base, web) };
/// ```
#[derive(Clone)]
pub struct Config {
    /// The provider's own origin, e.g. `http://localhost:3001`. Its host must be loopback.
    pub base_url: Url,
    /// The origin of the web app: `{origin}/callback` becomes its redirect URI,
    /// `{origin}/signedout` its post-logout redirect URI, and
    /// `{origin}/backchannel-logout` and `{origin}/frontchannel-logout` its logout URIs.
    pub web_origin: Url,
    /// The file for keys, users, consents and refresh tokens; `None` keeps them in memory only.
    pub data_file: Option<PathBuf>,
    /// The time, the system's by default.
    pub clock: Clock,
    /// How long access tokens live, 75 minutes by default (Entra draws one from 60 to 90).
    pub access_token_lifetime: Duration,
    /// What happens when a refresh token is used again, [`RefreshReuse::Tolerated`] by default.
    pub refresh_reuse: RefreshReuse,
    /// Whether clients must push their authorization requests (RFC 9126), if the provider has an
    /// endpoint for that.
    pub require_pushed_requests: bool,
    /// The provider that it behaves like, Entra External ID by default.
    pub like: &'static Profile,
    /// Whether the web app and the API share one registration; only Entra can tell.
    pub shared_registration: bool,
    /// The HTTP client that posts logout tokens.
    pub outbound: Outbound,
}

impl Config {
    /// A configuration that keeps nothing on disk, with every other value at its default.
    pub fn new(base_url: Url, web_origin: Url) -> Self {
        Self {
            base_url,
            web_origin,
            data_file: None,
            clock: Arc::new(SystemTime::now),
            access_token_lifetime: Duration::from_mins(75),
            refresh_reuse: RefreshReuse::Tolerated,
            require_pushed_requests: false,
            like: Profile::named("entra-external-id").expect("the profile exists"),
            shared_registration: false,
            outbound: Outbound::from_environment(&Environment::default())
                .expect("no certificate file is named that could not be read"),
        }
    }
}

/// What happens when a refresh token is used a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefreshReuse {
    /// It works until it expires, as at Entra: rotation revokes nothing.
    #[default]
    Tolerated,
    /// It is refused, and every token of the same sign-in is revoked (RFC 9700, section 4.14.2).
    Detected,
}

/// Why the provider didn't start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It issues tokens for well-known passwords, so it serves this machine only.
    #[error("the development provider serves loopback addresses only, not {0}")]
    NotLoopback(Url),
    /// The provider has no endpoint to push requests to.
    #[error("{0} has no pushed authorization requests (RFC 9126) to require")]
    NoPushedRequests(&'static str),
    /// The base URL or the web origin isn't an http(s) origin.
    #[error("{0} is not an origin such as http://localhost:3001")]
    NotAnOrigin(Url),
    /// The data file exists but cannot be read or parsed.
    #[error("cannot read the provider's data in {path} (delete the file to start over): {fault}")]
    Unreadable {
        /// The data file.
        path: PathBuf,
        /// The cause.
        fault: String,
    },
    /// The data file cannot be written.
    #[error("cannot write the provider's data to {path}: {fault}")]
    Unwritable {
        /// The data file.
        path: PathBuf,
        /// The cause.
        fault: String,
    },
    /// No key could be generated: the source of randomness failed.
    #[error("cannot generate a signing key")]
    NoKey,
}
