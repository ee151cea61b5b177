use axum::http::Request;

use crate::{
    browser::Reply,
    test_provider::{BASE, TestProvider, provider},
};

async fn userinfo(provider: &TestProvider, authorization: &str) -> Reply {
    let metadata = provider.browser().get(provider.idp.metadata_url()).await.json();
    let endpoint = metadata["userinfo_endpoint"].as_str().unwrap();
    let request = Request::get(endpoint).header("authorization", authorization);
    provider.browser().send(request, BASE, String::new()).await
}

#[tokio::test]
async fn a_thin_id_token_leaves_the_names_to_userinfo() {
    let provider = provider();
    provider.inject(&[("thin_id_token", "on")]).await;
    let tokens = provider.tokens().await;
    let web = provider.idp.web_app().client_id;
    let id = provider.verify(&tokens["id_token"], web).await;
    for claim in ["name", "preferred_username", "email"] {
        assert!(id.get(claim).is_none(), "{claim}");
    }
    let access = tokens["access_token"].as_str().unwrap();
    let info = userinfo(&provider, &format!("Bearer {access}")).await.json();
    assert_eq!(info["sub"], id["sub"], "the subject is the client's");
    assert_eq!(info["name"], "Ada Lovelace");
    assert_eq!(info["email"], "ada@example.com");
}

#[tokio::test]
async fn only_a_users_current_access_token_opens_userinfo() {
    let provider = provider();
    let tokens = provider.tokens().await;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let good = format!("Bearer {}", text("access_token"));
    for bad in [
        String::new(),
        format!("Basic {}", text("access_token")),
        format!("Bearer {}", text("id_token")),
        format!("Bearer {}", text("refresh_token")),
        format!("Bearer {}", provider.idp.daemon_token()),
        format!("{good}x"),
    ] {
        let reply = userinfo(&provider, &bad).await;
        assert_eq!(reply.status, 401, "{bad}");
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
    }
    provider.advance(75 * 60 - 1);
    assert_eq!(userinfo(&provider, &good).await.status, 200);
    provider.advance(1);
    assert_eq!(userinfo(&provider, &good).await.status, 401);
}
