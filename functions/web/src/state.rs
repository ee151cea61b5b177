use std::{ops::Deref, sync::Arc};

use auth::{Clock, SystemClock};
use confidential_client::{ConfidentialClient, ConfidentialClientConfig};
use outbound::Outbound;
use relying_party::{Endpoints, SignOut};
use serve::StartError;
use session::{Random, SystemRandom};
use settings::{Environment, OtherApis, SettingErrors, all};

use crate::{RefreshTimeout, assets::Assets, refresh_config::RefreshConfig, step_up::StepUp};

/// What the function reads from its environment.
#[derive(Clone)]
pub struct Config {
    client: ConfidentialClientConfig,
    other_apis: OtherApis,
    refresh: RefreshConfig,
    sign_out: SignOut,
    step_up: StepUp,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or invalid.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (client, other_apis, refresh, sign_out, step_up) = all((
            ConfidentialClientConfig::from_environment(environment),
            OtherApis::from_environment(environment),
            RefreshConfig::from_environment(environment),
            SignOut::from_environment(environment),
            StepUp::from_environment(environment),
        ))?;
        Ok(Self { client, other_apis, refresh, sign_out, step_up })
    }
}

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Parts>);

/// The parts of [`State`].
pub struct Parts {
    pub(crate) assets: Assets,
    pub(crate) client: ConfidentialClient,
    pub(crate) other_apis: OtherApis,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) refresh: RefreshConfig,
    pub(crate) sign_out: SignOut,
    pub(crate) step_up: StepUp,
    pub(crate) refresh_timeout: RefreshTimeout,
}

impl Deref for State {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
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
        let state =
            Self::new(config, environment, outbound, clock, random, RefreshTimeout::default())?;
        Box::pin(state.client.warm_up()).await?;
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
        refresh_timeout: RefreshTimeout,
    ) -> Result<Self, SettingErrors> {
        let Config { client, other_apis, refresh, sign_out, step_up } = config;
        let client = ConfidentialClient::new(client, environment, outbound, clock, random.clone())?;
        let assets = Assets::from_environment(environment);
        let parts = Parts {
            assets,
            client,
            other_apis,
            random,
            refresh,
            sign_out,
            step_up,
            refresh_timeout,
        };
        Ok(Self(Arc::new(parts)))
    }

    /// The provider's endpoints. `None`, which is logged, if its metadata is unavailable.
    pub(crate) async fn endpoints(&self) -> Option<Endpoints> {
        let endpoints = self.client.discovery.endpoints().await;
        endpoints
            .inspect_err(|error| tracing::warn!(code = "no_metadata", %error, "no endpoints"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_missing_and_invalid_settings_are_reported_at_once() {
        let environment = Environment::of([("SESSION_FRESH_MINUTES", "0")]);
        let required = [
            "OIDC_ISSUER",
            "OIDC_CLIENT_ID",
            "OIDC_CLIENT_SECRET",
            "SESSIONS_TABLE",
            "OIDC_SCOPES",
            "SESSION_FRESH_MINUTES",
        ];
        let error = Config::from_environment(&environment).map(|_| ()).unwrap_err();
        assert_eq!(error.names(), required);
    }
}
