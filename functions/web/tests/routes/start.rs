//! Startup.

use local_aws::LocalDynamoDb;
use outbound::{Outbound, Timeouts};
use settings::Environment;
use test_support::{Endpoint, MockResponse, ScriptedProvider};
use web::{Config, State};

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
    let outbound = Outbound::with_timeouts(&environment, Timeouts::NONE).unwrap();
    let error = State::start(config, &environment, &outbound).await.err().unwrap().to_string();
    assert!(error.contains("cannot be used: a client secret is"), "{error}");
}
