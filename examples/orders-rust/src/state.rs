use std::sync::Arc;

use api::ApiState;
use auth::{Clock, Fetch, Verifier};
use aws_sdk_dynamodb::Client;
use axum::extract::FromRef;
use outbound::Outbound;
use serve::StartError;
use session::Random;
use settings::Environment;

use crate::{Config, config::Policies};

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Parts>);

struct Parts {
    api: ApiState,
    policies: Policies,
}

impl State {
    /// Makes the state and loads the keys.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub async fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let Config { api, policies } = config;
        let api = ApiState::start(api, environment, outbound).await?;
        Ok(Self(Arc::new(Parts { api, policies })))
    }

    /// Takes what reaches outside: the provider, the tables, the time and random bytes. Calls
    /// nothing yet.
    ///
    /// # Errors
    /// When the configuration lacks an audience.
    pub fn new(
        config: Config,
        fetch: impl Fetch,
        dynamodb: Client,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let Config { api, policies } = config;
        let api = ApiState::new(api, fetch, dynamodb, clock, random)?;
        Ok(Self(Arc::new(Parts { api, policies })))
    }

    pub(crate) fn api(&self) -> &ApiState {
        &self.0.api
    }

    pub(crate) fn policies(&self) -> &Policies {
        &self.0.policies
    }
}

impl FromRef<State> for Verifier {
    fn from_ref(state: &State) -> Self {
        Self::from_ref(state.api())
    }
}
