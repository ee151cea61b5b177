//! What a sign-in leaves in the lists by which sessions are ended, and what an end leaves for it.

use http::header;
use lambda_http::request::RequestContext;
use serde_json::json;
use session::{BlockedSignIns, ProviderSessionKey, UserKey};

use crate::harness::{Browser, Callback, ORIGIN, TestResponse};

fn ada(callback: &Callback) -> UserKey {
    UserKey::new(callback.provider.issuer(), "ada")
}

#[tokio::test]
async fn a_session_is_listed_with_the_browser_and_the_address_that_it_was_opened_from() {
    let (callback, browser, back) = Callback::returning().await;
    let mut request = browser.request(back.as_str().strip_prefix(ORIGIN).unwrap());
    let user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    request.headers_mut().insert(header::USER_AGENT, user_agent.parse().unwrap());
    request.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
    let context = json!({ "http": { "method": "GET", "sourceIp": "192.0.2.1" } });
    let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
    request.extensions_mut().insert(context);
    let answer: TestResponse = callback.send(request).await;
    answer.assert_goes_to("/todos?filter=open");
    let [listed] = &callback.sessions.list(&ada(&callback)).await.unwrap()[..] else {
        panic!("one session");
    };
    assert_eq!(listed.device.browser(), Some("Firefox"));
    assert_eq!(listed.device.system(), Some("Linux"));
    assert_eq!(listed.device.address(), Some([192, 0, 2, 1].into()));
}

#[tokio::test]
async fn a_sign_in_under_way_when_its_user_is_signed_out_opens_no_session() {
    let (callback, mut browser, back) = Callback::returning().await;
    callback.wait(5);
    callback.sessions.end_user(&ada(&callback), callback.now()).await.unwrap();
    callback.wait(5);
    let answer = callback.come_back(&mut browser, &back).await;
    answer.assert_is_page(400, "ended_meanwhile");
    assert!(answer.offers_to_try_again());
    callback.assert_nobody_signed_in(&answer, &browser).await;
    callback.sign_in(&mut browser).await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn a_sign_in_by_a_provider_s_session_that_has_ended_opens_no_session() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let ended = ProviderSessionKey::new(callback.provider.issuer(), "first");
    callback.sessions.end_provider_session(&ended, BlockedSignIns::All).await.unwrap();
    callback.wait(5);
    for (sid, opens) in [("first", false), ("second", true)] {
        let begun = callback.begin(&mut browser);
        let back = callback.provider.sign_in_with(&begun, &json!({ "sid": sid }));
        let answer = callback.come_back(&mut browser, &back).await;
        assert_eq!(answer.status.is_redirection(), opens, "{sid}: {}", answer.body);
    }
    let second = ProviderSessionKey::new(callback.provider.issuer(), "second");
    let end = callback.sessions.end_provider_session(&second, BlockedSignIns::All);
    assert_eq!(end.await.unwrap(), 1);
    assert!(callback.session(&browser).await.is_none());
}
