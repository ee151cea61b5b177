//! What may stand in a log.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use oidc_resource_server::{
    Dpop, DpopNonces, ExpectedNonce, IdTokenExpectations, RequestHead, Resource, credentials,
};
use serde_json::json;

use crate::harness::Harness;

#[test]
fn a_request_can_be_logged_without_its_token() {
    let headers =
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"))]);
    let shown = format!("{:?}", RequestHead::new(&Method::GET, "/", &headers));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn claims_can_be_logged_without_what_no_log_may_have() {
    let harness = Harness::new();
    let expected = IdTokenExpectations {
        nonce: ExpectedNonce::SignIn("n-1"),
        ..IdTokenExpectations::default()
    };
    let claims = harness.verify_id(json!({"email": "ada@example.com"}), &expected).await.unwrap();
    let shown = format!("{claims:?}");
    assert!(shown.contains("IdClaims") && shown.contains("ciamlogin.com"), "{shown}");
    assert!(!shown.contains("ada@example.com") && !shown.contains("n-1"), "{shown}");
}

#[tokio::test]
async fn an_access_token_can_be_logged_without_who_it_is_about() {
    let harness = Harness::new();
    let claims = harness.verify_but(json!({"email": "ada@example.com"})).await.unwrap();
    let shown = format!("{claims:?}");
    assert!(shown.contains("ToDoList.Read"), "{shown}");
    for personal in ["ada@example.com", "pairwise-1", "user-1"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

#[test]
fn credentials_can_be_logged_without_the_token() {
    let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("DPoP s3cret"))]);
    let shown = format!("{:?}", credentials(&headers).unwrap());
    assert!(shown.contains("Dpop") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn what_judges_proofs_can_be_logged_without_its_key() {
    let resource = Resource::parse("https://api.example").unwrap();
    let nonces = DpopNonces::new(b"0123456789abcdef0123456789abcdef");
    let dpop = Dpop::new(resource, Arc::new(Harness::new().clock)).with_nonces(nonces);
    let shown = format!("{dpop:?}");
    assert!(shown.contains("https://api.example") && shown.contains("ES256"), "{shown}");
    assert!(shown.contains("DpopNonces { .. }"), "{shown}");
}

#[test]
fn a_request_is_known_in_a_log_by_its_method_and_path() {
    let headers = HeaderMap::new();
    let shown = format!("{:?}", RequestHead::new(&Method::PATCH, "/todos/1", &headers));
    assert!(shown.contains("PATCH") && shown.contains("/todos/1"), "{shown}");
}

#[tokio::test]
async fn what_a_token_said_is_named_in_full_up_to_a_limit() {
    let error = Harness::new().refusal(json!({"aud": "another"})).await.to_string();
    assert!(error.contains("another") && !error.contains("more"), "{error}");
    let many: Vec<String> = (0..20).map(|at| format!("api-{at}")).collect();
    let error = Harness::new().refusal(json!({"aud": many})).await.to_string();
    assert!(error.contains("and 12 more") && !error.contains("api-8"), "{error}");
    let part = Harness::new().verify("x!.e30.AAAA").await.unwrap_err().to_string();
    assert!(part.contains("header"), "{part}");
}
