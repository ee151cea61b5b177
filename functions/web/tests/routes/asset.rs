use http::{Method, StatusCode};

use crate::harness::{Web, request};

/// The address of the page's script.
async fn script(web: &Web) -> String {
    let page = web.get("/").await.body;
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
    let web = Web::new().await;
    let script = web.get(&script(&web).await).await;
    assert_eq!(script.status, StatusCode::OK);
    for (name, value) in [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("vary", "Accept-Encoding"),
    ] {
        assert_eq!(script.header(name), Some(value), "{name}");
    }
    assert_eq!(script.header("content-encoding"), None);
    assert!(!script.body.contains("sourceMappingURL"));
}

#[tokio::test]
async fn a_browser_that_can_takes_it_compressed() {
    let web = Web::new().await;
    let script = script(&web).await;
    for coding in ["br", "gzip"] {
        let asked = request(Method::GET, &script).header("accept-encoding", coding);
        let (headers, body) = web.send_for_bytes(asked).await;
        assert_eq!(headers["content-encoding"], coding);
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        // The budget of the page's script, which is most of it.
        assert!(body.len() < 13_000, "{coding}: {}", body.len());
    }
}

#[tokio::test]
async fn every_kind_of_file_has_its_type() {
    let web = Web::new().await;
    let script = script(&web).await;
    for (name, content_type) in
        [("app.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")]
    {
        let asset = web.get(&script.replace("app.js", name)).await;
        assert_eq!(asset.header("content-type"), Some(content_type), "{name}");
    }
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let web = Web::new().await;
    let head = web.send(request(Method::HEAD, &script(&web).await)).await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("content-type"), Some("text/javascript; charset=utf-8"));
}

#[tokio::test]
async fn whatever_is_no_asset_of_this_version_is_not_found_and_not_kept() {
    let web = Web::new().await;
    let script = script(&web).await;
    let folder = script.strip_suffix("app.js").unwrap();
    for path in [
        "/assets/0000000000000000/app.js",
        "/assets/x/app.js",
        &format!("{folder}index.html"),
        &format!("{folder}none.js"),
        &format!("{folder}app.js.map"),
        &format!("{folder}theme.css"),
        &format!("{folder}../Cargo.toml"),
        &format!("{folder}..%2f..%2fCargo.toml"),
        &format!("{folder}%2e%2e/app.js"),
        &format!("{folder}app.js%00"),
        &format!("{folder}%ff"),
        &format!("{folder}/app.js"),
    ] {
        let answer = web.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}
