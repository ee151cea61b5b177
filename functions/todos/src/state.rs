use std::sync::Arc;

use auth::{Clock, Fetch, Issuer, Provider, SystemClock, Verifier};
use aws_sdk_dynamodb::Client;
use axum::extract::FromRef;
use key_snapshot::KeySource;
use outbound::Outbound;
use serve::{PublicUrl, StartError, WarmUp};
use session::{Random, Sessions, SystemRandom};
use settings::Environment;

use crate::{Config, config::Permissions, table::TodoTable, todo::Ids};

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Parts>);

struct Parts {
    provider: Provider,
    verifier: Verifier,
    permissions: Permissions,
    sessions: Sessions,
    todos: TodoTable,
    ids: Ids,
    clock: Arc<dyn Clock>,
    public_url: PublicUrl,
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
        let Config { keys, provider, .. } = &config;
        let source = KeySource::new(keys, provider, environment, outbound, &client, clock.clone())?;
        let opens_connection = source.has_table();
        let state = Self::new(config, source, client, clock, random)?;
        state.warm_up(opens_connection).await?;
        Ok(state)
    }

    /// With all that the function asks of the world: the provider, the tables, the time and
    /// random bytes. Nothing is asked yet.
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
        let Config { provider, keys: _, rules, permissions, sessions, todos_table, public_url } =
            config;
        let provider = Provider::new(provider, fetch, Arc::clone(&clock));
        let verifier = Verifier::new(provider.clone(), rules)
            .map_err(|error| StartError::Needed(error.to_string()))?;
        let sessions =
            Sessions::new(dynamodb.clone(), sessions, Arc::clone(&clock), Arc::clone(&random));
        let todos = TodoTable::new(dynamodb, todos_table);
        let ids = Ids::new(Arc::clone(&clock), random);
        let parts =
            Parts { provider, verifier, permissions, sessions, todos, ids, clock, public_url };
        Ok(Self(Arc::new(parts)))
    }

    /// Loads side by side what the first request will need. What cannot be loaded now is loaded by
    /// the requests that need it. `connected`: loading the keys opens the connection to DynamoDB.
    async fn warm_up(&self, connected: bool) -> Result<(), StartError> {
        let table = async { if connected { Ok(()) } else { self.0.todos.warm().await } };
        let warm_up = WarmUp::default();
        tokio::try_join!(
            warm_up.optional("keys", self.0.provider.warm()),
            warm_up.optional("todos table", table),
        )?;
        Ok(())
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        self.0.provider.issuer()
    }

    pub(crate) fn permissions(&self) -> &Permissions {
        &self.0.permissions
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn todos(&self) -> &TodoTable {
        &self.0.todos
    }

    pub(crate) fn ids(&self) -> &Ids {
        &self.0.ids
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    pub(crate) fn public_url(&self) -> &PublicUrl {
        &self.0.public_url
    }
}

impl FromRef<State> for Verifier {
    fn from_ref(state: &State) -> Self {
        state.0.verifier.clone()
    }
}
