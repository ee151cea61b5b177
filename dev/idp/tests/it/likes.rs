//! What providers other than Entra do differently.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;

use crate::{
    browser::Browser,
    test_provider::{BASE, TestProvider, param, provider, provider_like},
};

/// The claims of a token.
fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Whether it is no JWT.
fn is_opaque(token: &Value) -> bool {
    !token.as_str().unwrap().contains('.')
}

/// The tokens of a sign-in with these scopes, besides the API's.
async fn tokens(provider: &TestProvider, base: &str, changes: &[(&str, &str)]) -> Value {
    let scope = format!("{base} {}", provider.idp.scopes().join(" "));
    let changes = [&[("scope", scope.as_str())], changes].concat();
    provider.tokens_at(&provider.sign_in(&mut provider.browser(), &changes).await).await
}

async fn refusal(provider: &TestProvider, changes: &[(&str, &str)]) -> String {
    let back = provider.browser().get(&provider.authorize(changes)).await.location();
    param(&back, "error").unwrap()
}

async fn machine(provider: &TestProvider, changes: &[(&str, &str)]) -> (u16, Value) {
    let client = provider.idp.daemon();
    let (name, api) = provider.idp.machine_request(&client);
    let params = [("grant_type", "client_credentials"), (name, api.as_str())];
    let reply = provider.token(&client, &params, changes).await;
    (reply.status, reply.json())
}

async fn metadata(provider: &TestProvider) -> Value {
    provider.browser().get(provider.idp.metadata_url()).await.json()
}

async fn sign_out(provider: &TestProvider, browser: &mut Browser, query: &[(&str, &str)]) -> u16 {
    let metadata = metadata(provider).await;
    let endpoint = metadata["end_session_endpoint"].as_str().unwrap();
    browser.get(Url::parse_with_params(endpoint, query).unwrap().as_str()).await.status
}

#[tokio::test]
async fn every_provider_publishes_its_issuer_and_signs_with_published_keys() {
    for (profile, issuer) in [
        ("cognito", "/eu-central-1_DevPool01"),
        ("auth0", "/"),
        ("okta", "/oauth2/default"),
        ("keycloak", "/realms/dev"),
        ("google", ""),
    ] {
        let provider = provider_like(profile);
        let metadata = metadata(&provider).await;
        assert_eq!(metadata["issuer"], format!("{BASE}{issuer}"));
        assert_eq!(provider.idp.issuer(), metadata["issuer"]);
        let keys = provider.browser().get(metadata["jwks_uri"].as_str().unwrap()).await.json();
        let tokens = tokens(&provider, "openid", &[]).await;
        let header = jsonwebtoken::decode_header(tokens["id_token"].as_str().unwrap()).unwrap();
        assert_eq!(keys["keys"][0]["kid"], header.kid.unwrap(), "{profile}");
        assert_eq!(claims(&tokens["id_token"])["iss"], metadata["issuer"]);
    }
}

#[tokio::test]
async fn entra_offers_neither_pushing_nor_revocation_nor_back_channel_logout() {
    let provider = provider();
    let metadata = metadata(&provider).await;
    for absent in [
        "pushed_authorization_request_endpoint",
        "require_pushed_authorization_requests",
        "revocation_endpoint",
        "backchannel_logout_supported",
        "frontchannel_logout_session_supported",
        "authorization_response_iss_parameter_supported",
        "acr_values_supported",
    ] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
    let par = format!("{BASE}/{}/oauth2/v2.0/par", idp::TENANT_ID);
    assert_eq!(provider.browser().post(&par, &[]).await.status, 404);
    let back = provider.sign_in(&mut provider.browser(), &[]).await;
    assert_eq!(param(&back, "iss"), None);
}

