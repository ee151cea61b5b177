use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use auth::{AccessTokenRules, Clock, Provider, ProviderConfig, Verifier};
use key_snapshot::{
    Claim, Document, Elapsed, KeySource, KeysConfig, Lease, Snapshot, Snapshots, Timer,
};
use keys::{Config, RefreshError, Refreshed, State};
use serde_json::json;
use test_support::{Backend, Endpoint, ManualClock, ScriptedProvider, SigningKey, TokenBuilder};
use tokio::sync::watch;

/// The function and its backend.
pub(crate) struct Keys {
    backend: Backend,
    /// How often a Lambda has run the function.
    pub(crate) runs: watch::Sender<usize>,
}

/// Pauses until a run of the writer has ended.
struct UntilWritten(watch::Receiver<usize>);

impl Timer for UntilWritten {
    fn timeout(&self, _limit: Duration) -> Elapsed {
        Box::pin(std::future::pending())
    }

    fn pause(&self, _duration: Duration) -> Elapsed {
        let mut runs = self.0.clone();
        Box::pin(async move { drop(runs.wait_for(|runs| *runs > 0).await) })
    }
}

impl Deref for Keys {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

impl DerefMut for Keys {
    fn deref_mut(&mut self) -> &mut Backend {
        &mut self.backend
    }
}

impl Keys {
    pub(crate) async fn new() -> Self {
        let backend = Backend::start(ScriptedProvider::entra(), ManualClock::running()).await;
        Self { backend, runs: watch::Sender::new(0) }
    }

    pub(crate) fn function(&self) -> State {
        let config = Config::from_environment(&self.environment).unwrap();
        State::new(config, &self.environment, &self.outbound, self.clock.clone()).unwrap()
    }

    pub(crate) async fn run(&self) -> Result<Refreshed, RefreshError> {
        keys::refresh(&self.function()).await
    }

    /// A new instance of a function that verifies tokens. No call is too slow for it, and it reads
    /// the table again when the writer has run.
    pub(crate) fn instance(&self) -> Verifier {
        self.instance_with(UntilWritten(self.runs.subscribe()))
    }

    pub(crate) fn instance_with(&self, timer: impl Timer) -> Verifier {
        let Backend { environment, outbound, dynamodb, clock, .. } = &self.backend;
        let provider = ProviderConfig::new(self.provider.issuer().parse().unwrap());
        let config = KeysConfig::from_environment(environment).unwrap();
        let clock = clock.clone();
        let source =
            KeySource::new(&config, &provider, environment, outbound, dynamodb, clock.clone());
        let provider = Provider::new(provider, source.unwrap().with_timer(timer), clock);
        Verifier::new(provider, AccessTokenRules::new(["api"])).unwrap()
    }

    fn snapshots(&self) -> Snapshots {
        let table = self.environment.text("KEYS_TABLE").unwrap().to_owned();
        let provider = ProviderConfig::new(self.provider.issuer().parse().unwrap());
        Snapshots::new(self.dynamodb.clone(), table, &provider)
    }

    /// A writer starts: it holds the lease.
    pub(crate) async fn claim(&self) -> Lease {
        match self.snapshots().claim("writer".to_owned(), self.clock.now()).await.unwrap() {
            Claim::Granted(lease) => lease,
            other => panic!("{other:?}"),
        }
    }

    /// The writer that holds this lease has what the provider publishes.
    pub(crate) async fn store(&self, lease: &Lease) {
        let (issuer, metadata) = (self.provider.issuer(), self.provider.metadata());
        let snapshot = Snapshot {
            fetched_at: self.clock.now(),
            metadata_url: format!("{issuer}/.well-known/openid-configuration"),
            metadata_max_age: None,
            keys: Document {
                url: metadata["jwks_uri"].as_str().unwrap().to_owned(),
                body: json!({ "keys": [SigningKey::first().jwk()] }).to_string(),
                max_age: None,
            },
        };
        assert!(self.snapshots().store(lease, &snapshot).await.unwrap());
    }

    /// Whether a token that was just issued passes at a new instance.
    pub(crate) async fn passes(&self) -> bool {
        self.instance().verify(&self.token().signed()).await.is_ok()
    }

    /// A good token, whatever the clock says.
    pub(crate) fn token(&self) -> TokenBuilder {
        self.provider.access_token().claim("exp", self.clock.seconds() + 3600)
    }

    /// How often the provider was asked for anything.
    pub(crate) fn asked(&self) -> usize {
        let at = |endpoint| self.provider.received(endpoint).len();
        at(Endpoint::Discovery) + at(Endpoint::Keys)
    }
}
