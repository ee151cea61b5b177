use crate::harness::Todos;

#[tokio::test]
async fn a_todo_is_read_with_its_entity_tag() {
    let (todos, path) = Todos::with_todo().await;
    let ada = todos.user("ada");
    let answer = todos.get(&path, &ada).send().await;
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.ok()["description"], "x");
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let (todos, path) = Todos::with_todo().await;
    let ada = todos.user("ada");
    for path in [&path, "/api/todos", "/api/openapi.json", "/.well-known/oauth-protected-resource"]
    {
        let get = todos.get(path, &ada).send().await;
        let head = todos.call("HEAD", path).bearer(&ada).send().await;
        assert_eq!(head.status, 200, "{path}");
        assert_eq!(head.header("etag"), get.header("etag"));
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
    let grace = todos.user("grace");
    assert_eq!(todos.call("HEAD", &path).bearer(&grace).send().await.status, 404);
}

#[tokio::test]
async fn somebody_else_s_todo_is_not_there() {
    let (todos, path) = Todos::with_todo().await;
    let grace = todos.user("grace");
    let missing = "/api/todos/0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22";
    let (hers, none) =
        (todos.get(&path, &grace).send().await, todos.get(missing, &grace).send().await);
    assert_eq!(hers.refusal(), (404, "not_found"));
    assert_eq!(hers.body, none.body, "the two must not be told apart");
}

#[tokio::test]
async fn an_id_that_cannot_be_is_not_found() {
    let todos = Todos::new().await;
    for id in [
        "x",
        "..",
        "%2e%2e%2f%2e%2e%2fadmin",
        "%ff",
        "%00",
        "0199F0A4-5C1E-7B3A-9D52-6F1F4F5A1C22",
        "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10",
        &"a".repeat(5000),
    ] {
        for token in [todos.user("ada"), todos.writer()] {
            let answer = todos.get(&format!("/api/todos/{id}"), &token).send().await;
            assert_eq!(answer.refusal(), (404, "not_found"), "{id:.40}");
        }
    }
}
