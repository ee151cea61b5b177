use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use auth::{AccessTokenRules, Clock, Provider, ProviderConfig, Verifier};
use key_snapshot::{KeySource, KeysConfig};
use keys::{Config, RefreshError, Refreshed, State};
use local_aws::LocalDynamoDb;
use outbound::Outbound;
use settings::Environment;
use test_support::{Endpoint, ScriptedProvider, TokenBuilder};

/// The system's clock, moved on by hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Later(Arc<Mutex<Duration>>);

impl Later {
    pub(crate) fn forward(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

impl Clock for Later {
    fn now(&self) -> SystemTime {
        SystemTime::now() + *self.0.lock().unwrap()
    }
}

/// A provider, a table, and the function.
pub(crate) struct World {
    pub(crate) provider: ScriptedProvider,
    pub(crate) dynamodb: LocalDynamoDb,
    pub(crate) clock: Later,
    pub(crate) environment: Environment,
}

impl World {
    pub(crate) async fn new() -> Self {
        let provider = ScriptedProvider::entra();
        let dynamodb = LocalDynamoDb::in_memory().await.unwrap();
        let environment = Environment::of(dynamodb.environment())
            .with("OIDC_ISSUER", provider.issuer().to_owned());
        Self { provider, dynamodb, clock: Later::default(), environment }
    }

    pub(crate) fn function(&self) -> State {
        let config = Config::from_environment(&self.environment).unwrap();
        let outbound = Outbound::from_environment(&self.environment).unwrap();
        State::new(config, &self.environment, &outbound, Arc::new(self.clock.clone())).unwrap()
    }

    pub(crate) async fn run(&self) -> Result<Refreshed, RefreshError> {
        keys::refresh(&self.function()).await
    }

    /// A new instance of a function that verifies tokens.
    pub(crate) fn instance(&self) -> Verifier {
        let environment = &self.environment;
        let provider = ProviderConfig::new(self.provider.issuer().parse().unwrap());
        let outbound = Outbound::from_environment(environment).unwrap();
        let dynamodb = outbound.dynamodb(environment).unwrap();
        let config = KeysConfig::from_environment(environment).unwrap();
        let clock = Arc::new(self.clock.clone());
        let source =
            KeySource::new(&config, &provider, environment, &outbound, &dynamodb, clock.clone());
        let provider = Provider::new(provider, source.unwrap(), clock);
        Verifier::new(provider, AccessTokenRules::new(["api"])).unwrap()
    }

    /// Whether a token that was just issued passes at a new instance.
    pub(crate) async fn passes(&self) -> bool {
        self.instance().verify(&self.token().signed()).await.is_ok()
    }

    /// A good token, whatever the clock says.
    pub(crate) fn token(&self) -> TokenBuilder {
        let now = self.clock.now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        self.provider.access_token().claim("exp", now + 3600)
    }

    /// How often the provider was asked for anything.
    pub(crate) fn asked(&self) -> usize {
        let at = |endpoint| self.provider.received(endpoint).len();
        at(Endpoint::Discovery) + at(Endpoint::Keys)
    }
}
