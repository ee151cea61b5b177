//! Front-channel logout, and that nothing else of ours may be framed.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use local_aws::Template;
use outbound::Timeouts;
use serde_json::json;
use test_support::{Endpoint, MockResponse};
use url::form_urlencoded;

use crate::harness::{Browser, Callback, TestResponse};

const PATH: &str = "/frontchannel-logout";

fn path(iss: &str, sid: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair("iss", iss).append_pair("sid", sid).finish();
    format!("{PATH}?{query}")
}

/// The frame's request: browsers send no cookie of ours with it.
async fn framed(callback: &Callback, path: &str) -> TestResponse {
    callback.get(&mut Browser::default(), path).await
}

async fn signed_in(callback: &Callback, sid: &str) -> Browser {
    let mut browser = Browser::default();
    let answer = callback.sign_in_with(&mut browser, &json!({ "sid": sid })).await;
    answer.assert_goes_to("/todos?filter=open");
    browser
}

fn ancestors(answer: &TestResponse) -> &str {
    let policy = answer.header("content-security-policy").unwrap();
    policy.split("; ").find_map(|it| it.strip_prefix("frame-ancestors ")).unwrap()
}

#[tokio::test]
async fn the_sessions_of_that_sid_end_and_no_other() {
    let callback = Callback::new().await;
    let (one, same) = (signed_in(&callback, "s-1").await, signed_in(&callback, "s-1").await);
    let other = signed_in(&callback, "s-2").await;
    let answer = framed(&callback, &path(callback.provider.issuer(), "s-1")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.set_cookies().is_empty());
    assert!(callback.session(&one).await.is_none());
    assert!(callback.session(&same).await.is_none());
    assert!(callback.session(&other).await.is_some());
}

#[tokio::test]
async fn an_invented_logout_does_not_keep_a_user_from_signing_in_again() {
    let callback = Callback::new().await;
    let (first, mut in_progress) = (signed_in(&callback, "s-1").await, Browser::default());
    let begun = callback.begin(&mut in_progress);
    let back = callback.provider.sign_in_with(&begun, &json!({ "sid": "s-1" }));
    callback.wait(5);
    framed(&callback, &path(callback.provider.issuer(), "s-1")).await;
    assert!(callback.session(&first).await.is_none());
    let answer = callback.come_back(&mut in_progress, &back).await;
    answer.assert_is_page(400, "ended_meanwhile");
    callback.wait(1);
    let again = signed_in(&callback, "s-1").await;
    assert!(callback.session(&again).await.is_some());
}

#[tokio::test]
async fn both_iss_and_sid_must_be_there_once_and_iss_must_be_the_issuer() {
    let callback = Callback::new().await;
    let browser = signed_in(&callback, "s-1").await;
    let issuer = callback.provider.issuer();
    let good = path(issuer, "s-1");
    for path in [
        PATH.to_owned(),
        format!("{PATH}?sid=s-1"),
        path(issuer, "").replace("&sid=", ""),
        path(issuer, ""),
        path("", "s-1"),
        path("https://evil.example", "s-1"),
        path(&format!("{issuer}/"), "s-1"),
        path(&issuer.to_uppercase(), "s-1"),
        format!("{good}&sid=s-1"),
        format!("{good}&iss=x"),
    ] {
        let answer = framed(&callback, &path).await;
        answer.assert_is_page(400, "logout_malformed");
        assert!(callback.session(&browser).await.is_some(), "{path}");
    }
    framed(&callback, &good).await;
    assert!(callback.session(&browser).await.is_none());
}

/// As Entra calls the address.
#[tokio::test]
async fn from_a_provider_that_sends_no_iss_the_sid_is_enough_and_a_wrong_iss_still_refused() {
    let callback = Callback::with([("OIDC_FRONTCHANNEL_LOGOUT", "sid")]).await;
    let issuer = callback.provider.issuer();
    let by_sid = format!("{PATH}?sid=s-1");
    let browser = signed_in(&callback, "s-1").await;
    let other = signed_in(&callback, "s-2").await;
    for path in [
        PATH.to_owned(),
        format!("{PATH}?sid="),
        path(issuer, "").replace("&sid=", ""),
        path("", "s-1"),
        path("https://evil.example", "s-1"),
        path(&format!("{issuer}/"), "s-1"),
        format!("{by_sid}&sid=s-1"),
        format!("{}&iss={issuer}", path(issuer, "s-1")),
    ] {
        framed(&callback, &path).await.assert_is_page(400, "logout_malformed");
        assert!(callback.session(&browser).await.is_some(), "{path}");
    }
    let answer = framed(&callback, &by_sid).await;
    assert_eq!((answer.status, ancestors(&answer)), (StatusCode::OK, issuer));
    assert!(callback.session(&browser).await.is_none());
    assert!(callback.session(&other).await.is_some());
    callback.wait(1);
    let again = signed_in(&callback, "s-1").await;
    framed(&callback, &path(issuer, "s-1")).await;
    assert!(callback.session(&again).await.is_none(), "with iss, too");
}

