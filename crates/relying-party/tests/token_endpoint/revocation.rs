//! The refresh tokens of ended sessions are revoked, within two seconds.

use std::{sync::Arc, time::Duration};

use auth::{HttpFetch, Issuer, Provider, ProviderConfig, SystemClock};
use outbound::Timeouts;
use relying_party::Discovery;
use serde_json::Value;
use test_support::{Endpoint, LogCapture, MockResponse};
use tracing_subscriber::filter::LevelFilter;

use crate::harness::Fixture;

fn discovery(fixture: &Fixture) -> Discovery {
    let config = ProviderConfig::new(Issuer::parse(fixture.provider.issuer()).unwrap());
    let fetch = HttpFetch::new(fixture.http().clone()).with_time_limit(Timeouts::NONE.document);
    Discovery::of(Provider::new(config, fetch, Arc::new(SystemClock)))
}

#[tokio::test]
async fn a_refresh_token_of_a_session_that_is_over_is_revoked() {
    let fixture = Fixture::new();
    fixture.client.revoke(&discovery(&fixture), Some("the token")).await;
    let [request] = &fixture.provider.received(Endpoint::Revocation)[..] else { panic!("one") };
    assert_eq!(request.form()["token"], "the token");
    assert_eq!(request.form()["token_type_hint"], "refresh_token");
    assert!(request.header("authorization").unwrap().starts_with("Basic "));
    assert!(fixture.provider.received(Endpoint::Token).is_empty());
}

#[tokio::test]
async fn without_a_refresh_token_no_request_is_sent() {
    let fixture = Fixture::new();
    fixture.client.revoke(&discovery(&fixture), None).await;
    assert!(fixture.provider.received(Endpoint::Discovery).is_empty());
    assert!(fixture.provider.received(Endpoint::Revocation).is_empty());
}

#[tokio::test]
async fn a_provider_that_cannot_revoke_is_not_asked_to() {
    let fixture = Fixture::new();
    let mut metadata = fixture.provider.metadata();
    metadata["revocation_endpoint"] = Value::Null;
    fixture.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
    let log = LogCapture::start(LevelFilter::WARN);
    fixture.client.revoke(&discovery(&fixture), Some("the token")).await;
    assert!(fixture.provider.received(Endpoint::Revocation).is_empty());
    assert_eq!(log.text(), "", "a missing endpoint is not an error");
}

#[tokio::test]
async fn a_token_is_not_sent_to_an_insecure_endpoint() {
    let fixture = Fixture::new();
    let mut metadata = fixture.provider.metadata();
    metadata["revocation_endpoint"] = "http://evil.example/revoke".into();
    fixture.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
    fixture.client.revoke(&discovery(&fixture), Some("the token")).await;
    assert!(fixture.provider.received(Endpoint::Revocation).is_empty());
}

#[tokio::test]
async fn a_failed_revocation_is_logged_without_the_token() {
    for failure in [
        MockResponse::status(500),
        MockResponse::error("unsupported_token_type"),
        MockResponse::text("nonsense").with_status(400),
        MockResponse::hang_up(),
    ] {
        let fixture = Fixture::new();
        fixture.provider.always(Endpoint::Revocation, failure);
        let log = LogCapture::start(LevelFilter::WARN);
        fixture.client.revoke(&discovery(&fixture), Some("the token")).await;
        assert!(log.text().contains("not_revoked"), "{}", log.text());
        assert!(!log.text().contains("the token"), "{}", log.text());
    }
    let fixture = Fixture::new();
    fixture.provider.stop().await;
    fixture.client.revoke(&discovery(&fixture), Some("the token")).await;
}

#[tokio::test]
async fn a_provider_that_never_answers_delays_the_caller_until_the_timeout_at_most() {
    assert_eq!(Timeouts::default().revocation, Duration::from_secs(2));
    let timeouts = Timeouts { revocation: Duration::from_millis(50), ..Timeouts::NONE };
    for silent in [Endpoint::Discovery, Endpoint::Revocation] {
        let fixture = Fixture::with_timeouts(timeouts);
        fixture.provider.always(silent, MockResponse::never());
        fixture.client.revoke(&discovery(&fixture), Some("the token")).await;
    }
}
