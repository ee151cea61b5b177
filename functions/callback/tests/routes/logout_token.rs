//! What a provider sends when one of its sessions, or a user, is over.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, body::Body};
use http::{Request, header};
use serde_json::json;
use test_support::TokenBuilder;

use crate::harness::{Callback, TestResponse};

pub(crate) const PATH: &str = "/backchannel-logout";
pub(crate) const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A good logout token, as of now by our clock, in the making. It names nobody yet.
pub(crate) fn logout_token(callback: &Callback) -> TokenBuilder {
    static ISSUED: AtomicUsize = AtomicUsize::new(0);
    let now = callback.clock.seconds();
    ["sub", "name", "preferred_username", "email"]
        .into_iter()
        .fold(callback.provider.id_token(), TokenBuilder::without)
        .header("typ", "logout+jwt")
        .claim("iat", now)
        .claim("nbf", now)
        .claim("exp", now + 120)
        .claim("jti", format!("jti-{}", ISSUED.fetch_add(1, Ordering::Relaxed)))
        .claim("events", json!({ EVENT: {} }))
}

pub(crate) fn of_sid(callback: &Callback, sid: &str) -> String {
    logout_token(callback).claim("sid", sid).signed()
}

pub(crate) fn of_user(callback: &Callback, sub: &str) -> String {
    logout_token(callback).claim("sub", sub).signed()
}

/// The request that delivers a logout token.
pub(crate) fn delivery(token: &str) -> Request<Body> {
    let body = Body::from(format!("logout_token={token}"));
    Request::post(PATH).header(header::CONTENT_TYPE, FORM).body(body).unwrap()
}

pub(crate) async fn deliver(callback: &Callback, token: &str) -> TestResponse {
    callback.send(delivery(token)).await
}

pub(crate) async fn deliver_to(instance: &Router, token: &str) -> TestResponse {
    TestResponse::of(instance.clone(), delivery(token)).await
}

/// Fails unless the answer is what section 2.8 asks for when the logout was done.
pub(crate) fn assert_done(answer: &TestResponse) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body, "");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.set_cookies().is_empty());
}

/// Fails unless the answer is what section 2.8 asks for when the request was no good one.
pub(crate) fn assert_refused(answer: &TestResponse) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("retry-after"), None);
    let body = answer.json();
    assert_eq!(body["error"], "invalid_request");
    assert!(body["error_description"].as_str().is_some_and(|it| !it.is_empty()));
}

/// Fails unless the answer says that nothing was decided, and when to come back.
pub(crate) fn assert_not_now(answer: &TestResponse) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("retry-after").is_some());
}
