//! The issuer whose tokens are accepted, and what is known of it.

use std::{sync::Arc, time::Duration};

use url::Url;

use crate::{Algorithm, Clock, Fetch, Issuer, Metadata, Unavailable};

/// What must be known of an issuer beforehand.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// The exact `iss`.
    pub issuer: Issuer,
    /// Where the metadata is, when not at
    /// `{issuer}/.well-known/openid-configuration`. Whatever it is, the
    /// document must name [`issuer`](Self::issuer).
    pub metadata_url: Option<Url>,
    /// Accepted signature algorithms.
    pub algorithms: Vec<Algorithm>,
    /// How far clocks may be apart.
    pub leeway: Duration,
}

impl ProviderConfig {
    /// The defaults for an issuer: metadata where discovery puts it, RS256,
    /// 60 seconds of leeway.
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            metadata_url: None,
            algorithms: vec![Algorithm::RS256],
            leeway: Duration::from_secs(60),
        }
    }
}

/// An issuer, with its metadata and keys cached. Cheap to clone; clones share
/// the cache, so make one for the life of the process.
#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
}

struct Inner {
    config: ProviderConfig,
    fetch: Box<dyn Fetch>,
    clock: Arc<dyn Clock>,
}

impl Provider {
    /// A provider about which nothing is cached yet. Nothing is fetched until
    /// it is needed, or [`warm`](Self::warm) is called.
    ///
    /// Fetches run as tasks of the tokio runtime that is then current.
    pub fn new(config: ProviderConfig, fetch: impl Fetch, clock: Arc<dyn Clock>) -> Self {
        Self { inner: Arc::new(Inner { config, fetch: Box::new(fetch), clock }) }
    }

    /// The issuer.
    pub fn issuer(&self) -> &Issuer {
        &self.inner.config.issuer
    }

    /// Loads metadata and keys, for the init phase of a function. A failure is
    /// no reason to end the start: the next request tries again.
    ///
    /// # Errors
    /// When they are not to be had now.
    pub async fn warm(&self) -> Result<(), Unavailable> {
        let _ = (&self.inner.fetch, &self.inner.clock);
        todo!()
    }

    /// The metadata, cached like the keys. Asks for no keys.
    ///
    /// # Errors
    /// When it is not to be had, and none is cached that is young enough.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, Unavailable> {
        todo!()
    }
}
