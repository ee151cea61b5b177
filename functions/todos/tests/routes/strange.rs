//! Requests that nobody means well.

use crate::harness::Todos;

#[tokio::test]
async fn an_unknown_path_is_404() {
    let todos = Todos::new().await;
    for path in [
        "/",
        "/api",
        "/api/",
        "/api/todos/",
        "/api/todos/x/y",
        "/api/Todos",
        "//api/todos",
        "/api/%74odos%00",
        "/api/todo%ff",
        "/.well-known/openid-configuration",
    ] {
        for token in [None, Some(todos.user("ada"))] {
            let call = todos.call("GET", path);
            let call = token.into_iter().fold(call, |call, token| call.bearer(&token));
            assert_eq!(call.send().await.refusal(), (404, "not_found"), "{path}");
        }
    }
}

#[tokio::test]
async fn another_method_is_405_and_allow_names_those_that_work() {
    let todos = Todos::new().await;
    let id = "/api/todos/0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22";
    for (method, path, allowed) in [
        ("DELETE", "/api/todos", "GET,HEAD,POST"),
        ("QUERY", "/api/todos", "GET,HEAD,POST"),
        ("POST", id, "DELETE,GET,HEAD,PATCH,PUT"),
        ("TRACE", id, "DELETE,GET,HEAD,PATCH,PUT"),
        ("POST", "/api/openapi.json", "GET,HEAD"),
        ("DELETE", "/.well-known/oauth-protected-resource", "GET,HEAD"),
    ] {
        let answer = todos.call(method, path).bearer(&todos.user("ada")).send().await;
        assert_eq!(answer.refusal(), (405, "method_not_allowed"), "{method} {path}");
        let mut allow: Vec<&str> =
            answer.header("allow").unwrap().split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!(allow.join(","), allowed, "{method} {path}");
    }
}

/// A browser sends no credentials with a preflight, and the gateway may forward it.
#[tokio::test]
async fn options_is_204_with_allow_whatever_comes_along() {
    let (todos, cookie) = Todos::with_session().await;
    for (path, allowed) in [
        ("/api/todos", "GET,HEAD,POST"),
        ("/api/todos/0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22", "DELETE,GET,HEAD,PATCH,PUT"),
        ("/api/todos/x", "DELETE,GET,HEAD,PATCH,PUT"),
        ("/api/openapi.json", "GET,HEAD"),
        ("/.well-known/oauth-protected-resource", "GET,HEAD"),
    ] {
        let options = || todos.call("OPTIONS", path);
        let preflight = || {
            let call = options().header("origin", "https://app.example.com");
            let call = call.header("access-control-request-method", "DELETE");
            call.header("access-control-request-headers", "authorization,if-match")
        };
        for call in [
            options(),
            preflight(),
            options().bearer(&todos.user("ada")),
            options().bearer("no token"),
            preflight().header("cookie", &cookie),
            options().json(&serde_json::json!({})),
        ] {
            let answer = call.send().await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""), "{path}");
            let allow = answer.header("allow").unwrap().split(',').map(str::trim);
            let mut allow: Vec<_> = allow.collect();
            allow.sort_unstable();
            assert_eq!(allow.join(","), allowed, "{path}");
            // The gateway sets them, and only for the origins that it knows.
            let cors = |name: &&str| name.starts_with("access-control-");
            assert_eq!(
                answer.headers.keys().map(http::HeaderName::as_str).find(cors),
                None,
                "{path}"
            );
        }
    }
    assert_eq!(todos.call("OPTIONS", "/api").send().await.refusal(), (404, "not_found"));
}

#[tokio::test]
async fn a_broken_query_is_400() {
    let todos = Todos::new().await;
    for query in ["limit=%zz", "cursor=%ff", "%=1", "a=%e2%82", "limit=1&limit=2"] {
        let answer = todos.get(&format!("/api/todos?{query}"), &todos.user("ada")).send().await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn nothing_that_arrives_is_a_5xx() {
    let todos = Todos::new().await;
    let tokens = [todos.user("ada"), todos.writer()];
    let path = todos.created(&tokens[0], "x").await;
    let bodies: [&[u8]; 6] = [b"", b"null", b"{\"description\":{}}", b"\xff\xfe", b"[[[", b"{}"];
    for token in &tokens {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] {
            for path in [&*path, "/api/todos", "/api/todos?cursor=%00", "/api/todos/%F0%9F"] {
                for body in bodies {
                    let call = todos.call(method, path).bearer(token);
                    let call = call.header("if-match", b"\"\xe4\"").header("content-length", "x");
                    let call = call.header("idempotency-key", "k");
                    let answer = call.text("application/json", body.to_vec()).send().await;
                    assert!(answer.status.as_u16() < 500, "{method} {path} {body:?}");
                }
            }
        }
    }
}
