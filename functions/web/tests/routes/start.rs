//! Startup.

use http::{StatusCode, header};
use local_aws::LocalDynamoDb;
use outbound::{Outbound, Timeouts};
use settings::Environment;
use test_support::{Endpoint, MockResponse, ScriptedProvider};
use web::{Config, State};

use crate::harness::{GOOD_FOR, Web, cookie, own_post, send};

#[tokio::test]
async fn the_keys_table_does_not_decide_where_secrets_go() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    let attacker = ScriptedProvider::start();
    web.plant_metadata(&attacker).await;
    let cold = web.instance();
    let post = |path| own_post(path).header(header::COOKIE, cookie(&secret));
    let refreshed = send(&cold, post("/session/refresh")).await;
    assert_eq!(refreshed.status, StatusCode::NO_CONTENT, "{}", refreshed.body);
    let signed_out = send(&cold, post("/signout")).await;
    let target = signed_out.header("location").unwrap();
    assert!(target.starts_with(web.provider.issuer()), "{target}");
    for endpoint in [Endpoint::Token, Endpoint::Revocation] {
        assert!(attacker.received(endpoint).is_empty(), "{endpoint:?}");
        assert_eq!(web.provider.received(endpoint).len(), 1, "{endpoint:?}");
    }
}

/// Otherwise no user could ever end a session from another one.
#[tokio::test]
async fn a_step_up_that_the_provider_cannot_answer_fails_startup_and_says_why() {
    let provider = ScriptedProvider::start();
    let environment = Environment::of(provider.settings()).with("SESSIONS_TABLE", "sessions");
    let google = environment.with("OIDC_PROVIDER", "google");
    assert!(Config::from_environment(&google).is_ok());
    let error = Config::from_environment(&google.with("SESSION_STEP_UP_ACR", "c1")).err().unwrap();
    assert_eq!(error.names(), ["SESSION_STEP_UP_ACR"]);
    assert!(error.to_string().contains("OIDC_STEP_UP is none"), "{error}");
}

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
