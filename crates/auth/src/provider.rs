//! The issuer whose tokens are accepted, and what is known of it.

mod cache_entry;
mod cached;
pub(crate) mod config;
pub(crate) mod fetch;
#[cfg(feature = "reqwest")]
pub(crate) mod http_fetch;
pub(crate) mod issuer;
pub(crate) mod metadata;
mod snapshot;
pub(crate) mod status;
pub(crate) mod tenants;
mod timeline;

use std::{sync::Arc, time::Duration};

use url::Url;

use crate::{
    Clock, Fetch, FetchError, FetchRequest, Fetched, Issuer, KeySet, Metadata, ProviderConfig,
    ProviderStatus, TokenError, UnavailableError, VerifyError, is_safe_endpoint,
    token::{header::Header, unverified::UnverifiedToken},
};

use cached::Cached;
use snapshot::Loaded;

/// How old a stored copy may be, where copies are stored every hour: that, and the time that
/// storing takes. A key that the provider withdraws is accepted for as long. When the provider
/// fails, no older than what an instance itself keeps.
const STORED_COPIES: CopyLimits =
    CopyLimits { max_age: Duration::from_mins(75), stale_if_error: Duration::from_hours(24) };
/// None when a key is missing in what is held: a copy, however young, may be of before the
/// rotation, and would say that the key does not exist.
const NO_COPIES: CopyLimits =
    CopyLimits { max_age: Duration::ZERO, stale_if_error: Duration::ZERO };
/// Metadata of this age at most is not asked for again when a key is missing.
const METADATA_IS_YOUNG: Duration = Duration::from_mins(5);

/// An issuer, with its metadata and keys cached. Cheap to clone; clones share
/// the cache, so make one for the life of the process.
#[derive(Clone)]
pub struct Provider {
    source: Arc<Source>,
    keys: Cached<KeySet>,
}

impl Provider {
    /// A provider about which nothing is cached yet. Nothing is fetched until
    /// it is needed, or [`warm`](Self::warm) is called.
    ///
    /// Fetches run as tasks of the tokio runtime that is then current.
    pub fn new(config: ProviderConfig, fetch: impl Fetch, clock: Arc<dyn Clock>) -> Self {
        let keys = Cached::new("keys", config.issuer.clone(), clock.clone());
        Self { source: Arc::new(Source::new(config, Box::new(fetch), clock)), keys }
    }

    /// The issuer; of a provider for several tenants, the template that its
    /// metadata names.
    pub fn issuer(&self) -> &Issuer {
        &self.source.config.issuer
    }

    /// The issuers whose tokens are accepted: the one, or that of each tenant.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        self.source.config.issuers()
    }

    /// The accepted issuer that is exactly this.
    pub(crate) fn trusted(&self, iss: &str) -> Option<&Issuer> {
        self.issuers().find(|issuer| issuer.as_str() == iss)
    }

    /// Loads metadata and keys, for the init phase of a function. A failure is
    /// not a reason to fail startup: the next request tries again.
    ///
    /// # Errors
    /// When they are not available now.
    pub async fn warm(&self) -> Result<(), UnavailableError> {
        self.keys.get(|| self.source.clone().keys(STORED_COPIES)).await.map(drop)
    }

    /// The metadata, cached like the keys. Asks for no keys.
    ///
    /// # Errors
    /// When it is not available, and no cached one is recent enough.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, UnavailableError> {
        self.source.clone().metadata(STORED_COPIES).await
    }

    /// The state of the cache, for metrics and health checks. Sends no request.
    pub fn status(&self) -> ProviderStatus {
        let Self { source, keys } = self;
        ProviderStatus { metadata: source.metadata.status(), keys: keys.status() }
    }

    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.source.config
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.source.clock
    }

    /// Verifies the signature of a token. A key that is not known may be new, so
    /// the keys are then fetched and the same token is checked again.
    pub(crate) async fn check_signature(
        &self,
        token: &UnverifiedToken<'_>,
        header: &Header<'_>,
        issuer: &Issuer,
    ) -> Result<(), VerifyError> {
        let config = self.config();
        let issuer = config.is_for_tenants().then_some(issuer);
        let keys = self.keys.get(|| self.source.clone().keys(STORED_COPIES)).await?;
        let unknown = match keys.value.verify(token, header, issuer) {
            Err(error) if is_miss(&error, header) => error,
            result => return Ok(result?),
        };
        let Some(newer) = self.keys.newer(&keys, || self.source.clone().missing_keys()).await?
        else {
            return Err(unknown.into());
        };
        let result = newer.value.verify(token, header, issuer);
        match &result {
            Err(error) if is_miss(error, header) => self.keys.record_miss(),
            _ => self.keys.clear_presumed_miss(),
        }
        Ok(result?)
    }
}

