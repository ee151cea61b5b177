//! A transaction is used once.

use test_support::{Endpoint, Gate, MockResponse};

use crate::harness::{Callback, TestResponse};

#[tokio::test]
async fn a_replay_while_signed_in_goes_home() {
    let (callback, mut browser, back) = Callback::returning().await;
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
    let secret = browser.secret().unwrap();
    callback.come_back(&mut browser, &back).await.assert_goes_to("/");
    assert_eq!(browser.secret().unwrap().id(), secret.id(), "the session is the same");
    assert_eq!(callback.redeemed(), 1);
}

#[tokio::test]
async fn a_replay_with_the_transaction_s_cookie_goes_where_it_wanted_to_go() {
    let (callback, mut browser, back) = Callback::returning().await;
    let before = browser.clone();
    callback.come_back(&mut browser, &back).await;
    let name = before.attempts().remove(0);
    browser.put(&name, before.value(&name).unwrap());
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
    assert_eq!(callback.redeemed(), 1);
    assert_eq!(browser.attempts(), [""; 0]);
}

#[tokio::test]
async fn state_cannot_be_replayed_by_whoever_is_not_signed_in() {
    let (callback, mut browser, back) = Callback::returning().await;
    let mut copy = browser.clone();
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
    let answer = callback.come_back(&mut copy, &back).await;
    answer.assert_is_page(400, "already_used");
    assert!(copy.secret().is_none());
    assert_eq!(callback.redeemed(), 1);
}

#[tokio::test]
async fn a_replay_after_sign_out_gets_the_error_page() {
    let (callback, mut browser, back) = Callback::returning().await;
    callback.come_back(&mut browser, &back).await;
    callback.sessions.end(&browser.secret().unwrap()).await.unwrap();
    callback.come_back(&mut browser, &back).await.assert_is_page(400, "state_unknown");
    assert_eq!(callback.redeemed(), 1);
}

#[tokio::test]
async fn the_transaction_is_used_up_before_the_code_is_redeemed() {
    let (callback, mut browser, back) = Callback::returning().await;
    let gate = Gate::closed();
    callback.provider.next(Endpoint::Token, MockResponse::status(500).held_by(&gate));
    let path = format!("/callback?{}", back.query().unwrap());
    let first = tokio::spawn(TestResponse::of(callback.cold(), browser.request(&path)));
    callback.provider.arrived(Endpoint::Token, 1).await;
    // The first is at the token endpoint and has not come back.
    callback.get(&mut browser.clone(), &path).await.assert_is_page(400, "already_used");
    gate.open();
    first.await.unwrap().assert_is_page(503, "provider_unavailable");
    // Nor does it work again after the first has failed.
    callback.get(&mut browser, &path).await.assert_is_page(400, "already_used");
    assert_eq!(callback.redeemed(), 1);
}

#[tokio::test]
async fn of_many_cold_instances_with_the_same_answer_one_redeems_the_code() {
    let (callback, browser, back) = Callback::returning().await;
    let path = format!("/callback?{}", back.query().unwrap());
    let requests: Vec<_> = (0..6)
        .map(|_| tokio::spawn(TestResponse::of(callback.cold(), browser.request(&path))))
        .collect();
    let mut signed_in = 0;
    for request in requests {
        let answer = request.await.unwrap();
        if answer.status == 303 {
            signed_in += 1;
        } else {
            answer.assert_is_page(400, "already_used");
        }
    }
    assert_eq!((signed_in, callback.redeemed()), (1, 1));
}

#[tokio::test]
async fn only_a_replay_goes_home_and_not_whatever_else_fails() {
    let (callback, mut browser) = Callback::signed_in().await;
    let late = callback.provider.sign_in(&callback.begin(&mut browser));
    callback.wait(15 * 60);
    callback.get(&mut browser, "/callback?code=1").await.assert_is_page(400, "state_missing");
    callback.come_back(&mut browser, &late).await.assert_is_page(400, "state_expired");
    assert!(callback.session(&browser).await.is_some());
}
