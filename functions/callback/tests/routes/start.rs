//! The start, with what it needs and without.

use callback::{Config, State, app};
use http::StatusCode;
use local_aws::LocalDynamoDb;
use outbound::Outbound;
use settings::Environment;
use test_support::{Answer as Scripted, Endpoint, ScriptedProvider};

use crate::{
    harness::{Answer, Browser, ORIGIN},
    log,
};

fn environment(provider: &ScriptedProvider, store: &LocalDynamoDb) -> Environment {
    log::keep();
    let environment = Environment::of(provider.settings()).with("PUBLIC_URL", ORIGIN);
    store
        .environment()
        .into_iter()
        .fold(environment, |environment, (name, value)| environment.with(name, value))
}

async fn start(environment: &Environment) -> Result<State, String> {
    let config = Config::from_environment(environment).unwrap();
    let outbound = Outbound::from_environment(environment).unwrap();
    State::start(config, environment, &outbound).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_keys_are_loaded_before_the_first_request() {
    let (provider, store) = (ScriptedProvider::start(), LocalDynamoDb::in_memory().await.unwrap());
    assert!(start(&environment(&provider, &store)).await.is_ok());
    assert_eq!(provider.received(Endpoint::Discovery).len(), 1);
    assert_eq!(provider.received(Endpoint::Keys).len(), 1);
}

#[tokio::test]
async fn a_start_without_provider_and_table_succeeds_and_answers() {
    let (provider, store) = (ScriptedProvider::start(), LocalDynamoDb::in_memory().await.unwrap());
    provider.stop().await;
    store.pause().await;
    let state = start(&environment(&provider, &store)).await.ok().unwrap();
    let answer = Answer::of(app(state), Browser::default().request("/callback")).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_secret_that_cannot_be_one_ends_the_start_and_one_that_is_late_does_not() {
    let (provider, store) = (ScriptedProvider::start(), LocalDynamoDb::in_memory().await.unwrap());
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x";
    let environment = environment(&provider, &store)
        .without("OIDC_CLIENT_SECRET")
        .with("OIDC_CLIENT_SECRET_ARN", arn)
        .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", provider.issuer());
    provider.always(Endpoint::Elsewhere, Scripted::text("{\"SecretString\":\"a\\nb\"}"));
    let fault = start(&environment).await.err().unwrap();
    assert!(fault.contains("cannot be used: a client secret is"), "{fault}");
    provider.always(Endpoint::Elsewhere, Scripted::status(500));
    assert!(start(&environment).await.is_ok());
}
