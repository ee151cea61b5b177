#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, outside `#[test]` functions, too"
)]

use std::net::TcpListener;

use serde_json::Value;

use crate::process::{Stack, http};

async fn create(stack: &Stack) {
    let request = http()
        .post(stack.url("/api/todos"))
        .header("authorization", stack.daemon().await)
        .header("content-type", "application/json")
        .body(r#"{"description":"outlive","owner":"someone"}"#);
    assert_eq!(request.send().await.unwrap().status(), 201);
}

async fn descriptions(stack: &Stack) -> Vec<Value> {
    let request = http().get(stack.url("/api/todos")).header("authorization", stack.daemon().await);
    let list = request.send().await.unwrap().bytes().await.unwrap();
    let list: Value = serde_json::from_slice(&list).unwrap();
    list["items"].as_array().unwrap().iter().map(|item| item["description"].clone()).collect()
}

/// A port that is free and whose next one is free, too.
fn free_pair() -> u16 {
    let free = |port| TcpListener::bind(("127.0.0.1", port)).ok();
    loop {
        let port = free(0).unwrap().local_addr().unwrap().port();
        if free(port).is_some() && port.checked_add(1).and_then(free).is_some() {
            return port;
        }
    }
}

#[tokio::test]
async fn todos_and_the_provider_are_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_pair().to_string();
    // The issuer has the provider's port in it, and owners are known under their issuer.
    let data = folder.path().join("data");
    let data = ["--data", data.to_str().unwrap(), "--port", &port];
    for signal in ["INT", "KILL"] {
        let stack = Stack::start(&data);
        let provider = stack.details["provider"]["daemon"].clone();
        create(&stack).await;
        let before = descriptions(&stack).await;
        stack.end(signal);
        let stack = Stack::start(&data);
        assert_eq!(descriptions(&stack).await, before, "{signal}");
        assert_eq!(stack.details["provider"]["daemon"], provider, "{signal}");
        stack.end("INT");
    }
}

#[tokio::test]
async fn in_memory_nothing_is_kept() {
    let stack = Stack::start(&["--memory"]);
    create(&stack).await;
    stack.end("INT");
    let stack = Stack::start(&["--memory"]);
    assert_eq!(descriptions(&stack).await, Vec::<Value>::new());
}

#[cfg(unix)]
#[test]
fn others_may_not_look_into_the_data_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let stack = Stack::start(&["--data", data.to_str().unwrap()]);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&data) & 0o777, 0o700);
    let files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|it| it.unwrap().path()).collect();
    assert!(files.len() >= 3, "the database, its lock and the provider's file: {files:?}");
    for file in files {
        assert_eq!(mode(&file) & 0o777, 0o600, "{}", file.display());
    }
    stack.end("INT");
}
