//! Back-channel logout: what ends, and what lives on.

use std::time::Duration;

use http::header;
use serde_json::json;
use session::{ReturnTo, SignInTransaction, SystemRandom};

use crate::{
    harness::{Browser, Callback},
    logout_token::{
        assert_done, assert_refused, deliver, deliver_to, delivery, logout_token, of_sid, of_user,
    },
};

/// Browsers in which this user signed in, each from the session at the provider of that name.
async fn signed_in<const N: usize>(
    callback: &Callback,
    sub: &str,
    sids: [Option<&str>; N],
) -> [Browser; N] {
    let mut browsers = [(); N].map(|()| Browser::default());
    for (browser, sid) in browsers.iter_mut().zip(sids) {
        let claims = sid.map_or(json!({ "sub": sub }), |sid| json!({ "sub": sub, "sid": sid }));
        callback.sign_in_with(browser, &claims).await.assert_goes_to("/todos?filter=open");
    }
    browsers
}

async fn live<const N: usize>(callback: &Callback, browsers: &[Browser; N]) -> [bool; N] {
    let mut live = [false; N];
    for (live, browser) in live.iter_mut().zip(browsers) {
        *live = callback.session(browser).await.is_some();
    }
    live
}

#[tokio::test]
async fn only_the_sessions_of_that_sid_end() {
    let callback = Callback::new().await;
    let ada = signed_in(&callback, "ada", [Some("s-1"), Some("s-1"), Some("s-2"), None]).await;
    assert_done(&deliver(&callback, &of_sid(&callback, "s-1")).await);
    assert_eq!(live(&callback, &ada).await, [false, false, true, true]);
}

/// Nobody knows which session at the provider they are of, so it may be this one.
#[tokio::test]
async fn sessions_that_came_without_a_sid_end_with_any_session_of_their_user() {
    let callback = Callback::new().await;
    let ada = signed_in(&callback, "ada", [Some("s-1"), Some("s-2"), None]).await;
    let bob = signed_in(&callback, "bob", [None]).await;
    let token = logout_token(&callback).claim("sid", "s-1").claim("sub", "ada").signed();
    assert_done(&deliver(&callback, &token).await);
    assert_eq!(live(&callback, &ada).await, [false, true, false]);
    assert_eq!(live(&callback, &bob).await, [true]);
}

/// The transaction's cookie is the browser's own, and what it says of the time is not to be relied on.
#[tokio::test]
async fn a_sign_in_that_claims_to_begin_later_ends_all_the_same() {
    let callback = Callback::new().await;
    for (sid, token) in [("s-1", of_sid(&callback, "s-1")), ("s-2", of_user(&callback, "ada"))] {
        let mut browser = Browser::default();
        let later = callback.now() + Duration::from_secs(55);
        let transaction = SignInTransaction::begin(&SystemRandom, later, ReturnTo::home(), None);
        let begun = callback.leave(&mut browser, &transaction);
        let claims = json!({ "sub": "ada", "sid": sid });
        let back = callback.provider.sign_in_with(&begun, &claims);
        callback.come_back(&mut browser, &back).await.assert_goes_to("/");
        assert!(callback.session(&browser).await.is_some());
        assert_done(&deliver(&callback, &token).await);
        assert!(callback.session(&browser).await.is_none());
    }
}

#[tokio::test]
async fn without_a_sid_all_sessions_of_that_sub_end_and_nobody_else_s() {
    let callback = Callback::new().await;
    let ada = signed_in(&callback, "ada", [Some("s-1"), Some("s-2"), None]).await;
    let bob = signed_in(&callback, "bob", [Some("s-3"), None]).await;
    assert_done(&deliver(&callback, &of_user(&callback, "ada")).await);
    assert_eq!(live(&callback, &ada).await, [false, false, false]);
    assert_eq!(live(&callback, &bob).await, [true, true]);
}

#[tokio::test]
async fn a_logout_of_somebody_who_has_no_session_is_done_at_once() {
    let callback = Callback::new().await;
    let ada = signed_in(&callback, "ada", [Some("s-1")]).await;
    assert_done(&deliver(&callback, &of_sid(&callback, "s-9")).await);
    assert_done(&deliver(&callback, &of_user(&callback, "eve")).await);
    assert_eq!(live(&callback, &ada).await, [true]);
}

