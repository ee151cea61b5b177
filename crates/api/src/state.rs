use std::sync::Arc;

use auth::{
    AccessTokenRules, Clock, Fetch, Issuer, Provider, Resource, Scope, SystemClock, Verifier,
};
use aws_sdk_dynamodb::Client;
use axum::extract::FromRef;
use key_snapshot::KeySource;
use outbound::Outbound;
use serve::{PublicUrl, StartError, WarmUp};
use session::{Random, Sessions, SystemRandom};
use settings::Environment;

use crate::ApiConfig;

/// What the handlers of every API function share. Cheap to clone.
#[derive(Clone)]
pub struct ApiState(Arc<Parts>);

struct Parts {
    provider: Provider,
    verifier: Verifier,
    session_scopes: Vec<Scope>,
    resource: Option<Resource>,
    sessions: Sessions,
    clock: Arc<dyn Clock>,
    public_url: PublicUrl,
}

impl ApiState {
    /// Makes the state of a function that has no tables of its own, and loads the keys.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub async fn start(
        config: ApiConfig,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let client = outbound.dynamodb(environment)?;
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let ApiConfig { keys, provider, .. } = &config;
        let source = KeySource::new(keys, provider, environment, outbound, &client, clock.clone())?;
        let state = Self::new(config, source, client, clock, random)?;
        state.warm_up(WarmUp::new(outbound.timeouts().warm_up)).await?;
        Ok(state)
    }

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
        let ApiConfig { provider, keys: _, rules, session_scopes, resource, .. } = config;
        let provider = Provider::new(provider, fetch, Arc::clone(&clock));
        let verifier = verifier(provider.clone(), rules)?;
        let sessions = Sessions::new(dynamodb, config.sessions, Arc::clone(&clock), random);
        let public_url = config.public_url;
        let parts =
            Parts { provider, verifier, session_scopes, resource, sessions, clock, public_url };
        Ok(Self(Arc::new(parts)))
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

    /// The page's sessions.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// The scopes that a session itself carries, if it needs no access token.
    pub(crate) fn session_scopes(&self) -> &[Scope] {
        &self.0.session_scopes
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    /// Verifies tokens of the same provider by other rules.
    ///
    /// # Errors
    /// When the rules lack an audience.
    pub fn verifier_of(&self, rules: AccessTokenRules) -> Result<Verifier, StartError> {
        verifier(self.0.provider.clone(), rules)
    }

    /// The API's identifier at the provider, if it isn't the origin.
    pub(crate) fn resource(&self) -> Option<&Resource> {
        self.0.resource.as_ref()
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

fn verifier(provider: Provider, rules: AccessTokenRules) -> Result<Verifier, StartError> {
    Verifier::new(provider, rules).map_err(|error| StartError::Dependency(error.to_string()))
}

impl FromRef<ApiState> for Verifier {
    fn from_ref(state: &ApiState) -> Self {
        state.0.verifier.clone()
    }
}
