use axum::http::Request;
use permissions::Permission;
use serde_json::json;

use crate::test_provider::{BASE, provider, provider_like};

/// One role of each hierarchy.
fn roles(choose: fn(&[Permission]) -> Option<&Permission>) -> Vec<&'static str> {
    permissions::HIERARCHIES.iter().map(|all| choose(all).unwrap().role).collect()
}

#[tokio::test]
async fn a_daemon_gets_its_roles_and_no_scopes() {
    let provider = provider();
    for (client, roles) in [
        (provider.idp.daemon(), roles(<[Permission]>::last)),
        (provider.idp.reader(), roles(<[Permission]>::first)),
    ] {
        let (name, api) = provider.idp.machine_request(&client);
        let params = [("grant_type", "client_credentials"), (name, api.as_str())];
        let tokens = provider.token(&client, &params, &[]).await.json();
        assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
        let claims = provider.verify(&tokens["access_token"], idp::API_CLIENT_ID).await;
        assert_eq!(claims["roles"], json!(roles));
        assert_eq!(claims["idtyp"], "app");
        assert_eq!(claims["azp"], client.client_id);
        assert_eq!(claims["sub"], claims["oid"]);
        assert!(claims.get("scp").is_none());
    }
}

#[tokio::test]
async fn a_daemon_asks_for_default_of_the_api_and_nothing_else() {
    let provider = provider();
    let full = provider.idp.scopes()[0].clone();
    for (scope, error) in [
        (full.as_str(), "invalid_scope"),
        ("openid", "invalid_scope"),
        ("api://another/.default", "invalid_resource"),
        ("", "invalid_request"),
    ] {
        let params = [("grant_type", "client_credentials"), ("scope", scope)];
        let reply = provider.token(&provider.idp.daemon(), &params, &[]).await;
        assert_eq!((reply.status, &reply.json()["error"]), (400, &json!(error)), "{scope}");
    }
}

#[tokio::test]
async fn a_script_gets_the_token_of_an_application_or_a_user_by_name() {
    let provider = provider();
    let mut browser = provider.browser();
    let page = browser.follow(&provider.authorize(&[("prompt", "create")])).await;
    let fields = [("name", "No"), ("username", "daemon@example.com"), ("password", "long enough")];
    browser.submit(&page, &fields).await.location();
    let token = async |name: &str| {
        let reply = provider.browser().post(&format!("{BASE}/dev/tokens/{name}"), &[]).await;
        assert_eq!(reply.status, 200, "{name}");
        provider.verify(&reply.body.into(), idp::API_CLIENT_ID).await
    };
    assert_eq!(token("daemon").await["roles"], json!(roles(<[Permission]>::last)));
    assert_eq!(token("reader").await["roles"], json!(roles(<[Permission]>::first)));
    let ada = provider.idp.demo_users()[0];
    for name in ["ada", ada.username, ada.object_id] {
        let claims = token(name).await;
        assert_eq!(claims["oid"], ada.object_id);
        let scopes = claims["scp"].as_str().unwrap();
        assert!(permissions::all().all(|it| scopes.split(' ').any(|scope| scope == it.scope)));
    }
}

#[tokio::test]
async fn no_token_is_issued_to_another_site_or_for_an_unknown_name() {
    let (provider, google) = (provider(), provider_like("google"));
    let address = format!("{BASE}/dev/tokens/ada");
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "null")] {
        let request = Request::post(&address).header(name, value);
        let reply = provider.browser().send(request, &address, String::new()).await;
        assert_eq!(reply.status, 403);
        assert!(!reply.body.contains("eyJ"));
    }
    assert_eq!(provider.browser().get(&address).await.status, 405);
    for name in ["nobody", "tollgate"] {
        let reply = provider.browser().post(&format!("{BASE}/dev/tokens/{name}"), &[]).await;
        assert_eq!(reply.status, 404, "{name}");
    }
    for name in ["ada", "daemon"] {
        let reply = google.browser().post(&format!("{BASE}/dev/tokens/{name}"), &[]).await;
        assert_eq!(reply.status, 404, "it has no tokens for APIs");
    }
}
