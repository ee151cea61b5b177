//! What may stand in a log.

use auth::{IdTokenExpectations, Incoming};
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use serde_json::json;

use crate::stage::Stage;

#[test]
fn a_request_can_be_logged_without_its_token() {
    let headers =
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"))]);
    let shown = format!("{:?}", Incoming::new(&Method::GET, "/", &headers));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn claims_can_be_logged_without_what_no_log_may_have() {
    let stage = Stage::new();
    let expected =
        IdTokenExpectations { nonce: Some("n-1".into()), ..IdTokenExpectations::default() };
    let claims = stage.verify_id(json!({"email": "ada@example.com"}), &expected).await.unwrap();
    let shown = format!("{claims:?}");
    assert!(!shown.contains("ada@example.com") && !shown.contains("n-1"), "{shown}");
}

#[tokio::test]
async fn an_access_token_can_be_logged_without_who_it_is_about() {
    let stage = Stage::new();
    let claims = stage.verify_but(json!({"email": "ada@example.com"})).await.unwrap();
    let shown = format!("{claims:?}");
    assert!(shown.contains("ToDoList.Read"), "{shown}");
    for personal in ["ada@example.com", "pairwise-1", "user-1"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}
