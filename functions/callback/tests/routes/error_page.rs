//! What the provider's refusals look like.

use test_support::Endpoint;

use crate::harness::{Browser, Callback, TestResponse, parameter};

/// The provider sends the browser back with this.
async fn refused(callback: &Callback, browser: &mut Browser, query: &str) -> TestResponse {
    let state = parameter(&callback.begin(browser), "state");
    callback.get(browser, &format!("/callback?state={state}&{query}")).await
}

#[tokio::test]
async fn every_error_of_the_provider_is_a_page_with_a_code_and_a_way_on() {
    let callback = Callback::new().await;
    for (error, status, code) in [
        ("access_denied", 403, "access_denied"),
        ("login_required", 400, "interaction_required"),
        ("interaction_required", 400, "interaction_required"),
        ("consent_required", 400, "interaction_required"),
        ("account_selection_required", 400, "interaction_required"),
        ("unmet_authentication_requirements", 403, "sign_in_too_weak"),
        ("server_error", 400, "provider_error"),
        ("temporarily_unavailable", 400, "provider_error"),
        ("invalid_request", 400, "provider_error"),
        ("unauthorized_client", 400, "provider_error"),
        ("invalid_scope", 400, "provider_error"),
        ("made_up", 400, "provider_error"),
    ] {
        let mut browser = Browser::default();
        let answer = refused(&callback, &mut browser, &format!("error={error}")).await;
        answer.assert_is_page(status, code);
        assert!(answer.body.contains("href=\"/signin?return_to=%2Ftodos%3Ffilter%3Dopen\""));
        assert_eq!(browser.attempts(), [""; 0], "the transaction is over");
        callback.assert_nobody_signed_in(&answer, &browser).await;
    }
    assert_eq!(callback.redeemed(), 0);
}

#[tokio::test]
async fn the_provider_s_text_is_not_on_the_page() {
    let callback = Callback::new().await;
    for query in [
        "error=access_denied&error_description=Call+555-1234+now",
        "error=%3Cscript%3Ealert(1)%3C/script%3E",
        "error=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&error_uri=https://evil.example",
        "error=made-up-word",
    ] {
        let answer = refused(&callback, &mut Browser::default(), query).await;
        for theirs in ["555-1234", "<script", "<img", "evil.example", "made-up-word"] {
            assert!(!answer.body.contains(theirs), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn the_way_on_asks_for_a_sign_in_as_fresh_and_strong_as_the_one_that_failed() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let values = auth::AcrValues::parse("gold silver").unwrap();
    let max_age = Some(std::time::Duration::from_mins(5));
    let transaction = callback.transaction("/", max_age).with_acr_values(Some(values));
    let state = parameter(&callback.leave(&mut browser, &transaction), "state");
    let path = format!("/callback?state={state}&error=login_required");
    let answer = callback.get(&mut browser, &path).await;
    answer.assert_is_page(400, "interaction_required");
    let way = "href=\"/signin?max_age=300&amp;acr_values=gold+silver\"";
    assert!(answer.body.contains(way), "{}", answer.body);
}

#[tokio::test]
async fn an_error_outweighs_a_code() {
    let callback = Callback::new().await;
    let answer = refused(&callback, &mut Browser::default(), "code=good&error=access_denied").await;
    answer.assert_is_page(403, "access_denied");
    assert_eq!(callback.redeemed(), 0);
}

#[tokio::test]
async fn after_three_failed_rounds_the_page_no_longer_offers_to_try_again() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    for round in 1..=4 {
        let answer = refused(&callback, &mut browser, "error=server_error").await;
        answer.assert_is_page(400, "provider_error");
        assert_eq!(answer.offers_to_try_again(), round < 3, "round {round}");
    }
    callback.wait(10 * 60);
    let answer = refused(&callback, &mut browser, "error=server_error").await;
    assert!(answer.offers_to_try_again(), "after a while it does again");
}

#[tokio::test]
async fn cancelling_does_not_count_as_a_failure() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    for _ in 0..4 {
        let answer = refused(&callback, &mut browser, "error=access_denied").await;
        answer.assert_is_page(403, "access_denied");
        assert!(answer.offers_to_try_again());
    }
    for count in 1..=2 {
        let answer = refused(&callback, &mut browser, "error=server_error").await;
        assert!(answer.offers_to_try_again(), "failure {count}");
        refused(&callback, &mut browser, "error=access_denied").await;
    }
    assert!(!refused(&callback, &mut browser, "error=server_error").await.offers_to_try_again());
}

#[tokio::test]
async fn a_sign_in_that_works_forgets_the_failed_rounds() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    for _ in 0..2 {
        refused(&callback, &mut browser, "error=server_error").await;
    }
    callback.sign_in(&mut browser).await.assert_goes_to("/todos?filter=open");
    let answer = refused(&callback, &mut browser, "error=server_error").await;
    assert!(answer.offers_to_try_again());
}

#[tokio::test]
async fn a_failed_round_leaves_the_session_of_before_alone() {
    let (callback, mut browser) = Callback::signed_in().await;
    let before = browser.secret().unwrap();
    refused(&callback, &mut browser, "error=access_denied")
        .await
        .assert_is_page(403, "access_denied");
    assert!(callback.sessions.read(&before).await.unwrap().is_some());
    assert_eq!(browser.secret().unwrap().id(), before.id());
}

#[tokio::test]
async fn hostile_queries_are_pages_and_never_a_5xx() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let state = parameter(&callback.begin(&mut browser), "state");
    let long = "x".repeat(7000);
    for query in [
        "%",
        "=",
        "&&&",
        "code",
        "%00=%00",
        "state[]=1",
        "code=%ff%fe&state=%80",
        &format!("state={long}"),
        &format!("error={long}&state={state}"),
        &format!("iss={long}&state={state}&code=1"),
        &format!("state={state}&error=%0d%0aSet-Cookie:a=b"),
    ] {
        let answer = callback.get(&mut browser.clone(), &format!("/callback?{query}")).await;
        assert!(answer.status.is_client_error(), "{query}: {}", answer.status);
    }
    assert!(callback.provider.received(Endpoint::Token).is_empty());
}

#[tokio::test]
async fn a_code_that_is_anything_is_a_page_and_never_a_5xx() {
    let callback = Callback::new().await;
    for code in ["x", "%00", "%0d%0a", "%ff", "a%26grant_type%3Drefresh_token", &"x".repeat(7000)] {
        let answer = refused(&callback, &mut Browser::default(), &format!("code={code}")).await;
        answer.assert_is_page(400, "code_refused");
    }
}