#[tokio::test]
async fn from_a_provider_that_has_none_no_front_channel_logout_is_taken() {
    let callback = Callback::with([("OIDC_FRONTCHANNEL_LOGOUT", "none")]).await;
    let browser = signed_in(&callback, "s-1").await;
    for path in [format!("{PATH}?sid=s-1"), path(callback.provider.issuer(), "s-1")] {
        framed(&callback, &path).await.assert_is_page(400, "logout_malformed");
        assert!(callback.session(&browser).await.is_some(), "{path}");
    }
}

/// The profile says so, not the provider's name in the code.
#[tokio::test]
async fn the_profile_of_entra_takes_the_sid_alone() {
    let callback = Callback::with([("OIDC_PROVIDER", "entra-external-id")]).await;
    let browser = signed_in(&callback, "s-1").await;
    framed(&callback, &format!("{PATH}?sid=s-1")).await;
    assert!(callback.session(&browser).await.is_none());
}

#[tokio::test]
async fn nobody_is_signed_out_by_their_cookie() {
    let callback = Callback::new().await;
    let mut browser = signed_in(&callback, "s-1").await;
    for path in [path(callback.provider.issuer(), "s-2"), PATH.to_owned()] {
        callback.get(&mut browser, &path).await;
        assert!(callback.session(&browser).await.is_some(), "{path}");
    }
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_slip_past() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let begun = callback.begin(&mut browser);
    let back = callback.provider.sign_in_with(&begun, &json!({ "sid": "s-1" }));
    framed(&callback, &path(callback.provider.issuer(), "s-1")).await;
    let answer = callback.come_back(&mut browser, &back).await;
    callback.assert_nobody_signed_in(&answer, &browser).await;
}

#[tokio::test]
async fn a_table_that_is_down_is_no_success_and_the_same_address_works_afterwards() {
    let callback = Callback::new().await;
    let browser = signed_in(&callback, "s-1").await;
    let path = path(callback.provider.issuer(), "s-1");
    callback.store.pause().await;
    framed(&callback, &path).await.assert_is_page(503, "store_unavailable");
    callback.store.resume().await.unwrap();
    assert!(callback.session(&browser).await.is_some());
    assert_eq!(framed(&callback, &path).await.status, StatusCode::OK);
    assert!(callback.session(&browser).await.is_none());
}

#[tokio::test]
async fn only_a_get_signs_out() {
    let callback = Callback::new().await;
    let browser = signed_in(&callback, "s-1").await;
    for method in [Method::HEAD, Method::POST, Method::OPTIONS] {
        let request = Request::builder().method(method);
        let request = request.uri(path(callback.provider.issuer(), "s-1"));
        let answer = callback.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(callback.session(&browser).await.is_some());
    }
}

#[tokio::test]
async fn the_provider_alone_may_frame_the_page() {
    let callback = Callback::new().await;
    let issuer = callback.provider.issuer();
    let answer = framed(&callback, &path(issuer, "s-1")).await;
    assert_eq!(ancestors(&answer), issuer, "the issuer has no path here");
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert_eq!(answer.header("x-frame-options"), None);
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
}

#[tokio::test]
async fn the_page_with_the_frame_may_be_at_another_address_of_the_provider() {
    let callback = Callback::new().await;
    callback.announce("end_session_endpoint", "https://login.example/tenant/logout?p=1");
    let issuer = callback.provider.issuer();
    let answer = framed(&callback, &path(issuer, "s-1")).await;
    assert_eq!(ancestors(&answer), format!("{issuer} https://login.example"));
}

#[tokio::test]
async fn sessions_end_while_the_provider_cannot_be_asked() {
    let timeouts = Timeouts { sign_out_origin: Duration::from_millis(50), ..Timeouts::NONE };
    let callback = Callback::with_timeouts(timeouts).await;
    let browser = signed_in(&callback, "s-1").await;
    let issuer = callback.provider.issuer();
    callback.provider.always(Endpoint::Discovery, MockResponse::never());
    let request = browser.request(&path(issuer, "s-1"));
    let answer = TestResponse::of(callback.cold(), request).await;
    assert_eq!((answer.status, ancestors(&answer)), (StatusCode::OK, issuer));
    assert!(callback.session(&browser).await.is_none());
}

#[tokio::test]
async fn nothing_but_a_front_channel_logout_that_was_done_may_be_framed() {
    let callback = Callback::new().await;
    let routes = Template::project().routes().unwrap();
    let ours = routes.iter().filter(|route| route.function == "callback");
    let paths: Vec<String> = ours.map(|route| route.path.to_string()).collect();
    assert!(paths.len() >= 3, "{paths:?}");
    let failed = [PATH.to_owned(), path("https://evil.example", "s-1"), "/nothing".to_owned()];
    for path in paths.into_iter().chain(failed) {
        for method in [Method::GET, Method::POST, Method::HEAD, Method::DELETE] {
            let request = Request::builder().method(method.clone()).uri(&path);
            let request = request.header(header::CONTENT_TYPE, "application/json");
            let answer = callback.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(ancestors(&answer), "'none'", "{method} {path}");
            let policy = answer.header("cross-origin-resource-policy");
            assert_eq!(policy, Some("same-origin"), "{method} {path}");
        }
    }
    let signed_in = callback.sign_in(&mut Browser::default()).await;
    assert_eq!(ancestors(&signed_in), "'none'");
}
