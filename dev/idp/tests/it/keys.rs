use axum::http::Request;

use crate::world::{BASE, world};

#[tokio::test]
async fn a_rotated_key_stays_published_until_the_next_rotation() {
    let world = world();
    let mut visitor = world.visitor();
    let rotate = format!("{BASE}/dev/rotate-keys");
    let old = world.idp.daemon_token();

    let first = visitor.post(&rotate, &[]).await.json()["kid"].clone();
    let keys = world.jwks().await;
    assert_eq!((keys.len(), &keys[0]["kid"]), (2, &first));
    let new = world.idp.daemon_token();
    assert!(world.try_verify(&old, idp::API_CLIENT_ID).await.is_some());
    assert!(world.try_verify(&new, idp::API_CLIENT_ID).await.is_some());

    visitor.post(&rotate, &[]).await;
    assert_eq!(world.jwks().await.len(), 2);
    assert!(world.try_verify(&old, idp::API_CLIENT_ID).await.is_none(), "its key is gone");
    assert!(world.try_verify(&new, idp::API_CLIENT_ID).await.is_some());
}

#[tokio::test]
async fn another_site_cannot_rotate_the_keys() {
    let world = world();
    let rotate = format!("{BASE}/dev/rotate-keys");
    let send = async |name: &str, value: &str| {
        let request = Request::post(&rotate).header(name, value);
        world.visitor().send(request, &rotate, String::new()).await.status
    };
    assert_eq!(send("sec-fetch-site", "cross-site").await, 403);
    assert_eq!(send("sec-fetch-site", "same-site").await, 403);
    assert_eq!(send("origin", "http://localhost:9").await, 403);
    assert_eq!(send("origin", "null").await, 403);
    assert_eq!(world.jwks().await.len(), 1);
    assert_eq!(send("origin", BASE).await, 200);
    assert_eq!(send("accept", "text/html").await, 303);
}

#[tokio::test]
async fn the_control_page_lists_everything_and_no_secret() {
    let world = world();
    let page = world.visitor().follow(&world.idp.control_page()).await.body;
    for shown in [
        "ada@example.com",
        "grace@example.com",
        idp::TENANT_NAME,
        world.idp.daemon().client_id,
        world.jwks().await[0]["kid"].as_str().unwrap(),
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    for client in [world.idp.web_app(), world.idp.daemon(), world.idp.reader()] {
        assert!(!page.contains(&client.client_secret));
    }
}
