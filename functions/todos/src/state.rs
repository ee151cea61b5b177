use std::sync::Arc;

use api::{ApiConfig, ApiState};
use auth::{Clock, Fetch, SystemClock, Verifier};
use aws_sdk_dynamodb::Client;
use axum::extract::FromRef;
use key_snapshot::KeySource;
use outbound::Outbound;
use serve::{StartError, WarmUp};
use session::{Random, SystemRandom};
use settings::Environment;

use crate::{Config, config::Policies, table::TodoTable, todo::Ids};

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Parts>);

struct Parts {
    api: ApiState,
    policies: Policies,
    todos: TodoTable,
    ids: Ids,
}

impl State {
    /// Makes the state, loads the keys and opens the connection to the tables.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub async fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let client = outbound.dynamodb(environment)?;
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let ApiConfig { keys, provider, .. } = &config.api;
        let source = KeySource::new(keys, provider, environment, outbound, &client, clock.clone())?;
        let connected = source.has_table();
        let state = Self::new(config, source, client, clock, random)?;
        // Loading the keys from their table opens the connection.
        // Boxed to keep this future small.
        let table = Box::pin(async { if connected { Ok(()) } else { state.todos().warm().await } });
        let warm_up = WarmUp::new(outbound.timeouts().warm_up);
        let table = warm_up.optional("todos table", table);
        tokio::try_join!(state.api().warm_up(warm_up), table)?;
        Ok(state)
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
        let Config { api, policies, todos_table } = config;
        let todos = TodoTable::new(dynamodb.clone(), todos_table);
        let ids = Ids::new(Arc::clone(&clock), Arc::clone(&random));
        let api = ApiState::new(api, fetch, dynamodb, clock, random)?;
        Ok(Self(Arc::new(Parts { api, policies, todos, ids })))
    }

    pub(crate) fn api(&self) -> &ApiState {
        &self.0.api
    }

    pub(crate) fn policies(&self) -> &Policies {
        &self.0.policies
    }

    pub(crate) fn todos(&self) -> &TodoTable {
        &self.0.todos
    }

    pub(crate) fn ids(&self) -> &Ids {
        &self.0.ids
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.api.clock()
    }
}

impl FromRef<State> for Verifier {
    fn from_ref(state: &State) -> Self {
        Self::from_ref(state.api())
    }
}
