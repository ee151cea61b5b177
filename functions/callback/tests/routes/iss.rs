//! `iss` (RFC 9207).

use crate::harness::{Browser, Callback, TestResponse};

const SENDS_ISS: &str = "authorization_response_iss_parameter_supported";

async fn come_back_with(callback: &Callback, iss: Option<&str>) -> (TestResponse, Browser) {
    let mut browser = Browser::default();
    let mut back = callback.provider.sign_in(&callback.begin(&mut browser));
    if let Some(iss) = iss {
        back.query_pairs_mut().append_pair("iss", iss);
    }
    (callback.come_back(&mut browser, &back).await, browser)
}

#[tokio::test]
async fn iss_must_be_the_issuer_when_it_is_there() {
    let callback = Callback::new().await;
    let issuer = callback.provider.issuer().to_owned();
    for wrong in ["https://evil.example", &format!("{issuer}/"), &issuer.to_uppercase(), "x"] {
        let (answer, browser) = come_back_with(&callback, Some(wrong)).await;
        answer.assert_is_page(400, "issuer_mismatch");
        callback.assert_nobody_signed_in(&answer, &browser).await;
    }
    assert_eq!(callback.redeemed(), 0);
    come_back_with(&callback, Some(&issuer)).await.0.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn iss_must_be_there_when_the_provider_says_that_it_sends_it() {
    let callback = Callback::new().await;
    callback.announce(SENDS_ISS, true);
    for missing in [None, Some("")] {
        come_back_with(&callback, missing).await.0.assert_is_page(400, "issuer_mismatch");
    }
    assert_eq!(callback.redeemed(), 0);
    let issuer = callback.provider.issuer().to_owned();
    come_back_with(&callback, Some(&issuer)).await.0.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn iss_may_be_missing_when_the_provider_does_not_speak_of_it() {
    let callback = Callback::new().await;
    callback.announce(SENDS_ISS, false);
    come_back_with(&callback, None).await.0.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn iss_is_judged_before_error() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let state = crate::harness::parameter(&callback.begin(&mut browser), "state");
    let path = format!("/callback?error=access_denied&iss=https://evil.example&state={state}");
    callback.get(&mut browser, &path).await.assert_is_page(400, "issuer_mismatch");
    assert_eq!(browser.attempts().len(), 1, "another provider cannot end the transaction");
}
