use serde_json::json;

use crate::harness::{ORIGIN, Todos};

#[tokio::test]
async fn the_metadata_says_who_issues_tokens_for_what() {
    let todos = Todos::new().await;
    let call = todos.call("GET", "/.well-known/oauth-protected-resource");
    let metadata = call.header("host", "evil.example").send().await.ok();
    let expected = json!({
        "resource": ORIGIN,
        "authorization_servers": [todos.provider.issuer()],
        "scopes_supported": permissions::TODOS.map(|permission| permission.scope),
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(metadata, expected);
}
