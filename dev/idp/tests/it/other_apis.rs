//! A second API.

use idp::ORDERS_CLIENT_ID;
use serde_json::json;

use crate::test_provider::{provider, provider_like};

fn orders(short: &str) -> String {
    format!("api://{ORDERS_CLIENT_ID}/{short}")
}

#[tokio::test]
async fn a_refresh_token_gets_tokens_for_each_api_and_a_token_is_for_one() {
    let provider = provider();
    let tokens = provider.tokens().await;
    let token = &tokens["refresh_token"];
    let scope = format!("offline_access {}", orders("Orders.Read"));
    let refreshed = provider.refresh(token, &[("scope", &scope)]).await.json();
    let access = provider.verify(&refreshed["access_token"], ORDERS_CLIENT_ID).await;
    assert_eq!(access["scp"], "Orders.Read");
    assert_eq!(refreshed["scope"], orders("Orders.Read"));
    // The next refresh token is still for both.
    let first = provider.idp.scopes().join(" ");
    let again = provider.refresh(&refreshed["refresh_token"], &[("scope", &first)]).await.json();
    provider.verify(&again["access_token"], idp::API_CLIENT_ID).await;
    let both = format!("{first} {scope}");
    let refused = provider.refresh(token, &[("scope", &both)]).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error_codes"], json!([28000]));
}

#[tokio::test]
async fn a_daemon_gets_its_role_at_each_api() {
    let provider = provider();
    for (client, role) in [
        (provider.idp.daemon(), "Orders.ReadWrite.All"),
        (provider.idp.reader(), "Orders.Read.All"),
    ] {
        let params = [("grant_type", "client_credentials"), ("scope", &*orders(".default"))];
        let tokens = provider.token(&client, &params, &[]).await.json();
        let access = provider.verify(&tokens["access_token"], ORDERS_CLIENT_ID).await;
        assert_eq!(access["roles"], json!([role]));
    }
}

#[test]
fn providers_whose_apis_are_registrations_have_it() {
    for (like, has) in [("entra-id", true), ("generic", true), ("okta", false), ("google", false)] {
        let settings = provider_like(like).idp.settings();
        assert_eq!(settings.iter().any(|(name, _)| *name == "OTHER_APIS"), has, "{like}");
    }
}
