use permissions::Permission;
use serde_json::json;

use crate::test_provider::provider;

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
async fn the_printed_token_is_the_daemons() {
    let provider = provider();
    let claims = provider.verify(&provider.idp.daemon_token().into(), idp::API_CLIENT_ID).await;
    assert_eq!(claims["roles"], json!(roles(<[Permission]>::last)));
    let claims = provider.verify(&provider.idp.reader_token().into(), idp::API_CLIENT_ID).await;
    assert_eq!(claims["roles"], json!(roles(<[Permission]>::first)));
}
