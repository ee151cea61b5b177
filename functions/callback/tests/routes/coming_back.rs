//! A sign-in that works.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use relying_party::RequestedScopes;
use serde_json::json;
use session::SessionSecret;
use test_support::{CLIENT_ID, CLIENT_SECRET, Endpoint, ScriptedProvider};

use crate::harness::{Browser, Callback, ORIGIN, parameter};

#[tokio::test]
async fn the_browser_comes_back_signed_in_where_it_wanted_to_go() {
    let (callback, browser) = Callback::signed_in().await;
    let session = callback.session(&browser).await.unwrap();
    let contents = session.contents();
    assert_eq!(contents.claim("name"), Some("Ada Lovelace"));
    assert_eq!(contents.claim("iss"), Some(callback.provider.issuer()));
    assert!(contents.refresh_token.as_ref().unwrap().as_str().starts_with("refresh-token-"));
    let lifetime = contents.access_expires_at.unwrap().duration_since(contents.obtained_at);
    assert_eq!(lifetime.unwrap(), Duration::from_hours(1));
    let requested = RequestedScopes::from_environment(&callback.environment).unwrap();
    assert_eq!(contents.scopes.as_deref(), Some(requested.as_str()));
}

#[tokio::test]
async fn the_session_cookie_is_strict_about_where_it_goes() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let answer = callback.sign_in(&mut browser).await;
    let cookies = answer.set_cookies();
    let session = cookies.iter().find(|line| line.starts_with("__Host-session=")).unwrap();
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(session.split("; ").any(|part| part == attribute), "{session}");
    }
    assert!(!session.contains("Domain"), "{session}");
}

#[tokio::test]
async fn the_transaction_s_cookie_goes_when_the_sign_in_ends() {
    let (_callback, browser) = Callback::signed_in().await;
    assert_eq!(browser.attempts(), [""; 0]);
}

#[tokio::test]
async fn the_code_is_redeemed_with_the_verifier_the_redirect_uri_and_the_client_s_secret() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let begun = callback.begin(&mut browser);
    let back = callback.provider.sign_in(&begun);
    callback.come_back(&mut browser, &back).await;
    let [request] = &callback.provider.received(Endpoint::Token)[..] else { panic!("one") };
    let form = request.form();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], parameter(back.as_str(), "code"));
    assert_eq!(form["redirect_uri"], format!("{ORIGIN}/callback"));
    assert_eq!(form["code_verifier"].len(), 43);
    assert!(!form.contains_key("client_secret"));
    let credentials = BASE64_STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    assert_eq!(request.header("authorization"), Some(format!("Basic {credentials}").as_str()));
}

#[tokio::test]
async fn the_session_id_changes_at_sign_in_and_the_one_before_is_ended() {
    let (callback, mut browser) = Callback::signed_in().await;
    let first = browser.secret().unwrap();
    callback.sign_in(&mut browser).await.assert_goes_to("/todos?filter=open");
    assert_ne!(browser.secret().unwrap().id(), first.id());
    assert!(callback.sessions.read(&first).await.unwrap().is_none());
    assert!(callback.session(&browser).await.is_some());
}

#[tokio::test]
async fn a_planted_session_cookie_is_never_taken_over() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let planted = "A".repeat(43);
    browser.put("__Host-session", &planted);
    callback.sign_in(&mut browser).await.assert_goes_to("/todos?filter=open");
    assert_ne!(browser.value("__Host-session"), Some(planted.as_str()));
    let planted = SessionSecret::parse(&planted).unwrap();
    assert!(callback.sessions.read(&planted).await.unwrap().is_none());
}

#[tokio::test]
async fn two_tabs_finish_in_reverse_order() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let first = callback.begin_with(&mut browser, "/first", None);
    let second = callback.begin_with(&mut browser, "/second", None);
    assert_eq!(browser.attempts().len(), 2);
    let (first, second) = (callback.provider.sign_in(&first), callback.provider.sign_in(&second));
    callback.come_back(&mut browser, &second).await.assert_goes_to("/second");
    callback.come_back(&mut browser, &first).await.assert_goes_to("/first");
    assert!(callback.session(&browser).await.is_some());
    assert_eq!(browser.attempts(), [""; 0]);
}

#[tokio::test]
async fn expires_in_and_refresh_token_may_be_missing_and_token_type_in_any_case() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let begun = callback.begin(&mut browser);
    let id_token = callback.provider.id_token().claim("nonce", parameter(&begun, "nonce"));
    let tokens = callback.provider.tokens().id_token(&id_token.signed());
    let tokens = tokens.without("expires_in").without("refresh_token").with("token_type", "bEARER");
    callback.provider.next(Endpoint::Token, tokens.answer());
    let back = callback.provider.sign_in(&begun);
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
    let session = callback.session(&browser).await.unwrap();
    assert_eq!(session.contents().access_expires_at, None);
    assert!(session.contents().refresh_token.is_none());
}

