//! Another front end in place of the page.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use http::StatusCode;

use crate::harness::Web;

#[expect(dead_code, reason = "its main function is for Cargo")]
#[path = "../../build.rs"]
mod build;

const SCRIPT: &str = "assets/app-1.js";
const LINK: &str = "assets/link.json";

/// As Vite builds it, in a folder of this name, with links out of it and in a circle.
fn built(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("assets")).unwrap();
    let page = "<link rel=\"icon\" href=\"./icon.svg\"><script src=\"./assets/app-1.js\"></script>";
    for (file, text) in
        [("index.html", page), ("icon.svg", "<svg/>"), (SCRIPT, "run()"), ("assets/app.js.map", "")]
    {
        fs::write(folder.join(file), text).unwrap();
    }
    symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/package.json"), folder.join(LINK)).unwrap();
    symlink(".", folder.join("circle")).unwrap();
    folder
}

#[test]
fn another_front_end_is_embedded_with_all_its_files() {
    let folder = built("embedded");
    let out = folder.with_extension("out");
    build::embed(Path::new(env!("CARGO_MANIFEST_DIR")), Some(&folder), &out).unwrap();
    let source = fs::read_to_string(out.join("assets.rs")).unwrap();
    let hash = source.split('"').nth(1).unwrap();
    for view in ["welcome.html", "frame.html"] {
        let page = fs::read_to_string(out.join(view)).unwrap();
        assert!(page.contains(&format!("href=\"/assets/{hash}/icon.svg\"")), "{page}");
        assert!(page.contains(&format!("src=\"/assets/{hash}/{SCRIPT}\"")), "{page}");
    }
    for file in [SCRIPT, "icon.svg"] {
        assert!(source.contains(&format!("({file:?}, Content ")), "{source}");
    }
    assert!(!source.contains(".map") && !source.contains("link.json"), "{source}");
}

#[test]
fn a_file_that_the_page_could_not_load_fails_the_build() {
    let folder = built("unknown");
    fs::write(folder.join("assets/font.woff2"), "").unwrap();
    let embedded = build::embed(Path::new(env!("CARGO_MANIFEST_DIR")), Some(&folder), &folder);
    assert_eq!(embedded.unwrap_err().to_string(), "assets/font.woff2: unsupported file type");
}

#[tokio::test]
async fn a_debug_build_serves_another_front_end_from_its_folder() {
    let folder = built("served");
    let web = Web::with([("PAGE_FOLDER", folder.to_str().unwrap())]).await;
    let page = web.get("/").await;
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    let address = page.body.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    let script = web.get(address).await;
    assert_eq!(script.status, StatusCode::OK);
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(script.body, "run()");
    assert_eq!(web.get(&address.replace(SCRIPT, LINK)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(web.get("/favicon.ico").await.body, "<svg/>");
}
