//! Where the provider's endpoints are.

use std::{sync::Arc, time::Duration};

use auth::{Clock, HttpFetch, Issuer, Provider, ProviderConfig, UnavailableError};
use outbound::Outbound;
use url::{Origin, Url};

use crate::{EndpointName, Endpoints};

/// The provider's endpoints, from its own metadata document. Cached like keys; cheap to clone.
///
/// # What breaks if a stored copy is used instead
/// The client's credential, codes, tokens and users are sent to these addresses. An attacker
/// who can write the copies would receive them.
#[derive(Clone)]
pub struct Discovery(Provider);

impl Discovery {
    /// Fetches nothing yet.
    pub fn new(config: ProviderConfig, outbound: &Outbound, clock: Arc<dyn Clock>) -> Self {
        let fetch =
            HttpFetch::new(outbound.http().clone()).with_time_limit(outbound.timeouts().document);
        Self(Provider::new(config, fetch, clock))
    }

    /// Shares what `provider` has fetched, which must be from the provider itself.
    pub fn of(provider: Provider) -> Self {
        Self(provider)
    }

    /// The issuer.
    pub fn issuer(&self) -> &Issuer {
        self.0.issuer()
    }

    /// The endpoints.
    ///
    /// # Errors
    /// When the metadata is not available now and no cached one is recent enough.
    pub async fn endpoints(&self) -> Result<Endpoints, UnavailableError> {
        Ok(Endpoints::of(self.0.metadata().await?.document()))
    }

    /// The origin of the provider's sign-out page, or of the issuer if the metadata doesn't name it
    /// or isn't available before the timeout: a page that loads must not wait long for the
    /// provider.
    pub async fn sign_out_origin(&self, timeout: Duration) -> Origin {
        let endpoints = tokio::time::timeout(timeout, self.endpoints()).await;
        let end_session = endpoints
            .ok()
            .and_then(Result::ok)
            .and_then(|endpoints| Some(endpoints.url(EndpointName::EndSession).ok()?.origin()));
        end_session.unwrap_or_else(|| issuer_origin(self.issuer()))
    }
}

/// The origin of the issuer's URL.
pub fn issuer_origin(issuer: &Issuer) -> Origin {
    Url::parse(issuer.as_str()).expect("an issuer is a URL").origin()
}
