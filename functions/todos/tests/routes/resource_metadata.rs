use serde_json::json;

use crate::harness::{ORIGIN, Todos};

const PATH: &str = "/.well-known/oauth-protected-resource";

#[tokio::test]
async fn the_metadata_says_who_issues_tokens_for_what() {
    let todos = Todos::new().await;
    let metadata = todos.call("GET", PATH).header("host", "evil.example").send().await.ok();
    let expected = json!({
        "resource": ORIGIN,
        "authorization_servers": [todos.provider.issuer()],
        "scopes_supported": ["api://todos/ToDoList.Read", "api://todos/ToDoList.ReadWrite"],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(metadata, expected);
}

#[tokio::test]
async fn the_resource_is_as_the_provider_knows_it() {
    for (setting, at_origin, at_api, announced) in [
        ("", ORIGIN, "https://todos.example.com/api", ""),
        (
            "https://todos.example.com/api/",
            "https://todos.example.com/api",
            "https://todos.example.com/api",
            "/api",
        ),
        (
            "https://todos.example.com/v2",
            "https://todos.example.com/v2",
            "https://todos.example.com/v2",
            "",
        ),
        (
            "https://api.example.com/api",
            "https://api.example.com/api",
            "https://api.example.com/api",
            "",
        ),
    ] {
        let todos = Todos::with_settings([("API_RESOURCE", setting)]).await;
        for (path, resource) in [("", at_origin), ("/api", at_api)] {
            let metadata = todos.call("GET", &format!("{PATH}{path}")).send().await.ok();
            assert_eq!(metadata["resource"], resource, "{setting} {path}");
        }
        let answer = todos.call("GET", "/api/todos").send().await;
        let challenge = answer.header("www-authenticate").unwrap().to_owned();
        let expected = format!("resource_metadata=\"{ORIGIN}{PATH}{announced}\"");
        assert!(challenge.ends_with(&expected), "{setting}: {challenge}");
    }
}

#[tokio::test]
async fn scopes_are_named_as_clients_request_them() {
    for (web_app, read, write) in [
        // Entra: the scope that the web app leaves out has the same prefix.
        ("api://t/ToDoList.ReadWrite", "api://t/ToDoList.Read", "api://t/ToDoList.ReadWrite"),
        (
            "https://t.example/api/ToDoList.Read",
            "https://t.example/api/ToDoList.Read",
            "https://t.example/api/ToDoList.ReadWrite",
        ),
        // Everybody else.
        ("ToDoList.Read api://t/ToDoList.ReadWrite", "ToDoList.Read", "ToDoList.ReadWrite"),
        ("openid MyToDoList.Read", "ToDoList.Read", "ToDoList.ReadWrite"),
        ("", "ToDoList.Read", "ToDoList.ReadWrite"),
    ] {
        let todos = Todos::with_settings([("OIDC_SCOPES", web_app)]).await;
        let metadata = todos.call("GET", PATH).send().await.ok();
        assert_eq!(metadata["scopes_supported"], json!([read, write]), "{web_app}");
        // A request without a token, one with a bad token, and one with too weak a token.
        let weak = todos.provider.access_token().claim("scp", "other").signed();
        for (method, scope) in [("GET", read), ("POST", write)] {
            for (token, status) in [(None, 401), (Some("x"), 401), (Some(&*weak), 403)] {
                let call = todos.call(method, "/api/todos");
                let call = token.into_iter().fold(call, test_support::ApiCall::bearer);
                let answer = call.send().await;
                assert_eq!(answer.status, status, "{method} {token:?}");
                let challenge = answer.header("www-authenticate").unwrap();
                assert!(challenge.contains(&format!(" scope=\"{scope}\"")), "{challenge}");
            }
        }
    }
}

#[tokio::test]
async fn scopes_of_a_resource_server_at_cognito_are_what_they_are() {
    let todos = Todos::with_settings([
        ("OIDC_PROVIDER", "cognito"),
        ("API_AUDIENCE", "web"),
        ("TODOS_READ_SCOPE", "todos/read"),
        ("TODOS_WRITE_SCOPE", "todos/write"),
        ("OIDC_SCOPES", "todos/read todos/write"),
    ])
    .await;
    let metadata = todos.call("GET", PATH).send().await.ok();
    assert_eq!(metadata["scopes_supported"], json!(["todos/read", "todos/write"]));
    let token = todos.provider.access_token().claim("client_id", "web").without("scp");
    let reader = token.claim("scope", "openid todos/read").signed();
    todos.get("/api/todos", &reader).send().await.ok();
    let call = todos.call("POST", "/api/todos").bearer(&reader);
    let answer = call.json(&json!({"description": "x"})).send().await;
    assert_eq!(answer.refusal(), (403, "insufficient_scope"));
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains(" scope=\"todos/write\""), "{challenge}");
}