#[tokio::test]
async fn only_sessions_older_than_the_token_end() {
    let callback = Callback::new().await;
    callback.wait(300);
    let ada = signed_in(&callback, "ada", [None]).await;
    // Issued long before she signed in, and held up on its way. The leeway is a minute.
    let held_up =
        logout_token(&callback).claim("sub", "ada").claim("iat", callback.clock.seconds() - 70);
    assert_done(&deliver(&callback, &held_up.signed()).await);
    assert_eq!(live(&callback, &ada).await, [true]);
    // With clocks that far apart it could have been issued after it.
    let slow_clock =
        logout_token(&callback).claim("sub", "ada").claim("iat", callback.clock.seconds() - 50);
    assert_done(&deliver(&callback, &slow_clock.signed()).await);
    assert_eq!(live(&callback, &ada).await, [false]);
}

#[tokio::test]
async fn a_session_of_that_sid_ends_even_when_the_provider_s_clock_is_far_behind() {
    let callback = Callback::new().await;
    callback.wait(600);
    let ada = signed_in(&callback, "ada", [Some("s-1")]).await;
    let token =
        logout_token(&callback).claim("sid", "s-1").claim("iat", callback.clock.seconds() - 300);
    assert_done(&deliver(&callback, &token.signed()).await);
    assert_eq!(live(&callback, &ada).await, [false]);
}

#[tokio::test]
async fn a_later_sign_in_lives() {
    let callback = Callback::new().await;
    let before = signed_in(&callback, "ada", [Some("s-1"), None]).await;
    let token = of_user(&callback, "ada");
    assert_done(&deliver(&callback, &token).await);
    assert_done(&deliver(&callback, &of_sid(&callback, "s-1")).await);
    callback.wait(1);
    let after = signed_in(&callback, "ada", [Some("s-2"), None]).await;
    assert_eq!(live(&callback, &before).await, [false, false]);
    assert_eq!(live(&callback, &after).await, [true, true]);
    assert_done(&deliver(&callback, &token).await);
    assert_eq!(live(&callback, &after).await, [true, true], "whatever comes a second time");
}

#[tokio::test]
async fn a_logout_token_works_once_whichever_instance_it_comes_to() {
    let callback = Callback::new().await;
    let token = of_user(&callback, "ada");
    assert_done(&deliver(&callback, &token).await);
    callback.wait(1);
    let ada = signed_in(&callback, "ada", [None]).await;
    // The provider may not have heard that it is done.
    for instance in [callback.cold(), callback.cold()] {
        assert_done(&deliver_to(&instance, &token).await);
        assert_eq!(live(&callback, &ada).await, [true]);
    }
    callback.wait(150);
    assert_done(&deliver(&callback, &token).await);
    callback.wait(31);
    assert_refused(&deliver_to(&callback.cold(), &token).await);
    assert_eq!(live(&callback, &ada).await, [true]);
    // It is the `jti` that counts: the same words under another one are another logout.
    assert_done(&deliver(&callback, &of_user(&callback, "ada")).await);
    assert_eq!(live(&callback, &ada).await, [false]);
}

#[tokio::test]
async fn a_hundred_sessions_of_one_user_end_with_one_token() {
    let callback = Callback::new().await;
    let ada = signed_in(&callback, "ada", [None; 100]).await;
    let bob = signed_in(&callback, "bob", [None]).await;
    assert_done(&deliver(&callback, &of_user(&callback, "ada")).await);
    assert_eq!(live(&callback, &ada).await, [false; 100]);
    assert_eq!(live(&callback, &bob).await, [true]);
}

#[tokio::test]
async fn no_cookie_is_needed_and_none_is_looked_at() {
    let callback = Callback::new().await;
    let [ada, bob] = signed_in(&callback, "ada", [Some("s-1"), Some("s-2")]).await;
    let mut request = delivery(&of_sid(&callback, "s-1"));
    let cookie = format!("__Host-session={}", bob.value("__Host-session").unwrap());
    request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
    request.headers_mut().insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    assert_done(&callback.send(request).await);
    assert_eq!(live(&callback, &[ada, bob]).await, [false, true]);
}
