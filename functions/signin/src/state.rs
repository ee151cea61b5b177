use std::sync::Arc;

use auth::{Clock, SystemClock};
use outbound::Outbound;
use relying_party::{AdditionalParams, ClientId, Discovery, PushedAuthorization, RequestedScopes};
use serve::{PublicUrl, StartError, WarmUp};
use session::{Random, SystemRandom};
use settings::{Environment, StepUpMethod};

use crate::Config;

/// What the function's requests share. Cheap to clone.
#[derive(Clone)]
pub struct State(pub(crate) Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) discovery: Discovery,
    pub(crate) client_id: ClientId,
    pub(crate) scopes: RequestedScopes,
    pub(crate) additional_params: AdditionalParams,
    pub(crate) pushed_authorization: PushedAuthorization,
    pub(crate) step_up: StepUpMethod,
    pub(crate) public_url: PublicUrl,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl State {
    /// Makes the state and loads the provider's metadata, which the first request will need.
    ///
    /// # Errors
    /// None at present: a provider that does not respond does not fail startup.
    pub async fn start(
        config: Config,
        _environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let state = Self::new(config, outbound, Arc::new(SystemClock), Arc::new(SystemRandom));
        let metadata = async { state.0.discovery.endpoints().await.map(drop) };
        WarmUp::new(outbound.timeouts().warm_up).optional("metadata", metadata).await?;
        Ok(state)
    }

    /// The state with another source of time and randomness. Asks nobody.
    pub fn new(
        config: Config,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let Config { client, scopes, additional_params, pushed_authorization, step_up, public_url } =
            config;
        let discovery = Discovery::new(client.provider, outbound, clock.clone());
        Self(Arc::new(Parts {
            discovery,
            client_id: client.client_id,
            scopes,
            additional_params,
            pushed_authorization,
            step_up,
            public_url,
            clock,
            random,
        }))
    }
}
