use http::{Method, StatusCode};

use crate::world::{World, request};

/// The address of the page's script.
async fn script(world: &World) -> String {
    let page = world.get("/").await.body;
    page.split("src=\"")
        .find(|rest| rest.contains("app.js\""))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_asset_may_be_kept_for_ever() {
    let world = World::new().await;
    let script = world.get(&script(&world).await).await;
    assert_eq!(script.status, StatusCode::OK);
    for (name, value) in [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(script.header(name), Some(value), "{name}");
    }
    assert!(script.body.contains("import"));
}

#[tokio::test]
async fn every_kind_of_file_has_its_type() {
    let world = World::new().await;
    let script = script(&world).await;
    for (name, content_type) in
        [("theme.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")]
    {
        let asset = world.get(&script.replace("app.js", name)).await;
        assert_eq!(asset.header("content-type"), Some(content_type), "{name}");
    }
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let world = World::new().await;
    let head = world.send(request(Method::HEAD, &script(&world).await)).await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("content-type"), Some("text/javascript; charset=utf-8"));
}

#[tokio::test]
async fn whatever_is_no_asset_of_this_version_is_not_found_and_not_kept() {
    let world = World::new().await;
    let script = script(&world).await;
    let folder = script.strip_suffix("app.js").unwrap();
    for path in [
        "/assets/0000000000000000/app.js",
        "/assets/x/app.js",
        &format!("{folder}index.html"),
        &format!("{folder}none.js"),
        &format!("{folder}../Cargo.toml"),
        &format!("{folder}..%2f..%2fCargo.toml"),
        &format!("{folder}%2e%2e/app.js"),
        &format!("{folder}app.js%00"),
        &format!("{folder}%ff"),
        &format!("{folder}/app.js"),
    ] {
        let answer = world.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}
