use crate::world::World;

#[tokio::test]
async fn a_deleted_todo_is_gone() {
    let world = World::new().await;
    let ada = world.user("ada");
    let path = world.created(&ada, "x").await;
    let answer = world.call("DELETE", &path).bearer(&ada).send().await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
    for method in ["GET", "DELETE"] {
        assert_eq!(world.call(method, &path).bearer(&ada).send().await.status, 404);
    }
    assert_eq!(world.get("/api/todos", &ada).send().await.ok()["items"], serde_json::json!([]));
}

#[tokio::test]
async fn nobody_deletes_somebody_else_s_todo() {
    let world = World::new().await;
    let path = world.created(&world.user("ada"), "x").await;
    let answer = world.call("DELETE", &path).bearer(&world.user("grace")).send().await;
    assert_eq!(answer.refusal(), (404, "not_found"));
    world.get(&path, &world.user("ada")).send().await.ok();
}

#[tokio::test]
async fn if_match_is_honored_by_a_deletion() {
    let world = World::new().await;
    let ada = world.user("ada");
    let path = world.created(&ada, "x").await;
    for (tag, status) in
        [("\"2\"", 412), ("W/\"1\"", 412), ("1", 400), ("\"2\", \"1\"", 204), ("\"1\"", 404)]
    {
        let call = world.call("DELETE", &path).bearer(&ada).header("if-match", tag);
        assert_eq!(call.send().await.status, status, "{tag}");
    }
}
