//! Tokens of further APIs in one session.

use std::time::Duration;

use session::{ApiToken, Refreshed, Updated};

use crate::{
    contents::{contents, renewed},
    sign_in::signed_in,
    table::start,
};

pub(crate) fn token(text: &str) -> ApiToken {
    let expires_at = Some(start() + Duration::from_hours(1));
    ApiToken { access_token: text.into(), expires_at, obtained_at: start() }
}

#[tokio::test]
async fn each_api_has_its_own_token_which_is_stored_with_the_next_refresh_token() {
    let (_table, sessions, secret) = signed_in().await;
    let lease = sessions.lease(&secret).await.unwrap().unwrap();
    let (orders, billing) = (token("for-orders"), token("for-billing"));
    let (first, second) = (renewed("first"), renewed("second"));
    let refreshed =
        Refreshed { contents: &first, api_tokens: vec![("orders", Some(orders.clone()))] };
    let lease = sessions.update_and_continue(&secret, &lease, &refreshed).await.unwrap().unwrap();
    assert_eq!(lease.session().contents(), &first);
    assert_eq!(lease.session().api_token(&secret, "orders"), Some(orders.clone()));
    let refreshed =
        Refreshed { contents: &second, api_tokens: vec![("billing", Some(billing.clone()))] };
    let updated = sessions.update(&secret, lease.session(), refreshed).await.unwrap();
    assert_eq!(updated, Updated::Done);
    let session = sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(session.contents(), &second);
    assert_eq!(session.api_token(&secret, "orders"), Some(orders));
    assert_eq!(session.api_token(&secret, "billing"), Some(billing));
    assert_eq!(session.api_token(&secret, "other"), None);
    assert_eq!(session.version(), 3);
    assert!(sessions.lease(&secret).await.unwrap().is_some(), "the last update ends the lease");
}

#[tokio::test]
async fn a_lease_that_goes_on_lasts_as_long_as_a_new_one() {
    let (table, sessions, secret) = signed_in().await;
    let lease = sessions.lease(&secret).await.unwrap().unwrap();
    table.clock.set(Duration::from_secs(19));
    let refreshed = Refreshed::from(lease.session().contents());
    let lease = sessions.update_and_continue(&secret, &lease, &refreshed).await.unwrap().unwrap();
    table.clock.set(Duration::from_secs(38));
    assert!(sessions.lease(&secret).await.unwrap().is_none());
    sessions.release(&lease).await.unwrap();
    assert!(sessions.lease(&secret).await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_that_was_ended_gets_no_api_token() {
    let (table, sessions, secret) = signed_in().await;
    let lease = sessions.lease(&secret).await.unwrap().unwrap();
    sessions.end(&secret).await.unwrap();
    let contents = contents();
    let refreshed =
        Refreshed { contents: &contents, api_tokens: vec![("orders", Some(token("late")))] };
    let lease = sessions.update_and_continue(&secret, &lease, &refreshed).await.unwrap();
    assert!(lease.is_none());
    assert!(table.rows().await.is_empty());
}

#[tokio::test]
async fn the_token_of_an_api_is_removed_and_an_altered_or_moved_one_counts_as_none() {
    let (table, sessions, secret) = signed_in().await;
    let session = sessions.read(&secret).await.unwrap().unwrap();
    let contents = contents();
    let api_tokens = vec![("orders", Some(token("o"))), ("billing", Some(token("b")))];
    let refreshed = Refreshed { contents: &contents, api_tokens };
    assert_eq!(sessions.update(&secret, &session, refreshed).await.unwrap(), Updated::Done);
    let mut row = table.row().await;
    let orders = row["token:orders"].clone();
    row.insert("token:billing".to_owned(), orders);
    table.overwrite(row).await;
    let session = sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(session.api_token(&secret, "billing"), None, "it is that of orders");
    assert_eq!(session.api_token(&secret, "orders"), Some(token("o")));
    let refreshed = Refreshed { contents: &contents, api_tokens: vec![("orders", None)] };
    assert_eq!(sessions.update(&secret, &session, refreshed).await.unwrap(), Updated::Done);
    let session = sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(session.apis().collect::<Vec<_>>(), ["billing"]);
    sessions.end(&secret).await.unwrap();
    assert!(table.rows().await.is_empty());
}
