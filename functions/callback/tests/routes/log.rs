//! What is logged, and what is not.

use serde_json::json;
use test_support::{CLIENT_SECRET, Endpoint, LogCapture, MockResponse};
use tracing_subscriber::filter::LevelFilter;

use crate::{
    harness::{Browser, Callback, parameter},
    logout_token::{deliver, of_sid, of_user},
};

#[tokio::test]
async fn tokens_codes_cookies_secrets_and_emails_are_never_logged() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let log = LogCapture::start(LevelFilter::TRACE);
    let mut secrets = vec![CLIENT_SECRET.to_owned(), "ada@example.com".to_owned()];
    for scripted in [
        None,
        Some(MockResponse::error("invalid_grant")),
        Some(MockResponse::error("invalid_client")),
        Some(MockResponse::status(500)),
        Some(MockResponse::text("nonsense-with-a-token")),
        Some(callback.provider.tokens().answer()),
        Some(callback.provider.tokens().id_token(&callback.provider.id_token().signed()).answer()),
    ] {
        let begun = callback.begin(&mut browser);
        let back = callback.provider.sign_in(&begun);
        secrets.push(browser.value(&browser.attempts()[0]).unwrap().to_owned());
        secrets.extend(["state", "nonce", "code_challenge"].map(|name| parameter(&begun, name)));
        secrets.push(parameter(back.as_str(), "code"));
        if let Some(answer) = scripted {
            callback.provider.next(Endpoint::Token, answer);
        }
        callback.come_back(&mut browser, &back).await;
        callback.come_back(&mut browser, &back).await;
    }
    // A new session takes the place of one from another session at the provider.
    callback.provider.always(Endpoint::Revocation, MockResponse::error("hunter2"));
    for sid in ["a-provider-session", "another-provider-session"] {
        callback.sign_in_with(&mut browser, &json!({ "sid": sid })).await;
        secrets.push(sid.to_owned());
    }
    for token in [of_sid(&callback, "a-provider-session"), of_user(&callback, "a-user")] {
        deliver(&callback, &token).await;
        deliver(&callback, &token).await;
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        deliver(&callback, &format!("{unsigned}.AAAA")).await;
        secrets.extend([token, "a-user".to_owned()]);
    }
    let session = callback.session(&browser).await.unwrap();
    secrets.push(browser.value("__Host-session").unwrap().to_owned());
    secrets.push(session.contents().access_token.as_str().to_owned());
    secrets.push(session.contents().id_token.as_str().to_owned());
    secrets.push(session.contents().refresh_token.as_ref().unwrap().as_str().to_owned());
    secrets.push("nonsense-with-a-token".to_owned());

    let log = log.text();
    for code in [
        "code_refused",
        "client_refused",
        "provider_unavailable",
        "id_token_refused",
        "not_revoked",
        "backchannel_logout",
        "logout_token_repeated",
        "logout_token_refused",
    ] {
        assert!(log.contains(code), "{code} is logged: {log}");
    }
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in {log}");
    }
}
