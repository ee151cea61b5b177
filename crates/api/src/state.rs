use std::sync::Arc;

use auth::{Clock, Fetch, Issuer, Provider, Verifier};
use aws_sdk_dynamodb::Client;
use axum::extract::FromRef;
use serve::{PublicUrl, StartError, WarmUp};
use session::{Random, Sessions};

use crate::ApiConfig;

/// What the handlers of every API function share. Cheap to clone.
#[derive(Clone)]
pub struct ApiState(Arc<Parts>);

struct Parts {
    provider: Provider,
    verifier: Verifier,
    sessions: Sessions,
    clock: Arc<dyn Clock>,
    public_url: PublicUrl,
}

impl ApiState {
    /// Takes what reaches outside: the provider, the tables, the time and random bytes. Calls
    /// nothing yet.
    ///
    /// # Errors
    /// When the configuration lacks an audience.
    pub fn new(
        config: ApiConfig,
        fetch: impl Fetch,
        dynamodb: Client,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let ApiConfig { provider, keys: _, rules, sessions, public_url } = config;
        let provider = Provider::new(provider, fetch, Arc::clone(&clock));
        let verifier = Verifier::new(provider.clone(), rules)
            .map_err(|error| StartError::Dependency(error.to_string()))?;
        let sessions = Sessions::new(dynamodb, sessions, Arc::clone(&clock), random);
        Ok(Self(Arc::new(Parts { provider, verifier, sessions, clock, public_url })))
    }

    /// Loads the provider's keys. If that fails for now, the first request loads them.
    ///
    /// # Errors
    /// Never; it returns what `tokio::try_join!` takes.
    pub async fn warm_up(&self, warm_up: WarmUp) -> Result<(), StartError> {
        // Boxed to keep the futures of startup small.
        warm_up.optional("keys", Box::pin(self.0.provider.warm())).await
    }

    /// The issuer of the tokens that are accepted.
    pub fn issuer(&self) -> &Issuer {
        self.0.provider.issuer()
    }

    /// The page's sessions, for [`protect`](crate::protect).
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// The time.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// The origin that browsers see.
    pub fn public_url(&self) -> &PublicUrl {
        &self.0.public_url
    }
}

impl FromRef<ApiState> for Verifier {
    fn from_ref(state: &ApiState) -> Self {
        state.0.verifier.clone()
    }
}
