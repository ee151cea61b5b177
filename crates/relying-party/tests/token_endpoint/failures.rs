//! Failures that callers must tell apart.

use std::time::Duration;

use outbound::Timeouts;
use relying_party::{Endpoints, TokenEndpointError, TransportError};
use serde_json::json;
use test_support::{Endpoint, MockResponse};

use crate::harness::Fixture;

async fn failure(answer: MockResponse) -> TokenEndpointError {
    let fixture = Fixture::new();
    fixture.provider.always(Endpoint::Token, answer);
    fixture.redeem().await.unwrap_err()
}

#[tokio::test]
async fn invalid_grant_is_told_apart_from_other_refusals() {
    let error = failure(MockResponse::error("invalid_grant")).await;
    assert!(
        matches!(&error, TokenEndpointError::Refused(it) if it.code == "invalid_grant"),
        "{error}"
    );
    assert!(!error.is_transient());
    let error = failure(MockResponse::error("invalid_client").with_status(401)).await;
    assert!(matches!(&error, TokenEndpointError::Refused(it) if it.code == "invalid_client"));
    assert!(!error.is_transient());
}

#[tokio::test]
async fn what_may_work_in_a_moment_is_transient() {
    for status in [500, 502, 503, 504, 429] {
        // Whatever the body says: a 503 with `invalid_grant` in it decides nothing.
        let error = failure(MockResponse::error("invalid_grant").with_status(status)).await;
        assert!(
            matches!(error, TokenEndpointError::Transient(TransportError::Status(s)) if s == status),
            "{error}"
        );
    }
    let error = failure(MockResponse::error("temporarily_unavailable")).await;
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_transient() {
    let fixture = Fixture::new();
    fixture.provider.stop().await;
    let error = fixture.redeem().await.unwrap_err();
    assert!(matches!(error, TokenEndpointError::Transient(TransportError::Connection)), "{error}");
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_given_up() {
    let timeouts = Timeouts { token_endpoint: Duration::from_millis(50), ..Timeouts::NONE };
    let fixture = Fixture::with_timeouts(timeouts);
    fixture.provider.always(Endpoint::Token, MockResponse::never());
    let error = fixture.client.refresh(&fixture.endpoints, "rt", None, None).await.unwrap_err();
    assert!(matches!(error, TokenEndpointError::Transient(TransportError::Timeout)), "{error}");
    assert!(fixture.provider.received(Endpoint::Token).len() <= 1, "and not asked again");
}

#[tokio::test]
async fn an_answer_is_read_up_to_256_kib() {
    let padded = |size: usize| {
        let document = json!({ "access_token": "at", "token_type": "Bearer" }).to_string();
        MockResponse::text(format!("{document}{}", " ".repeat(size - document.len())))
    };
    let fixture = Fixture::new();
    fixture.provider.next(Endpoint::Token, padded(256 * 1024));
    assert!(fixture.redeem().await.is_ok());
    let error = failure(padded(256 * 1024 + 1)).await;
    assert!(matches!(error, TokenEndpointError::Transient(TransportError::TooLarge)), "{error}");
}

#[tokio::test]
async fn nonsense_is_malformed_and_nothing_of_it_is_repeated() {
    for answer in [
        MockResponse::text("hunter2"),
        MockResponse::text(""),
        MockResponse::status(400),
        MockResponse::text("hunter2").with_status(404),
        MockResponse::text("{}").header("content-type", "text/html"),
        MockResponse::json(&json!("hunter2")),
        MockResponse::json(&json!({ "access_token": "hunter2" })),
        MockResponse::json(&json!({ "access_token": "hunter2", "token_type": "hunter2" })),
        MockResponse::json(&json!({ "access_token": ["hunter2"], "token_type": "Bearer" })),
        MockResponse::text(
            "{\"access_token\":\"hunter2\",\"access_token\":\"x\",\"token_type\":\"Bearer\"}",
        ),
        MockResponse::status(302).header("location", "/keys"),
    ] {
        let error = failure(answer).await;
        assert!(matches!(error, TokenEndpointError::Malformed(_)), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn the_provider_s_error_code_is_cleaned_before_anybody_logs_it() {
    let long = format!("<b>\n{}", "x".repeat(500));
    let TokenEndpointError::Refused(error) = failure(MockResponse::error(&long)).await else {
        panic!("a refusal");
    };
    assert_eq!(error.code, format!("b{}", "x".repeat(63)));
}

#[tokio::test]
async fn of_a_description_nothing_is_kept_but_entra_s_code() {
    for (description, expected) in [
        ("AADSTS90009: Application 'hunter2' is requesting a token for itself.", "AADSTS90009"),
        ("hunter2: AADSTS50076: hunter2 AADSTS50079", "AADSTS50076"),
        ("AADSTS: hunter2", ""),
        ("AADSTS12345678901 hunter2", ""),
        ("aadsts90009 hunter2", ""),
        ("hunter2", ""),
    ] {
        let document = json!({ "error": "invalid_request", "error_description": description });
        let error = failure(MockResponse::json(&document).with_status(400)).await;
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let TokenEndpointError::Refused(error) = error else { panic!("{error}") };
        assert_eq!(error.code, "invalid_request");
        assert_eq!(error.entra_code.unwrap_or_default(), expected, "{description}");
    }
}

#[tokio::test]
async fn a_provider_that_comes_back_is_asked_over_a_new_connection() {
    let fixture = Fixture::new();
    let tokens = fixture.provider.tokens().answer();
    fixture.provider.always(Endpoint::Token, tokens);
    fixture.redeem().await.unwrap();
    fixture.provider.stop().await;
    fixture.provider.resume().await;
    fixture.redeem().await.unwrap();
}

#[tokio::test]
async fn an_endpoint_that_the_metadata_lacks_is_an_error_only_when_it_is_needed() {
    let fixture = Fixture::new();
    let endpoints = Endpoints::of(&serde_json::Map::new());
    let error = fixture.client.refresh(&endpoints, "rt", None, None).await.unwrap_err();
    assert!(matches!(error, TokenEndpointError::Endpoint(_)), "{error}");
}

/// RFC 6749, section 5.1. A page that shows a token document is not a token response.
#[tokio::test]
async fn a_token_document_that_is_not_sent_as_json_is_refused() {
    let document = json!({ "access_token": "hunter2", "token_type": "Bearer" }).to_string();
    let response = MockResponse::text(document).header("content-type", "text/html");
    let error = failure(response).await;
    assert!(matches!(error, TokenEndpointError::Malformed(_)), "{error}");
}
