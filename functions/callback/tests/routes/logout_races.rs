//! A logout and sign-ins at the same time, over several instances of the function and one table.

use axum::Router;
use serde_json::json;
use test_support::{Endpoint, Gate};
use url::Url;

use crate::{
    harness::{Browser, Callback, TestResponse},
    logout_token::{assert_done, deliver, deliver_to, delivery, of_sid, of_user},
};

/// A sign-in that was begun, and whose user is on the way back to us.
fn begun(callback: &Callback, sid: &str) -> (Browser, Url) {
    let mut browser = Browser::default();
    let begun = callback.begin(&mut browser);
    let back = callback.provider.sign_in_with(&begun, &json!({ "sub": "ada", "sid": sid }));
    (browser, back)
}

/// Comes back at this instance, and keeps the cookies.
async fn finish(instance: Router, mut browser: Browser, back: Url) -> (TestResponse, Browser) {
    let path = format!("/callback?{}", back.query().unwrap());
    let answer = TestResponse::of(instance, browser.request(&path)).await;
    answer.set_cookies().into_iter().for_each(|line| browser.take(line));
    (answer, browser)
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_slip_past_a_logout() {
    let callback = Callback::new().await;
    for token in [of_sid(&callback, "s-1"), of_user(&callback, "ada")] {
        let (browser, back) = begun(&callback, "s-1");
        assert_done(&deliver(&callback, &token).await);
        let (answer, browser) = finish(callback.cold(), browser, back).await;
        answer.assert_is_page(400, "ended_meanwhile");
        assert!(answer.offers_to_try_again());
        callback.assert_nobody_signed_in(&answer, &browser).await;
    }
    // Who begins anew is let in.
    callback.wait(1);
    let (browser, back) = begun(&callback, "s-2");
    let (answer, browser) = finish(callback.cold(), browser, back).await;
    answer.assert_goes_to("/todos?filter=open");
    assert!(callback.session(&browser).await.is_some());
}

#[tokio::test]
async fn a_logout_while_the_code_is_redeemed_is_not_slipped_past_either() {
    let callback = Callback::new().await;
    for (round, token) in
        [of_sid(&callback, "s-1"), of_user(&callback, "ada")].into_iter().enumerate()
    {
        let (mut browser, gate) = (Browser::default(), Gate::closed());
        let address = callback.begin(&mut browser);
        let nonce = crate::harness::parameter(&address, "nonce");
        let claims = callback.provider.id_token().claim("nonce", nonce).claim("sid", "s-1");
        let tokens = callback.provider.tokens().id_token(&claims.signed());
        callback.provider.next(Endpoint::Token, tokens.answer().held_by(&gate));
        let back = callback.provider.sign_in(&address);
        let finished = tokio::spawn(finish(callback.cold(), browser, back));
        callback.provider.arrived(Endpoint::Token, round + 1).await;
        assert_done(&deliver(&callback, &token).await);
        gate.open();
        let (answer, browser) = finished.await.unwrap();
        answer.assert_is_page(400, "ended_meanwhile");
        callback.assert_nobody_signed_in(&answer, &browser).await;
    }
}

#[tokio::test]
async fn whoever_came_before_the_logout_is_out_however_it_fell_among_them() {
    for by_sid in [true, false] {
        let callback = Callback::new().await;
        let instances = [(); 3].map(|()| callback.cold());
        let token = if by_sid { of_sid(&callback, "s-1") } else { of_user(&callback, "ada") };
        let sign_ins: Vec<_> = (0..9)
            .map(|at| {
                let (browser, back) = begun(&callback, "s-1");
                tokio::spawn(finish(instances[at % 3].clone(), browser, back))
            })
            .collect();
        callback.provider.arrived(Endpoint::Token, 4).await;
        assert_done(&deliver_to(&instances[1], &token).await);
        for sign_in in sign_ins {
            let (_, browser) = sign_in.await.unwrap();
            assert!(callback.session(&browser).await.is_none(), "by sid: {by_sid}");
        }
    }
}

#[tokio::test]
async fn one_token_that_comes_to_several_instances_at_once_is_done() {
    let callback = Callback::new().await;
    let (browser, back) = begun(&callback, "s-1");
    let (_, browser) = finish(callback.cold(), browser, back).await;
    assert!(callback.session(&browser).await.is_some());
    let token = of_sid(&callback, "s-1");
    let deliveries: Vec<_> =
        (0..6).map(|_| tokio::spawn(TestResponse::of(callback.cold(), delivery(&token)))).collect();
    let mut done = 0;
    for delivery in deliveries {
        let answer = delivery.await.unwrap();
        assert!(matches!(answer.status.as_u16(), 200 | 400), "{}", answer.body);
        done += usize::from(answer.status == 200);
    }
    assert!(done >= 1);
    assert!(callback.session(&browser).await.is_none());
}