#[tokio::test]
async fn users_of_entra_sign_in() {
    let (callback, mut browser) =
        (Callback::at(ScriptedProvider::entra()).await, Browser::default());
    callback.sign_in(&mut browser).await.assert_goes_to("/todos?filter=open");
    let session = callback.session(&browser).await.unwrap();
    assert_eq!(session.contents().claim("tid"), Some(test_support::TENANT));
}

#[tokio::test]
async fn a_step_up_with_max_age_needs_a_recent_auth_time() {
    let callback = Callback::new().await;
    for (auth_time_ago, good) in [(10, true), (600, false)] {
        let mut browser = Browser::default();
        let max_age = Some(Duration::from_mins(5));
        let begun = callback.begin_with(&mut browser, "/settings", max_age);
        let back =
            callback.provider.sign_in_with(&begun, &json!({ "auth_time": now() - auth_time_ago }));
        let answer = callback.come_back(&mut browser, &back).await;
        if good {
            answer.assert_goes_to("/settings");
        } else {
            answer.assert_is_page(400, "id_token_refused");
            assert!(callback.session(&browser).await.is_none());
        }
    }
}

#[tokio::test]
async fn a_step_up_with_acr_values_needs_one_of_them() {
    let callback = Callback::new().await;
    let values = auth::AcrValues::parse("gold silver").unwrap();
    let claims = [json!({ "acr": "silver" }), json!({ "acr": "bronze" }), json!({})];
    for (claims, good) in claims.iter().zip([true, false, false]) {
        let mut browser = Browser::default();
        let transaction =
            callback.transaction("/#sessions", None).with_acr_values(Some(values.clone()));
        let begun = callback.leave(&mut browser, &transaction);
        assert_eq!(parameter(&begun, "acr_values"), "gold silver");
        let back = callback.provider.sign_in_with(&begun, claims);
        let answer = callback.come_back(&mut browser, &back).await;
        if good {
            answer.assert_goes_to("/#sessions");
        } else {
            answer.assert_is_page(403, "sign_in_too_weak");
            assert!(callback.session(&browser).await.is_none());
        }
    }
}

#[tokio::test]
async fn a_step_up_with_authentication_contexts_needs_one_of_them_in_acrs() {
    let callback = Callback::with([("OIDC_STEP_UP", "acrs")]).await;
    let values = auth::AcrValues::parse("c1 c2").unwrap();
    for (claims, good) in [
        (json!({ "acrs": ["c2", "c9"] }), true),
        (json!({ "acrs": "c1" }), true),
        (json!({ "acrs": ["c3"] }), false),
        (json!({ "acrs": [] }), false),
        (json!({ "acr": "c1" }), false),
        (json!({}), false),
    ] {
        let mut browser = Browser::default();
        let transaction =
            callback.transaction("/#sessions", None).with_acr_values(Some(values.clone()));
        let begun = callback.leave(&mut browser, &transaction);
        let requested =
            json!({ "id_token": { "acrs": { "essential": true, "values": ["c1", "c2"] } } });
        assert_eq!(parameter(&begun, "claims"), requested.to_string());
        assert!(!begun.contains("acr_values"), "{begun}");
        let back = callback.provider.sign_in_with(&begun, &claims);
        let answer = callback.come_back(&mut browser, &back).await;
        if good {
            answer.assert_goes_to("/#sessions");
        } else {
            answer.assert_is_page(403, "sign_in_too_weak");
            assert!(callback.session(&browser).await.is_none(), "{claims}");
        }
    }
}

/// The cookie of a sign-in that began before the setting changed.
#[tokio::test]
async fn a_step_up_that_can_no_longer_be_requested_is_not_dropped() {
    let callback = Callback::with([("OIDC_STEP_UP", "none")]).await;
    let mut browser = Browser::default();
    let values = auth::AcrValues::parse("gold").unwrap();
    let transaction = callback.transaction("/", None).with_acr_values(Some(values));
    let back = callback.provider.sign_in(&callback.leave(&mut browser, &transaction));
    let answer = callback.come_back(&mut browser, &back).await;
    answer.assert_is_page(403, "sign_in_too_weak");
}

#[tokio::test]
async fn the_table_holds_no_token_code_cookie_or_secret_in_clear() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let begun = callback.begin(&mut browser);
    let back = callback.provider.sign_in(&begun);
    callback.come_back(&mut browser, &back).await;
    let session = callback.session(&browser).await.unwrap();
    let rows = callback.rows("SessionsTable").await;
    let dump = format!("{rows:?}");
    for secret in [
        session.contents().access_token.as_str(),
        session.contents().id_token.as_str(),
        session.contents().refresh_token.as_ref().unwrap().as_str(),
        browser.value("__Host-session").unwrap(),
        &parameter(back.as_str(), "code"),
        &parameter(&begun, "state"),
        &parameter(&begun, "nonce"),
        "ada@example.com",
    ] {
        assert!(!dump.contains(secret));
    }
}

fn now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs()
}
