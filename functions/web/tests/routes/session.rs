use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::json;

use crate::harness::{GOOD_FOR, Web, cookie, request};

#[tokio::test]
async fn nobody_is_signed_in_without_a_cookie() {
    let web = Web::new().await;
    let answer = web.get("/session").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json(), json!({"user": null}));
    assert!(answer.cleared_cookies().is_empty());
}

#[tokio::test]
async fn a_user_whose_id_token_has_no_name_is_called_as_the_userinfo_says() {
    let web = Web::new().await;
    let userinfo = json!({ "sub": "eve", "name": "Countess", "email": "" });
    let secret = web.sign_in_with(|contents| {
        contents.claims.remove("name");
        contents.claims.insert("email".to_owned(), json!(""));
        contents.userinfo = userinfo.as_object().unwrap().clone();
    });
    let session = web.get_as("/session", &secret.await).await.json();
    let user = json!({
        "sub": "ada",
        "name": "Countess",
        "username": "ada@example.com",
        "email": null,
    });
    assert_eq!(session["user"], user);
    assert_eq!(
        session["claims"]["name"],
        json!(null),
        "what is shown as the ID token's is its own"
    );
}

#[tokio::test]
async fn session_shows_no_sid_nonce_or_hash() {
    let web = Web::new().await;
    let hidden = ["sid", "session_state", "nonce", "at_hash", "c_hash", "s_hash"];
    let secret = web.sign_in_with(|contents| {
        contents.claims.extend(hidden.map(|name| (name.to_owned(), json!("x"))));
    });
    let session = web.get_as("/session", &secret.await).await.json();
    let shown = session["claims"].as_object().unwrap();
    assert!(hidden.iter().all(|name| !shown.contains_key(*name)), "{session}");
    assert_eq!(shown["iss"], web.provider.issuer());
}

#[tokio::test]
async fn a_signed_in_user_gets_who_they_are_what_the_id_token_says_and_when_it_ends() {
    let (web, secret) = Web::signed_in().await;
    let answer = web.get_as("/session", &secret).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let session = answer.json();
    let user = json!({
        "sub": "ada",
        "name": "Ada Lovelace",
        "username": "ada@example.com",
        "email": "ada@example.com",
    });
    assert_eq!(session["user"], user);
    assert_eq!(session["claims"]["iss"], web.provider.issuer());
    let end = session["expires_at"].as_str().unwrap();
    assert!(end.len() == 20 && end.ends_with('Z') && end.contains('T'), "{end}");
    assert!(answer.cleared_cookies().is_empty());
}

#[tokio::test]
async fn no_token_ever_reaches_the_page() {
    let (web, secret) = Web::signed_in().await;
    let contents = web.contents(&secret).await.unwrap();
    let answer = web.get_as("/session", &secret).await;
    let everything = format!("{answer:?}");
    for token in [&contents.access_token, &contents.id_token, &contents.refresh_token.unwrap()] {
        assert!(!everything.contains(token.as_str()));
    }
}

#[tokio::test]
async fn a_user_without_name_or_email_is_a_user() {
    let web = Web::new().await;
    let secret = web
        .sign_in_with(|contents| contents.claims.retain(|name, _| name == "iss" || name == "sub"));
    let answer = web.get_as("/session", &secret.await).await;
    let user = json!({"sub": "ada", "name": null, "username": null, "email": null});
    assert_eq!(answer.json()["user"], user);
}

#[tokio::test]
async fn a_cookie_that_we_never_made_is_nobody_s_and_is_cleared() {
    let (web, secret) = Web::signed_in().await;
    let good = cookie(&secret);
    let unknown = "__Host-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let oversized = format!("__Host-session={}", "A".repeat(8000));
    for bad in
        ["__Host-session=", unknown, &oversized, &format!("{good}; {good}"), &format!("{good}x")]
    {
        let answer = web.send(request(Method::GET, "/session").header(header::COOKIE, bad)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json(), json!({"user": null}));
        assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    }
}

#[tokio::test]
async fn a_session_that_is_over_by_the_limits_is_nobody_s() {
    let (web, secret) = Web::signed_in_ago(Duration::from_hours(1)).await;
    let answer = web.get_as("/session", &secret).await;
    assert_eq!(answer.json(), json!({"user": null}));
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
}

#[tokio::test]
async fn looking_keeps_a_session_alive() {
    let (web, secret) = Web::signed_in().await;
    for _ in 0..3 {
        web.clock.advance(Duration::from_mins(50));
        assert_ne!(web.get_as("/session", &secret).await.json()["user"], json!(null));
    }
}

/// A picture on a page of elsewhere, or a link there.
#[tokio::test]
async fn a_look_that_a_page_of_elsewhere_makes_keeps_no_session_alive() {
    let (web, secret) = Web::signed_in().await;
    let seen = async || web.sessions.read(&secret).await.unwrap().unwrap().last_seen_at();
    let first = seen().await;
    web.clock.advance(Duration::from_mins(30));
    for site in ["cross-site", "same-site"] {
        let request = request(Method::GET, "/session").header("cookie", cookie(&secret));
        let answer = web.send(request.header("sec-fetch-site", site)).await;
        assert_ne!(answer.json()["user"], json!(null));
        assert_eq!(seen().await, first, "{site}");
    }
}

#[tokio::test]
async fn looking_writes_every_few_minutes_only() {
    let (web, secret) = Web::signed_in().await;
    let seen = async || web.sessions.read(&secret).await.unwrap().unwrap().last_seen_at();
    let first = seen().await;
    web.clock.advance(Duration::from_mins(4));
    web.get_as("/session", &secret).await;
    assert_eq!(seen().await, first);
    web.clock.advance(Duration::from_mins(2));
    web.get_as("/session", &secret).await;
    assert!(seen().await > first);
}

#[tokio::test]
async fn a_session_whose_access_token_is_over_but_can_be_replaced_is_still_a_user_s() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR * 2).await;
    assert_eq!(web.get_as("/session", &secret).await.json()["user"]["sub"], "ada");
}

#[tokio::test]
async fn a_session_that_can_never_call_the_api_again_is_nobody_s() {
    let web = Web::new().await;
    let secret = web.sign_in_with(|contents| contents.refresh_token = None).await;
    assert_eq!(web.get_as("/session", &secret).await.json()["user"]["sub"], "ada");
    web.clock.advance(GOOD_FOR);
    let answer = web.get_as("/session", &secret).await;
    assert_eq!(answer.json(), json!({"user": null}));
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
}

#[tokio::test]
async fn a_session_of_another_provider_is_nobody_s() {
    let (web, secret) = Web::signed_in_at_another_provider().await;
    assert_eq!(web.get_as("/session", &secret).await.json(), json!({"user": null}));
}
