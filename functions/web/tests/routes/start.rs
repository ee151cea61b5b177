//! Startup.

use std::{sync::Arc, time::Duration};

use auth::SystemClock;
use local_aws::LocalDynamoDb;
use outbound::Outbound;
use serve::WarmUp;
use session::SystemRandom;
use settings::Environment;
use test_support::{Endpoint, MockResponse, ScriptedProvider};
use web::{Config, RefreshTimeout, State};

/// Longer than any test runs: nothing here is too slow.
const NO_LIMIT: WarmUp = WarmUp::with_limit(Duration::from_hours(1));

#[tokio::test]
async fn a_wrong_credential_fails_startup_although_the_provider_hangs() {
    let (provider, store) = (ScriptedProvider::start(), LocalDynamoDb::in_memory().await.unwrap());
    let environment = Environment::of(provider.settings())
        .without("OIDC_CLIENT_SECRET")
        .with("OIDC_CLIENT_SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x")
        .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", provider.issuer());
    let environment = store
        .environment()
        .into_iter()
        .fold(environment, |environment, (name, value)| environment.with(name, value))
        .without("KEYS_TABLE");
    provider.always(Endpoint::Discovery, MockResponse::never());
    provider.always(Endpoint::Elsewhere, MockResponse::text("{\"SecretString\":\"a\\nb\"}"));
    let config = Config::from_environment(&environment).unwrap();
    let outbound = Outbound::from_environment(&environment).unwrap();
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let state =
        State::new(config, &environment, &outbound, clock, random, RefreshTimeout::default());
    let error = Box::pin(state.unwrap().warm_up(NO_LIMIT)).await.unwrap_err().to_string();
    assert!(error.contains("cannot be used: a client secret is"), "{error}");
}