#[tokio::test]
async fn cognito_tokens_name_the_client_and_scopes_with_their_server() {
    let provider = provider_like("cognito");
    let scope = [("scope", "openid offline_access todos/ToDoList.Read")];
    assert_eq!(refusal(&provider, &scope).await, "invalid_scope");

    let tokens = tokens(&provider, "openid profile", &[]).await;
    let web = provider.idp.web_app().client_id;
    let access = claims(&tokens["access_token"]);
    assert!(access.get("aud").is_none());
    assert_eq!((&access["client_id"], &access["token_use"]), (&json!(web), &json!("access")));
    assert_eq!(access["scope"], "openid profile todos/ToDoList.Read todos/ToDoList.ReadWrite");
    let id = claims(&tokens["id_token"]);
    assert_eq!((&id["aud"], &id["token_use"]), (&json!(web), &json!("id")));
    assert_eq!((&id["cognito:username"], id.get("sid")), (&access["sub"], None));
    let refreshed = provider.refresh(&tokens["refresh_token"], &[]).await.json();
    assert!(refreshed["access_token"].is_string() && refreshed.get("refresh_token").is_none());

    let daemon = provider.idp.daemon().client_id;
    let (_, tokens) = machine(&provider, &[("scope", "")]).await;
    let token = claims(&tokens["access_token"]);
    assert_eq!((&token["sub"], &token["client_id"]), (&json!(daemon), &json!(daemon)));
    assert_eq!(token["scope"], "todos/ToDoList.ReadWrite.All");
    assert!(token.get("aud").is_none());
    let (status, refused) = machine(&provider, &[("scope", "todos/ToDoList.Read.All")]).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_scope")));
}

