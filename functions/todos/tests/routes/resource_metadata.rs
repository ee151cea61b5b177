use serde_json::json;

use crate::world::{ORIGIN, World};

#[tokio::test]
async fn the_metadata_says_who_issues_tokens_for_what() {
    let world = World::new().await;
    let call = world.call("GET", "/.well-known/oauth-protected-resource");
    let metadata = call.header("host", "evil.example").send().await.ok();
    let expected = json!({
        "resource": ORIGIN,
        "authorization_servers": [world.provider.issuer()],
        "scopes_supported": ["ToDoList.Read", "ToDoList.ReadWrite"],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(metadata, expected);
}
