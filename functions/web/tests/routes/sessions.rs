use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::json;
use session::{Device, SessionSecret, SignIn, SystemRandom};
use test_support::Endpoint;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::harness::{Web, assert_unavailable, cookie, request};

fn path(secret: &SessionSecret) -> String {
    format!("/sessions/{}", secret.id())
}

#[tokio::test]
async fn the_user_s_sessions_are_listed_with_device_address_and_times() {
    let web = Web::new().await;
    let here = web.sign_in().await;
    let signed_in_at = now(&web);
    web.clock.advance(Duration::from_mins(6));
    let user_agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0";
    let device = Device::of(Some(user_agent), Some([192, 0, 2, 1].into()));
    let there = web.open(&SignIn { device, ..web.sign_in_of("ada") }).await;
    web.get_as("/session", &here).await;
    let answer = web.call_as(Method::GET, "/sessions", &here).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let expected = json!({"sessions": [
        {
            "id": there.id().as_str(),
            "device": {"browser": "Edge", "system": "Windows"},
            "address": "192.0.2.1",
            "created_at": now(&web),
            "last_seen_at": now(&web),
            "current": false,
        },
        {
            "id": here.id().as_str(),
            "device": {"browser": null, "system": null},
            "address": null,
            "created_at": signed_in_at,
            "last_seen_at": now(&web),
            "current": true,
        },
    ]});
    assert_eq!(answer.json(), expected);
}

fn now(web: &Web) -> String {
    let seconds = auth::Clock::now(&*web.clock).duration_since(std::time::UNIX_EPOCH).unwrap();
    let seconds = i64::try_from(seconds.as_secs()).unwrap();
    OffsetDateTime::from_unix_timestamp(seconds).unwrap().format(&Rfc3339).unwrap()
}

#[tokio::test]
async fn a_user_ends_another_browser_s_session_and_stays_signed_in() {
    let web = Web::new().await;
    let (here, there) = (web.sign_in().await, web.sign_in().await);
    let answer = web.call_as(Method::DELETE, &path(&there), &here).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert!(answer.cleared_cookies().is_empty());
    assert_eq!(web.get_as("/session", &there).await.json(), json!({"user": null}));
    assert_eq!(web.get_as("/session", &here).await.json()["user"]["sub"], "ada");
    let listed = web.call_as(Method::GET, "/sessions", &here).await.json();
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1);
    let again = web.call_as(Method::DELETE, &path(&there), &here).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_user_who_ends_their_own_session_is_signed_out_and_its_refresh_token_given_back() {
    let (web, secret) = Web::signed_in().await;
    let refresh_token = web.contents(&secret).await.unwrap().refresh_token.unwrap();
    let answer = web.call_as(Method::DELETE, &path(&secret), &secret).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    assert_eq!(web.contents(&secret).await, None);
    let [revoked] = &web.provider.received(Endpoint::Revocation)[..] else { panic!("one") };
    assert_eq!(revoked.form()["token"], refresh_token.as_str());
}

#[tokio::test]
async fn somebody_else_s_session_is_404_and_lives() {
    let web = Web::new().await;
    let ada = web.sign_in().await;
    let bob = web.open(&web.sign_in_of("bob")).await;
    let unknown = SessionSecret::generate(&SystemRandom);
    for other in [&bob, &unknown] {
        let answer = web.call_as(Method::DELETE, &path(other), &ada).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.json()["code"], "not_found");
    }
    assert!(web.contents(&bob).await.is_some());
    let listed = web.call_as(Method::GET, "/sessions", &ada).await.json();
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_row_that_is_no_session_cannot_be_ended_by_its_name() {
    let (web, secret) = Web::signed_in().await;
    for id in ["x", "user%23x", "attempt%23x", "%00", "..%2f..%2fadmin", &"A".repeat(44)] {
        let answer = web.call_as(Method::DELETE, &format!("/sessions/{id}"), &secret).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[tokio::test]
async fn another_site_can_neither_list_nor_end_sessions() {
    let web = Web::new().await;
    let (here, there) = (web.sign_in().await, web.sign_in().await);
    for (name, value) in [
        ("accept", "application/json"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for (method, path) in [(Method::GET, "/sessions"), (Method::DELETE, &*path(&there))] {
            let foreign = request(method, path).header(header::COOKIE, cookie(&here));
            let answer = web.send(foreign.header(name, value)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
        }
    }
    assert!(web.contents(&there).await.is_some());
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_list_or_end() {
    let web = Web::new().await;
    let there = web.sign_in().await;
    let over = SessionSecret::generate(&SystemRandom);
    for (method, path) in [(Method::GET, "/sessions"), (Method::DELETE, &*path(&there))] {
        let nobody = request(method.clone(), path).header("x-csrf", "1");
        let malformed = request(method.clone(), path).header(header::COOKIE, "__Host-session=x");
        for request in [nobody, malformed] {
            let answer = web.send(request).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert_eq!(answer.json()["code"], "session_ended");
        }
        let answer = web.call_as(method, path, &over).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    }
    assert!(web.contents(&there).await.is_some());
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_503_and_ends_nothing() {
    let web = Web::new().await;
    let (here, there) = (web.sign_in().await, web.sign_in().await);
    web.store.pause().await;
    for (method, path) in [(Method::GET, "/sessions"), (Method::DELETE, &*path(&there))] {
        let answer = web.call_as(method, path, &here).await;
        assert_unavailable(&answer);
    }
    web.store.resume().await.unwrap();
    assert!(web.contents(&there).await.is_some());
}