/// Whether newer keys may be what the token needs. A token without `kid` does not say
/// which key it means, so a rotation looks like a bad signature.
fn is_miss(error: &TokenError, header: &Header<'_>) -> bool {
    match error {
        TokenError::UnknownKey { .. } => true,
        TokenError::BadSignature | TokenError::NoKeyId { .. } => header.kid.is_none(),
        _ => false,
    }
}

/// Which stored copies are accepted, see [`FetchRequest`].
#[derive(Clone, Copy)]
struct CopyLimits {
    max_age: Duration,
    stale_if_error: Duration,
}

impl CopyLimits {
    fn of(self, url: &Url) -> FetchRequest<'_> {
        FetchRequest { url, max_age: self.max_age, stale_if_error: self.stale_if_error }
    }
}

/// Where a provider's documents come from.
struct Source {
    config: ProviderConfig,
    fetch: Box<dyn Fetch>,
    clock: Arc<dyn Clock>,
    metadata: Cached<Metadata>,
}

impl Source {
    fn new(config: ProviderConfig, fetch: Box<dyn Fetch>, clock: Arc<dyn Clock>) -> Self {
        let metadata = Cached::new("metadata", config.issuer.clone(), clock.clone());
        Self { config, fetch, clock, metadata }
    }

    async fn metadata(
        self: Arc<Self>,
        copies: CopyLimits,
    ) -> Result<Arc<Metadata>, UnavailableError> {
        let snapshot = self.metadata.get(|| self.clone().fetch_metadata(copies)).await?;
        Ok(snapshot.value)
    }

    async fn fetch_metadata(
        self: Arc<Self>,
        copies: CopyLimits,
    ) -> Result<Loaded<Metadata>, FetchError> {
        let url = self.config.discovery_url();
        if !is_safe_endpoint(&url) {
            let reason = "its address is not https (http only on a loopback host)".to_owned();
            return Err(FetchError::Document { document: "metadata", reason });
        }
        self.load(&url, copies, |body| Metadata::parse(body, &self.config.issuer, &url)).await
    }

    /// The keys, from where the metadata says they are. Parsed before anything
    /// is replaced: a set that cannot be used never costs the one that can.
    async fn keys(self: Arc<Self>, copies: CopyLimits) -> Result<Loaded<KeySet>, FetchError> {
        let metadata = self.clone().metadata(copies).await;
        let metadata = metadata.map_err(|unavailable| unavailable.cause)?;
        let parse = |body: &[u8]| KeySet::parse(body, &self.config.algorithms);
        let loaded = self.load(metadata.jwks_uri(), copies, parse).await;
        if matches!(loaded, Err(FetchError::Status { .. } | FetchError::Document { .. })) {
            // The keys may have moved: the next attempt asks where they are.
            self.metadata.expire(Duration::ZERO);
        }
        loaded
    }

    /// A document, parsed. A copy that cannot be used is as good as none: the provider may have
    /// mended it, or accept other algorithms since.
    async fn load<T>(
        &self,
        url: &Url,
        copies: CopyLimits,
        parse: impl Fn(&[u8]) -> Result<T, FetchError>,
    ) -> Result<Loaded<T>, FetchError> {
        let loaded = |Fetched { body, max_age, age }: Fetched| {
            parse(&body).map(|value| Loaded { value, max_age, age })
        };
        let fetched = self.fetch.fetch(copies.of(url)).await?;
        let is_copy = fetched.age.is_some();
        match loaded(fetched) {
            Err(FetchError::Document { .. }) if is_copy => {
                loaded(self.fetch.fetch(NO_COPIES.of(url)).await?)
            }
            loaded => loaded,
        }
    }

    /// The keys because one is missing: they may have moved, too.
    async fn missing_keys(self: Arc<Self>) -> Result<Loaded<KeySet>, FetchError> {
        self.metadata.expire(METADATA_IS_YOUNG);
        self.keys(NO_COPIES).await
    }
}
