//! A token of AWS as the client's credential.

use std::{sync::Arc, time::Duration};

use auth::Issuer;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use outbound::{Outbound, Timeouts, WebIdentityError};
use relying_party::{CredentialConfig, Endpoints, TokenEndpoint, TokenEndpointError};
use serde_json::Value;
use settings::Environment;
use test_support::{Endpoint, ManualClock, MockResponse, ScriptedProvider};

/// AWS STS is at the same address as the provider.
fn environment(provider: &ScriptedProvider) -> Environment {
    Environment::of([
        ("OIDC_CLIENT_AUTH", "aws_web_identity"),
        ("AWS_ENDPOINT_URL_STS", provider.issuer()),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_SESSION_TOKEN", "temporary"),
    ])
}

fn outbound() -> Outbound {
    Outbound::with_timeouts(&Environment::default(), Timeouts::NONE).unwrap()
}

fn client(provider: &ScriptedProvider) -> (TokenEndpoint, Endpoints, Arc<ManualClock>) {
    let environment = environment(provider);
    let clock = Arc::new(ManualClock::running());
    let client = TokenEndpoint::new(
        "web".parse().unwrap(),
        Issuer::parse(provider.issuer()).unwrap(),
        CredentialConfig::from_environment(&environment).unwrap(),
        &environment,
        &outbound(),
        clock.clone(),
    );
    (client, Endpoints::of(provider.metadata().as_object().unwrap()), clock)
}

fn calls(provider: &ScriptedProvider) -> usize {
    provider.received(Endpoint::Elsewhere).len()
}

#[tokio::test]
async fn the_assertion_is_a_token_of_aws_and_replaces_a_secret() {
    let provider = ScriptedProvider::start();
    let (client, endpoints, _) = client(&provider);
    let _refused = client.refresh(&endpoints, "rt", None, None).await;
    let [request] = &provider.received(Endpoint::Token)[..] else { panic!("one") };
    assert_eq!(request.header("authorization"), None);
    let form = request.form();
    assert!(!form.contains_key("client_secret"));
    assert_eq!(form["client_id"], "web");
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert_eq!(form["client_assertion_type"], kind);
    let claims = form["client_assertion"].split('.').nth(1).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["aud"], "api://AzureADTokenExchange");
    assert_eq!(claims["sub"], "arn:aws:iam::123456789012:role/web");
    assert_eq!(claims["lifetime"], 300, "seconds");
}

#[tokio::test]
async fn a_token_serves_until_a_minute_before_its_end_and_one_request_gets_it_for_all() {
    let provider = ScriptedProvider::start();
    let (client, endpoints, clock) = client(&provider);
    assert_eq!(calls(&provider), 0, "nothing is called before it is needed");
    let (warm, _, _) = tokio::join!(
        client.warm(),
        client.refresh(&endpoints, "rt", None, None),
        client.refresh(&endpoints, "rt", None, None),
    );
    warm.unwrap();
    clock.advance(Duration::from_secs(235));
    let _refused = client.refresh(&endpoints, "rt", None, None).await;
    assert_eq!(calls(&provider), 1);
    clock.advance(Duration::from_secs(5));
    let _refused = client.refresh(&endpoints, "rt", None, None).await;
    assert_eq!(calls(&provider), 2);
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_ends_no_start() {
    for (code, remedy) in [
        (
            "OutboundWebIdentityFederationDisabledException",
            "aws iam enable-outbound-web-identity-federation",
        ),
        ("AccessDenied", "the function's role needs sts:GetWebIdentityToken"),
    ] {
        let provider = ScriptedProvider::start();
        provider.always(Endpoint::Elsewhere, MockResponse::sts_error(403, code));
        let (client, endpoints, _) = client(&provider);
        let error = client.warm().await.unwrap_err();
        assert!(!error.is_permanent());
        let text = error.to_string();
        assert!(text.contains(code) && text.contains(remedy), "{text}");
        let error = client.refresh(&endpoints, "rt", None, None).await.unwrap_err();
        assert!(matches!(error, TokenEndpointError::Credential(_)) && error.is_transient());
        assert!(provider.received(Endpoint::Token).is_empty());
        assert_eq!(calls(&provider), 2, "a refusal is not repeated");
        provider.behave(Endpoint::Elsewhere);
        client.warm().await.unwrap();
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_three_times() {
    for response in [
        MockResponse::status(500),
        MockResponse::sts_error(400, "Throttling"),
        MockResponse::text("<html>"),
    ] {
        let provider = ScriptedProvider::start();
        for _ in 0..2 {
            provider.next(Endpoint::Elsewhere, response.clone());
        }
        let (client, ..) = client(&provider);
        client.warm().await.unwrap();
        for _ in 0..3 {
            provider.next(Endpoint::Elsewhere, response.clone());
        }
        let error = self::client(&provider).0.warm().await.unwrap_err();
        assert!(!error.is_permanent(), "{error}");
        assert_eq!(calls(&provider), 6);
    }
}

/// The double is as strict as AWS, or the tests above show nothing.
#[tokio::test]
async fn a_request_that_aws_refuses_is_refused() {
    let provider = ScriptedProvider::start();
    let good = environment(&provider);
    let wrong_key = good.clone().with("AWS_SECRET_ACCESS_KEY", "other");
    let minutes = Duration::from_mins;
    let long = "x".repeat(1001);
    for (environment, audience, lifetime, code) in [
        (&wrong_key, "api://AzureADTokenExchange", minutes(5), "SignatureDoesNotMatch"),
        (&good, "", minutes(5), "ValidationError"),
        (&good, &long, minutes(5), "ValidationError"),
        (&good, "api://AzureADTokenExchange", Duration::from_secs(59), "ValidationError"),
        (&good, "api://AzureADTokenExchange", minutes(61), "ValidationError"),
        (&good, "api://AzureADTokenExchange", minutes(6), "AccessDenied"),
        (&good, "https://other.example", minutes(5), "AccessDenied"),
    ] {
        let token = outbound().web_identity_token(environment, audience, lifetime).await;
        let Err(WebIdentityError::Refused(cause)) = token else { panic!("{token:?}") };
        assert!(cause.contains(code), "{cause}");
    }
}
