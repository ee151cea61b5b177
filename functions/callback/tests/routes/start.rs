//! The start, with what it needs and without.

use callback::{Config, State, app};
use http::StatusCode;
use local_aws::LocalDynamoDb;
use outbound::{Outbound, Timeouts};
use settings::Environment;
use test_support::{Endpoint, MockResponse, ScriptedProvider};

use crate::harness::{Browser, Callback, ORIGIN, TestResponse};

fn environment(provider: &ScriptedProvider, store: &LocalDynamoDb) -> Environment {
    let environment = Environment::of(provider.settings()).with("PUBLIC_URL", ORIGIN);
    store
        .environment()
        .into_iter()
        .fold(environment, |environment, (name, value)| environment.with(name, value))
}

async fn start(environment: &Environment) -> Result<State, String> {
    let config = Config::from_environment(environment).unwrap();
    let outbound = Outbound::with_timeouts(environment, Timeouts::NONE).unwrap();
    State::start(config, environment, &outbound).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_keys_are_loaded_before_the_first_request() {
    let (provider, store) = (ScriptedProvider::start(), LocalDynamoDb::in_memory().await.unwrap());
    let environment = environment(&provider, &store);
    assert!(start(&environment.clone().without("KEYS_TABLE")).await.is_ok());
    assert_eq!(provider.received(Endpoint::Discovery).len(), 1);
    assert_eq!(provider.received(Endpoint::Keys).len(), 1);
}

#[tokio::test]
async fn the_keys_table_does_not_decide_where_secrets_go() {
    let (callback, mut browser, back) = Callback::returning().await;
    let attacker = ScriptedProvider::start();
    callback.plant_metadata(&attacker).await;
    let request = browser.request(back.as_str());
    let answer = TestResponse::of(callback.cold(), request).await;
    browser.receive(&answer);
    answer.assert_goes_to("/todos?filter=open");
    for endpoint in [Endpoint::Token, Endpoint::Userinfo, Endpoint::Revocation] {
        assert!(attacker.received(endpoint).is_empty(), "{endpoint:?}");
    }
    assert_eq!(callback.provider.received(Endpoint::Token).len(), 1);
    assert!(callback.provider.received(Endpoint::Keys).is_empty(), "the keys are the table's");
}

#[tokio::test]
async fn a_start_without_provider_and_table_succeeds_and_answers() {
    let (provider, store) = (ScriptedProvider::start(), LocalDynamoDb::in_memory().await.unwrap());
    provider.stop().await;
    store.pause().await;
    let state = start(&environment(&provider, &store)).await.ok().unwrap();
    let answer = TestResponse::of(app(state), Browser::default().request("/callback")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

/// With the client secret in Secrets Manager, which is `provider` as well.
fn secret_elsewhere(provider: &ScriptedProvider, store: &LocalDynamoDb) -> Environment {
    environment(provider, store)
        .without("OIDC_CLIENT_SECRET")
        .with("OIDC_CLIENT_SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x")
        .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", provider.issuer())
}

#[tokio::test]
async fn a_wrong_credential_fails_startup_although_the_provider_hangs() {
    let (provider, store) = (ScriptedProvider::start(), LocalDynamoDb::in_memory().await.unwrap());
    let environment = secret_elsewhere(&provider, &store).without("KEYS_TABLE");
    provider.always(Endpoint::Discovery, MockResponse::never());
    provider.always(Endpoint::Elsewhere, MockResponse::text("{\"SecretString\":\"a\\nb\"}"));
    let error = start(&environment).await.err().unwrap();
    assert!(error.contains("cannot be used: a client secret is"), "{error}");
}

#[tokio::test]
async fn a_secret_that_cannot_be_loaded_now_does_not_fail_startup() {
    let (provider, store) = (ScriptedProvider::start(), LocalDynamoDb::in_memory().await.unwrap());
    provider.always(Endpoint::Elsewhere, MockResponse::status(500));
    assert!(start(&secret_elsewhere(&provider, &store)).await.is_ok());
}