#[tokio::test]
async fn cognito_signs_out_by_client_and_logout_uri() {
    let provider = provider_like("cognito");
    let mut browser = provider.browser();
    let scope = [("scope", "openid todos/ToDoList.Read")];
    provider.sign_in(&mut browser, &scope).await;
    let client = ("client_id", provider.idp.web_app().client_id);
    let signed_out = "http://localhost:9/signedout";
    for query in [
        &[("post_logout_redirect_uri", signed_out), client][..],
        &[("logout_uri", signed_out)],
        &[("logout_uri", "https://evil.example/"), client],
    ] {
        assert_eq!(sign_out(&provider, &mut browser, query).await, 400, "{query:?}");
    }
    let query = [("logout_uri", signed_out), client];
    assert_eq!(sign_out(&provider, &mut browser, &query).await, 303);
    let silent = [scope[0], ("prompt", "none")];
    let back = browser.get(&provider.authorize(&silent)).await.location();
    assert_eq!(param(&back, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn auth0_tokens_are_opaque_without_an_audience() {
    let provider = provider_like("auth0");
    let opaque = tokens(&provider, "openid", &[]).await["access_token"].clone();
    assert!(is_opaque(&opaque));
    let userinfo = metadata(&provider).await["userinfo_endpoint"].as_str().unwrap().to_owned();
    let authorization = format!("Bearer {}", opaque.as_str().unwrap());
    let request = axum::http::Request::get(&userinfo).header("authorization", authorization);
    let userinfo = provider.browser().send(request, BASE, String::new()).await;
    assert_eq!(userinfo.json()["name"], "Ada Lovelace");
    let unknown = [("audience", "https://another.example")];
    assert_eq!(refusal(&provider, &unknown).await, "access_denied");

    let audience = ("audience", "https://todo.example/api");
    let tokens = tokens(&provider, "openid offline_access", &[audience]).await;
    let token = claims(&tokens["access_token"]);
    assert_eq!(token["aud"], json!([audience.1, format!("{BASE}/userinfo")]));
    assert_eq!(token["scope"], "openid offline_access ToDoList.Read ToDoList.ReadWrite");
    assert_eq!(token["permissions"], json!(["ToDoList.Read", "ToDoList.ReadWrite"]));
    let refreshed = provider.refresh(&tokens["refresh_token"], &[]).await.json();
    assert_eq!(claims(&refreshed["access_token"])["aud"], token["aud"]);

    let (_, tokens) = machine(&provider, &[]).await;
    let token = claims(&tokens["access_token"]);
    assert_eq!(token["sub"], format!("{}@clients", provider.idp.daemon().client_id));
    assert_eq!(token["permissions"], json!(["ToDoList.ReadWrite.All"]));
    let (status, refused) = machine(&provider, &[("audience", "")]).await;
    assert_eq!((status, &refused["error"]), (400, &json!("access_denied")));
}

#[tokio::test]
async fn okta_names_client_and_user_by_its_own_claims() {
    let provider = provider_like("okta");
    let tokens = tokens(&provider, "openid", &[]).await;
    let token = claims(&tokens["access_token"]);
    assert_eq!(token["cid"], provider.idp.web_app().client_id);
    assert_eq!(token["uid"], provider.idp.demo_users()[0].object_id);
    assert_eq!(token["sub"], "ada@example.com");
    assert_eq!(token["scp"], json!(["openid", "ToDoList.Read", "ToDoList.ReadWrite"]));
    assert_eq!(claims(&tokens["id_token"])["sub"], token["uid"]);

    let (_, machine_tokens) = machine(&provider, &[]).await;
    let token = claims(&machine_tokens["access_token"]);
    assert_eq!((&token["sub"], token.get("uid")), (&token["cid"], None));
    assert_eq!(token["scp"], json!(["ToDoList.ReadWrite.All"]));
    assert_eq!(machine(&provider, &[("scope", "")]).await.0, 400);

    let client = ("client_id", provider.idp.web_app().client_id);
    assert_eq!(sign_out(&provider, &mut provider.browser(), &[client]).await, 400);
    let hint = ("id_token_hint", tokens["id_token"].as_str().unwrap());
    assert_eq!(sign_out(&provider, &mut provider.browser(), &[client, hint]).await, 200);
}

#[tokio::test]
async fn keycloak_ends_refresh_tokens_with_the_session_except_offline_ones() {
    let provider = provider_like("keycloak");
    let api = provider.idp.scopes().join(" ");
    for (base, status) in [("openid", 400), ("openid offline_access", 200)] {
        let mut browser = provider.browser();
        let scope = format!("{base} {api}");
        let back = provider.sign_in(&mut browser, &[("scope", &scope)]).await;
        assert_eq!(param(&back, "iss").as_deref(), Some(provider.idp.issuer()));
        let tokens = provider.tokens_at(&back).await;
        let hint = ("id_token_hint", tokens["id_token"].as_str().unwrap());
        assert_eq!(sign_out(&provider, &mut browser, &[hint]).await, 200);
        let refreshed = provider.refresh(&tokens["refresh_token"], &[]).await;
        assert_eq!(refreshed.status, status, "{base}");
    }
    let (_, tokens) = machine(&provider, &[]).await;
    let token = claims(&tokens["access_token"]);
    let daemon = provider.idp.daemon().client_id;
    assert_eq!(token["preferred_username"], format!("service-account-{daemon}"));
    assert_eq!((&token["azp"], &token["aud"]), (&json!(daemon), &json!("todo-api")));
    assert!(token["clientAddress"].is_string());
    assert_eq!(token["scope"], "profile email ToDoList.ReadWrite.All");
}

#[tokio::test]
async fn google_only_signs_users_in() {
    let provider = provider_like("google");
    for scope in ["openid offline_access", "openid ToDoList.Read"] {
        assert_eq!(refusal(&provider, &[("scope", scope)]).await, "invalid_scope");
    }
    assert!(metadata(&provider).await.get("end_session_endpoint").is_none());
    let online = tokens(&provider, "openid", &[]).await;
    assert!(is_opaque(&online["access_token"]) && online.get("refresh_token").is_none());
    let offline = [("access_type", "offline"), ("prompt", "consent")];
    let offline = tokens(&provider, "openid", &offline).await;
    let refreshed = provider.refresh(&offline["refresh_token"], &[]).await.json();
    assert!(is_opaque(&refreshed["access_token"]) && refreshed.get("refresh_token").is_none());
    let client = provider.idp.daemon();
    let reply = provider.token(&client, &[("grant_type", "client_credentials")], &[]).await;
    assert_eq!(reply.json()["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_its_sign_in_where_there_is_revocation() {
    let provider = provider_like("generic");
    let tokens = provider.tokens().await;
    let endpoint = metadata(&provider).await["revocation_endpoint"].as_str().unwrap().to_owned();
    let web = provider.idp.web_app();
    let next = provider.refresh(&tokens["refresh_token"], &[]).await.json();
    let form = [
        ("client_id", web.client_id),
        ("client_secret", &web.client_secret),
        ("token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let wrong = [form[0], ("client_secret", "wrong"), form[2]];
    assert_eq!(provider.browser().post(&endpoint, &wrong).await.status, 401);
    for _ in 0..2 {
        assert_eq!(provider.browser().post(&endpoint, &form).await.status, 200);
    }
    let refused = provider.refresh(&next["refresh_token"], &[]).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
}
