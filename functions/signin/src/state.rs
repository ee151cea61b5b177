use std::{sync::Arc, time::Duration};

use auth::{Clock, HttpFetch, Provider, SystemClock};
use outbound::Outbound;
use relying_party::{ClientId, RequestedScopes};
use serve::{PublicUrl, StartError};
use session::{Random, SystemRandom};
use settings::Environment;

use crate::Config;

/// What the function's requests share. Cheap to clone.
#[derive(Clone)]
pub struct State(pub(crate) Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) provider: Provider,
    pub(crate) client_id: ClientId,
    pub(crate) scopes: RequestedScopes,
    pub(crate) public_url: PublicUrl,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

/// How long the start waits for the provider. The first request tries again.
const WARM_UP: Duration = Duration::from_secs(2);

impl State {
    /// Makes the state and asks the provider for its metadata, so that the first request need not.
    ///
    /// # Errors
    /// None at present: a provider that does not answer is no reason not to start.
    pub async fn start(
        config: Config,
        _environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let state = Self::new(config, outbound, Arc::new(SystemClock), Arc::new(SystemRandom));
        match tokio::time::timeout(WARM_UP, state.0.provider.metadata()).await {
            Ok(Ok(_)) => {}
            Ok(Err(cause)) => tracing::warn!(code = "warm_up_failed", %cause, "no metadata yet"),
            Err(_) => tracing::warn!(code = "warm_up_failed", "no metadata yet: too slow"),
        }
        Ok(state)
    }

    /// The state with another source of time and randomness. Asks nobody.
    pub fn new(
        config: Config,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let Config { client, scopes, public_url } = config;
        let fetch = HttpFetch::new(outbound.http().clone());
        let provider = Provider::new(client.provider, fetch, clock.clone());
        Self(Arc::new(Parts {
            provider,
            client_id: client.client_id,
            scopes,
            public_url,
            clock,
            random,
        }))
    }
}
