//! `state`, and the transaction that it belongs to.

use test_support::Endpoint;

use crate::harness::{Browser, Callback, ORIGIN, parameter};

#[tokio::test]
async fn state_is_checked_before_the_code_is_redeemed() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let begun = callback.begin(&mut browser);
    let code = parameter(callback.provider.sign_in(&begun).as_str(), "code");
    let state = parameter(&begun, "state");
    let mut other = state.clone().into_bytes();
    other[20] = if other[20] == b'A' { b'B' } else { b'A' };
    let other = String::from_utf8(other).unwrap();
    for (query, expected) in [
        (String::new(), "state_missing"),
        (format!("code={code}"), "state_missing"),
        (format!("code={code}&state="), "state_missing"),
        (format!("code={code}&state=x"), "state_missing"),
        (format!("code={code}&state={}", &state[..42]), "state_missing"),
        (format!("code={code}&state={state}A"), "state_missing"),
        (format!("code={code}&state=%00%ff"), "state_missing"),
        (format!("code={code}&state={}", "A".repeat(43)), "state_unknown"),
        (format!("code={code}&state={other}"), "state_unknown"),
        (format!("error=access_denied&state={other}"), "state_unknown"),
        ("error=access_denied".to_owned(), "state_missing"),
    ] {
        let answer = callback.get(&mut browser.clone(), &format!("/callback?{query}")).await;
        answer.assert_is_page(400, expected);
        callback.assert_nobody_signed_in(&answer, &browser).await;
    }
    assert_eq!(callback.redeemed(), 0);
    assert!(callback.provider.received(Endpoint::Discovery).is_empty());
    // The transaction is untouched by all of it.
    let back = format!("{ORIGIN}/callback?code={code}&state={state}").parse().unwrap();
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn an_answer_for_another_browser_signs_nobody_in() {
    let callback = Callback::new().await;
    let (mut attacker, mut victim) = (Browser::default(), Browser::default());
    let back = callback.provider.sign_in(&callback.begin(&mut attacker));
    callback.begin(&mut victim);
    let answer = callback.come_back(&mut victim, &back).await;
    answer.assert_is_page(400, "state_unknown");
    callback.assert_nobody_signed_in(&answer, &victim).await;
    assert_eq!(callback.redeemed(), 0);
}

#[tokio::test]
async fn a_transaction_lasts_fifteen_minutes() {
    let callback = Callback::new().await;
    for (seconds, lasts) in [(14 * 60 + 50, true), (15 * 60, false)] {
        let mut browser = Browser::default();
        let back = callback.provider.sign_in(&callback.begin(&mut browser));
        let before = callback.redeemed();
        callback.wait(seconds);
        let answer = callback.come_back(&mut browser, &back).await;
        if lasts {
            answer.assert_goes_to("/todos?filter=open");
        } else {
            answer.assert_is_page(400, "state_expired");
            assert_eq!(callback.redeemed(), before);
            assert_eq!(browser.attempts(), [""; 0], "its cookie goes");
        }
    }
}

#[tokio::test]
async fn a_tampered_transaction_is_refused_and_never_leads_away() {
    let callback = Callback::new().await;
    for tamper in [
        |value: &str| value.replacen("1.", "2.", 1),
        |value: &str| format!("{value}="),
        |_: &str| String::new(),
        |_: &str| "x".repeat(4000),
        // `//evil.example` in place of the path.
        |value: &str| format!("{}.Ly9ldmlsLmV4YW1wbGU", value.rsplit_once('.').unwrap().0),
    ] {
        let mut browser = Browser::default();
        let back = callback.provider.sign_in(&callback.begin(&mut browser));
        let name = browser.attempts().remove(0);
        let value = tamper(browser.value(&name).unwrap());
        browser.put(&name, &value);
        let answer = callback.come_back(&mut browser, &back).await;
        answer.assert_is_page(400, "state_malformed");
        callback.assert_nobody_signed_in(&answer, &browser).await;
    }
    assert_eq!(callback.redeemed(), 0);
}

#[tokio::test]
async fn a_parameter_that_is_there_twice_is_refused() {
    let (callback, browser, back) = Callback::returning().await;
    let query = back.query().unwrap();
    for again in ["code=x", "state=x", "iss=a&iss=a", "error=x&error=x"] {
        let path = format!("/callback?{query}&{again}");
        let answer = callback.get(&mut browser.clone(), &path).await;
        answer.assert_is_page(400, "malformed_response");
    }
    assert_eq!(callback.redeemed(), 0);
}

#[tokio::test]
async fn an_answer_with_neither_code_nor_error_is_refused() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let state = parameter(&callback.begin(&mut browser), "state");
    let answer = callback.get(&mut browser, &format!("/callback?state={state}&code=")).await;
    answer.assert_is_page(400, "malformed_response");
    assert_eq!(callback.redeemed(), 0);
}
