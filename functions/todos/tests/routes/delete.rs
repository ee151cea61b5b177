use crate::harness::Todos;

#[tokio::test]
async fn a_deleted_todo_is_gone() {
    let (todos, path) = Todos::with_todo().await;
    let ada = todos.user("ada");
    let answer = todos.call("DELETE", &path).bearer(&ada).send().await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
    for method in ["GET", "DELETE"] {
        assert_eq!(todos.call(method, &path).bearer(&ada).send().await.status, 404);
    }
    assert_eq!(todos.get("/api/todos", &ada).send().await.ok()["items"], serde_json::json!([]));
}

#[tokio::test]
async fn nobody_deletes_somebody_else_s_todo() {
    let (todos, path) = Todos::with_todo().await;
    let answer = todos.call("DELETE", &path).bearer(&todos.user("grace")).send().await;
    assert_eq!(answer.refusal(), (404, "not_found"));
    todos.get(&path, &todos.user("ada")).send().await.ok();
}

#[tokio::test]
async fn if_match_is_honored_by_a_deletion() {
    let (todos, path) = Todos::with_todo().await;
    let ada = todos.user("ada");
    for (tag, status) in
        [("\"2\"", 412), ("W/\"1\"", 412), ("1", 400), ("\"2\", \"1\"", 204), ("\"1\"", 404)]
    {
        let call = todos.call("DELETE", &path).bearer(&ada).header("if-match", tag);
        assert_eq!(call.send().await.status, status, "{tag}");
    }
}
