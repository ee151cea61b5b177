use std::sync::Arc;

use auth::{Clock, LogoutTokenVerifier, SystemClock};
use confidential_client::ConfidentialClient;
use outbound::Outbound;
use relying_party::{AdditionalParams, PushedAuthorization, UserinfoEndpoint};
use serve::StartError;
use session::{Random, SystemRandom};
use settings::{Environment, SettingErrors, StepUpMethod};

use crate::{Config, config::FrontchannelLogout};

/// What the function's requests share. Cheap to clone.
#[derive(Clone)]
pub struct State(pub(crate) Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) client: ConfidentialClient,
    pub(crate) logout_tokens: LogoutTokenVerifier,
    pub(crate) userinfo: UserinfoEndpoint,
    pub(crate) additional_params: AdditionalParams,
    pub(crate) pushed_authorization: PushedAuthorization,
    pub(crate) step_up: StepUpMethod,
    pub(crate) frontchannel_logout: FrontchannelLogout,
}

impl State {
    /// Makes the state and loads what the first request will need.
    ///
    /// # Errors
    /// When an AWS setting is missing, or the client's credential can never be used.
    pub async fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let state = Self::new(config, environment, outbound, clock, random)?;
        Box::pin(state.0.client.warm_up()).await?;
        Ok(state)
    }

    /// The state with another source of time and randomness. Calls nothing yet.
    ///
    /// # Errors
    /// When an AWS setting is missing.
    pub fn new(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, SettingErrors> {
        let Config {
            client,
            additional_params,
            pushed_authorization,
            step_up,
            frontchannel_logout,
        } = config;
        let client = ConfidentialClient::new(client, environment, outbound, clock, random)?;
        let logout_tokens =
            LogoutTokenVerifier::new(client.provider.clone(), client.client_id.as_str())
                .expect("a client id that was parsed is not empty");
        let userinfo = UserinfoEndpoint::new(outbound);
        Ok(Self(Arc::new(Parts {
            client,
            logout_tokens,
            userinfo,
            additional_params,
            pushed_authorization,
            step_up,
            frontchannel_logout,
        })))
    }
}
