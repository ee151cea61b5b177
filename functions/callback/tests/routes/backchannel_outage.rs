//! Back-channel logout: what cannot be done is no success, and the provider can try again.

use serde_json::json;
use test_support::{Endpoint, MockResponse, ScriptedProvider};

use crate::{
    harness::{Browser, Callback},
    logout_token::{assert_done, assert_not_now, deliver, deliver_to, of_sid},
};

async fn signed_in(callback: &Callback, sid: &str) -> Browser {
    let mut browser = Browser::default();
    let answer = callback.sign_in_with(&mut browser, &json!({ "sid": sid })).await;
    answer.assert_goes_to("/todos?filter=open");
    browser
}

/// A DynamoDB that gives these answers and then refuses us.
fn table_with(answers: &[&str]) -> ScriptedProvider {
    let table = ScriptedProvider::start();
    for answer in answers {
        table.next(Endpoint::Elsewhere, MockResponse::text((*answer).to_owned()));
    }
    let denied = json!({ "__type": "AccessDeniedException", "message": "as scripted" });
    table.always(Endpoint::Elsewhere, MockResponse::json(&denied).with_status(400));
    table
}

/// What such a table was asked to do.
fn asked(table: &ScriptedProvider) -> Vec<String> {
    let requests = table.received(Endpoint::Elsewhere);
    let operation = |target: &str| target.split('.').next_back().unwrap().to_owned();
    requests.iter().map(|it| operation(it.header("x-amz-target").unwrap())).collect()
}

#[tokio::test]
async fn a_table_that_is_down_is_no_success_and_the_same_token_works_afterwards() {
    let callback = Callback::new().await;
    let ada = signed_in(&callback, "s-1").await;
    let token = of_sid(&callback, "s-1");
    callback.store.pause().await;
    assert_not_now(&deliver(&callback, &token).await);
    callback.store.resume().await.unwrap();
    assert!(callback.session(&ada).await.is_some());
    assert_done(&deliver(&callback, &token).await);
    assert!(callback.session(&ada).await.is_none());
}

#[tokio::test]
async fn a_logout_that_was_done_half_way_is_no_success_and_its_token_is_not_used_up() {
    let callback = Callback::new().await;
    // It did not come before, and there is one session to end.
    let list = json!({ "Attributes": { "sessions": { "SS": ["A".repeat(43)] } } });
    let table = table_with(&["{}", &list.to_string()]);
    let token = of_sid(&callback, "s-1");
    assert_not_now(&deliver_to(&callback.with_table_at(table.issuer()), &token).await);
    assert_eq!(asked(&table), ["GetItem", "UpdateItem", "DeleteItem"]);
}

#[tokio::test]
async fn a_logout_that_cannot_be_remembered_is_no_success() {
    let callback = Callback::new().await;
    let table = table_with(&["{}", "{}"]);
    let token = of_sid(&callback, "s-1");
    assert_not_now(&deliver_to(&callback.with_table_at(table.issuer()), &token).await);
    assert_eq!(asked(&table), ["GetItem", "UpdateItem", "PutItem"]);
}

#[tokio::test]
async fn keys_that_are_not_to_be_had_are_503_and_the_same_token_works_afterwards() {
    let callback = Callback::new().await;
    let ada = signed_in(&callback, "s-1").await;
    let (token, cold) = (of_sid(&callback, "s-1"), callback.cold());
    callback.provider.always(Endpoint::Keys, MockResponse::status(500));
    assert_not_now(&deliver_to(&cold, &token).await);
    assert!(callback.session(&ada).await.is_some());
    callback.provider.behave(Endpoint::Keys);
    callback.wait(60);
    assert_done(&deliver_to(&cold, &token).await);
    assert!(callback.session(&ada).await.is_none());
}
