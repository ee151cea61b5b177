use std::time::Duration;

use http::{Method, StatusCode};
use outbound::Timeouts;
use serde_json::json;
use test_support::{Endpoint, MockResponse};

use crate::harness::{Web, request};

#[tokio::test]
async fn the_page_is_there_for_everybody_and_names_its_assets() {
    let web = Web::new().await;
    let page = web.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.body.contains("<script type=\"module\" async src=\"/assets/"), "{}", page.body);
    assert!(!page.body.contains("{{"));
    assert_eq!(page.header("set-cookie"), None);
}

#[tokio::test]
async fn the_page_can_load_only_its_own_files_and_be_framed_by_nobody() {
    let web = Web::new().await;
    let metadata = web.provider.metadata();
    let mut elsewhere = metadata.clone();
    elsewhere["end_session_endpoint"] = json!("https://login.example/logout?x=1");
    web.provider.always(Endpoint::Discovery, MockResponse::json(&elsewhere));
    let page = web.get("/").await;
    assert_eq!(
        page.header("content-security-policy"),
        Some(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; form-action 'self' https://login.example; \
             frame-ancestors 'none'; base-uri 'none'"
        )
    );
    for (name, value) in [
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    assert!(page.header("permissions-policy").unwrap().contains("camera=()"));
}

#[tokio::test]
async fn strict_transport_security_is_for_https_only() {
    let web = Web::with([("PUBLIC_URL", "http://localhost:3000")]).await;
    assert_eq!(web.get("/").await.header("strict-transport-security"), None);
}

#[tokio::test]
async fn the_page_does_not_wait_for_a_provider_that_is_silent() {
    let timeouts = Timeouts { sign_out_origin: Duration::from_millis(50), ..Timeouts::NONE };
    let web = Web::with_timeouts(timeouts).await;
    web.provider.always(Endpoint::Discovery, MockResponse::never());
    let page = web.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy").unwrap();
    let issuer = format!("form-action 'self' {};", web.provider.issuer());
    assert!(policy.contains(&issuer), "{policy}");
}

#[tokio::test]
async fn a_browser_that_has_the_page_gets_it_only_when_it_changed() {
    let web = Web::new().await;
    let page = web.get("/").await;
    let etag = page.header("etag").unwrap();
    let again = web.send(request(Method::GET, "/").header("if-none-match", etag)).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.body, "");
    assert_eq!(again.header("etag"), Some(etag));
    let other = web.send(request(Method::GET, "/").header("if-none-match", "\"other\"")).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn a_browser_with_a_session_cookie_gets_the_frame_and_every_other_the_welcome() {
    let web = Web::new().await;
    let welcome = web.get("/").await;
    assert!(welcome.body.contains("data-view=\"welcome\""));
    // Whether the session is still there only `/session` says.
    for cookie in ["__Host-session=x", "__Host-session=x; __Host-session=y"] {
        let frame = web.send(request(Method::GET, "/").header("cookie", cookie)).await;
        assert!(frame.body.contains("data-view=\"frame\""), "{cookie}");
        assert_ne!(frame.header("etag"), welcome.header("etag"));
        assert_eq!(frame.header("vary"), Some("Accept-Encoding, Cookie"));
        let asked = request(Method::GET, "/").header("cookie", cookie);
        let asked = asked.header("if-none-match", welcome.header("etag").unwrap());
        assert_eq!(web.send(asked).await.status, StatusCode::OK, "{cookie}");
    }
    let other = web.send(request(Method::GET, "/").header("cookie", "session=x")).await;
    assert_eq!(other.body, welcome.body);
}

#[tokio::test]
async fn a_page_that_was_kept_compressed_is_not_sent_again() {
    let web = Web::new().await;
    let asked = || request(Method::GET, "/").header("accept-encoding", "gzip, br");
    let (page, body) = web.send_for_bytes(asked()).await;
    assert_eq!(page["content-encoding"], "br");
    assert!(body.len() < 7_000, "{}", body.len());
    assert_ne!(page["etag"], web.get("/").await.header("etag").unwrap());
    let again = web.send(asked().header("if-none-match", &page["etag"])).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.header("content-encoding"), None);
    assert_eq!(again.header("vary"), Some("Accept-Encoding, Cookie"));
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let web = Web::new().await;
    let head = web.send(request(Method::HEAD, "/")).await;
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.body, "");
    assert_eq!(head.header("etag"), web.get("/").await.header("etag"));
}

#[tokio::test]
async fn a_query_such_as_the_provider_sends_after_sign_out_changes_nothing() {
    let web = Web::new().await;
    let page = web.get("/?state=x&error=%3Cscript%3E").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.body, web.get("/").await.body);
}
