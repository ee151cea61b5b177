use crate::test_provider::{BASE, provider};

#[tokio::test]
async fn discovery_by_name_and_by_id_both_name_the_tenant_id_issuer() {
    let provider = provider();
    let by_name = provider.browser().get(provider.idp.metadata_url()).await.json();
    let by_id = format!("{}/.well-known/openid-configuration", provider.idp.issuer());
    let by_id = provider.browser().get(&by_id).await.json();
    assert!(provider.idp.metadata_url().contains("tollgatedev.onmicrosoft.com"));
    assert_eq!(by_name, by_id);
    assert_eq!(by_id["issuer"], format!("{BASE}/{}/v2.0", idp::TENANT_ID));
    assert_eq!(by_id["token_endpoint"], provider.idp.token_endpoint());
}

#[tokio::test]
async fn keys_look_like_entras() {
    let provider = provider();
    let keys = provider.jwks().await;
    assert_eq!(keys.len(), 1);
    for (name, value) in [("kty", "RSA"), ("use", "sig"), ("issuer", provider.idp.issuer())] {
        assert_eq!(keys[0][name], value);
    }
    assert_eq!(keys[0]["kid"].as_str().unwrap().len(), 27);
    let members: Vec<_> = keys[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        ["e", "issuer", "kid", "kty", "n", "use", "x5t"],
        "no alg, nothing private"
    );
}

#[tokio::test]
async fn a_host_that_is_not_loopback_is_refused() {
    let provider = provider();
    for host in
        ["evil.example", "localhost.evil.example", "10.0.0.1:3001", "localhost:1@evil.example"]
    {
        let request = axum::http::Request::get("/dev").header("host", host);
        let reply = provider.browser().send(request, BASE, String::new()).await;
        assert_eq!(reply.status, 421, "{host}");
    }
    for host in ["localhost:3001", "127.0.0.1:3001", "[::1]:3001"] {
        let request = axum::http::Request::get("/dev").header("host", host);
        let reply = provider.browser().send(request, BASE, String::new()).await;
        assert_eq!(reply.status, 200, "{host}");
    }
}

#[test]
fn a_base_url_that_is_not_a_loopback_origin_does_not_open() {
    for base in [
        "http://example.com",
        "http://0.0.0.0:3001",
        "http://localhost.evil.example",
        "http://localhost:3001/path",
        "ftp://localhost",
    ] {
        let config = idp::Config::new(base.parse().unwrap(), "http://localhost:9".parse().unwrap());
        assert!(idp::Idp::open(config).is_err(), "{base}");
    }
}
