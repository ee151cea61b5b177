use axum::http::Request;

use crate::test_provider::{BASE, provider, with_browser};

#[tokio::test]
async fn a_rotated_key_stays_published_until_the_next_rotation() {
    let (provider, mut browser) = with_browser();
    let rotate = format!("{BASE}/dev/rotate-keys");
    let old = provider.idp.daemon_token();

    let first = browser.post(&rotate, &[]).await.json()["kid"].clone();
    let keys = provider.jwks().await;
    assert_eq!((keys.len(), &keys[0]["kid"]), (2, &first));
    let new = provider.idp.daemon_token();
    assert!(provider.try_verify(&old, idp::API_CLIENT_ID).await.is_some());
    assert!(provider.try_verify(&new, idp::API_CLIENT_ID).await.is_some());

    browser.post(&rotate, &[]).await;
    assert_eq!(provider.jwks().await.len(), 2);
    assert!(provider.try_verify(&old, idp::API_CLIENT_ID).await.is_none(), "its key is gone");
    assert!(provider.try_verify(&new, idp::API_CLIENT_ID).await.is_some());
}

#[tokio::test]
async fn another_site_cannot_rotate_the_keys() {
    let provider = provider();
    let rotate = format!("{BASE}/dev/rotate-keys");
    let send = async |name: &str, value: &str| {
        let request = Request::post(&rotate).header(name, value);
        provider.browser().send(request, &rotate, String::new()).await.status
    };
    assert_eq!(send("sec-fetch-site", "cross-site").await, 403);
    assert_eq!(send("sec-fetch-site", "same-site").await, 403);
    assert_eq!(send("origin", "http://localhost:9").await, 403);
    assert_eq!(send("origin", "null").await, 403);
    assert_eq!(provider.jwks().await.len(), 1);
    assert_eq!(send("origin", BASE).await, 200);
    assert_eq!(send("accept", "text/html").await, 303);
}

#[tokio::test]
async fn the_control_page_lists_everything_and_no_secret() {
    let provider = provider();
    let page = provider.browser().follow(&provider.idp.control_page()).await.body;
    for shown in [
        "ada@example.com",
        "grace@example.com",
        idp::TENANT_NAME,
        provider.idp.daemon().client_id,
        provider.jwks().await[0]["kid"].as_str().unwrap(),
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    for client in [provider.idp.web_app(), provider.idp.daemon(), provider.idp.reader()] {
        assert!(!page.contains(&client.client_secret));
    }
}
