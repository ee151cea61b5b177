//! `Idempotency-Key`.

use std::{collections::BTreeSet, time::Duration};

use auth::Clock;
use serde_json::{Value, json};
use test_support::ApiCall;

use crate::harness::{TestResponse, Todos};

fn post(todos: &Todos, token: &str, key: &str, body: &Value) -> ApiCall {
    todos.call("POST", "/api/todos").bearer(token).header("idempotency-key", key).json(body)
}

async fn count(todos: &Todos) -> usize {
    let page = todos.get("/api/todos?limit=100", &todos.writer()).send().await.ok();
    page["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_retry_gives_the_first_result_whatever_became_of_the_todo() {
    let (todos, ada) = Todos::with_user().await;
    let body = json!({"description": "x"});
    let first = post(&todos, &ada, "k", &body).send().await;
    let path = first.header("location").unwrap().to_owned();
    let check = async |retry: TestResponse| {
        assert_eq!(retry.status, 201);
        assert_eq!(retry.header("location"), Some(&*path));
        assert_eq!(retry.header("etag"), Some("\"1\""));
        assert_eq!(retry.body, first.body);
    };
    // The same request however it is written, and at another instance.
    let spaced = " {\"completed\" : false, \"description\": \" x\"}";
    let call = todos.call("POST", "/api/todos").bearer(&ada).header("idempotency-key", "k");
    check(call.text("application/json", spaced).send().await).await;
    check(post(&todos, &ada, "k", &body).on(&todos.another_instance()).send().await).await;

    let change = todos.call("PATCH", &path).bearer(&ada).json(&json!({"completed": true}));
    assert_eq!(change.send().await.status, 200);
    check(post(&todos, &ada, "k", &body).send().await).await;

    assert_eq!(todos.call("DELETE", &path).bearer(&ada).send().await.status, 204);
    check(post(&todos, &ada, "k", &body).send().await).await;
    assert_eq!(count(&todos).await, 0, "the retry brought it back");
}

#[tokio::test]
async fn the_same_key_with_another_body_is_422() {
    let (todos, ada) = Todos::with_user().await;
    post(&todos, &ada, "k", &json!({"description": "x"})).send().await;
    for body in [json!({"description": "y"}), json!({"description": "x", "completed": true})] {
        let answer = post(&todos, &ada, "k", &body).send().await;
        assert_eq!(answer.refusal(), (422, "idempotency_key_reused"));
    }
    assert_eq!(count(&todos).await, 1);
}

/// Every field of the OpenAPI schema counts, also one that is added later.
#[tokio::test]
async fn a_request_that_differs_in_any_field_is_another_request() {
    let todos = Todos::new().await;
    let document = todos.call("GET", "/api/openapi.json").send().await.ok();
    let schemas = &document["components"]["schemas"];
    let first = json!({"description": "x", "owner": "ada"});
    post(&todos, &todos.writer(), "k", &first).send().await;
    for (name, schema) in schemas["NewTodo"]["properties"].as_object().unwrap() {
        // An optional field is one of null and its type.
        let types = schema["oneOf"].as_array().map_or(std::slice::from_ref(schema), Vec::as_slice);
        let reference = types.iter().find_map(|schema| schema["$ref"].as_str());
        let named = reference.map(|name| &schemas[name.rsplit('/').next().unwrap()]);
        let schema = named.unwrap_or(schema);
        let mut body = first.clone();
        let boolean = schema["type"] == "boolean";
        body[name] = if boolean { json!(true) } else { schema["examples"][0].clone() };
        assert!(!body[name].is_null(), "the schema of {name} needs an example");
        let answer = post(&todos, &todos.writer(), "k", &body).send().await;
        assert_eq!(answer.refusal(), (422, "idempotency_key_reused"), "{name}");
    }
}

#[tokio::test]
async fn a_key_belongs_to_its_caller() {
    let todos = Todos::new().await;
    let body = json!({"description": "x"});
    let owned = json!({"description": "x", "owner": "ada"});
    let other_app = todos.app("other", "ToDoList.ReadWrite.All");
    // The last is an application with the id of a user.
    let same_name = todos.app("ada", "ToDoList.ReadWrite.All");
    let mut ids = BTreeSet::new();
    for (token, body) in [
        (todos.user("ada"), &body),
        (todos.user("grace"), &body),
        (todos.writer(), &owned),
        (other_app, &owned),
        (same_name, &owned),
    ] {
        let todo = post(&todos, &token, "k", body).send().await.json();
        assert!(ids.insert(todo["id"].as_str().unwrap().to_owned()));
    }
}

#[tokio::test]
async fn of_equal_requests_at_once_one_creates_and_all_get_its_result() {
    let todos = Todos::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let call = post(&todos, &todos.user("ada"), "k", &json!({"description": "x"}));
        tasks.spawn(call.on(&todos.another_instance()).send());
    }
    let answers = tasks.join_all().await;
    let bodies: BTreeSet<String> = answers.iter().map(|answer| answer.body.clone()).collect();
    assert!(answers.iter().all(|answer| answer.status == 201), "{bodies:?}");
    assert_eq!(bodies.len(), 1);
    assert_eq!(count(&todos).await, 1);
}

#[tokio::test]
async fn a_refused_request_uses_no_key_up() {
    let (todos, ada) = Todos::with_user().await;
    assert_eq!(post(&todos, &ada, "k", &json!({"description": ""})).send().await.status, 422);
    assert_eq!(post(&todos, &ada, "k", &json!({"description": "x"})).send().await.status, 201);
}

#[tokio::test]
async fn a_malformed_key_is_400() {
    let (todos, ada) = Todos::with_user().await;
    let body = json!({"description": "x"});
    for key in ["", "a b", "\u{e4}", &"k".repeat(256)] {
        let answer = post(&todos, &ada, key, &body).send().await;
        assert_eq!(answer.refusal(), (400, "malformed_idempotency_key"), "{key}");
    }
    let twice = post(&todos, &ada, "k", &body).header("idempotency-key", "k");
    assert_eq!(twice.send().await.refusal(), (400, "malformed_idempotency_key"));
    assert_eq!(post(&todos, &ada, &"k".repeat(255), &body).send().await.status, 201);
}

#[tokio::test]
async fn a_key_is_free_again_after_24_hours_even_if_the_row_is_still_there() {
    let todos = Todos::new().await;
    let body = json!({"description": "x"});
    let token = |todos: &Todos| {
        let now = todos.clock.now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let token = todos.token("ada").claim("iat", now).claim("nbf", now);
        token.claim("exp", now + 600).signed()
    };
    let first = post(&todos, &token(&todos), "k", &body).send().await.json();
    todos.clock.advance(Duration::from_mins(24 * 60 - 1));
    let same = post(&todos, &token(&todos), "k", &body).send().await.json();
    assert_eq!(same["id"], first["id"]);
    todos.clock.advance(Duration::from_mins(2));
    let other = post(&todos, &token(&todos), "k", &body).send().await.json();
    assert_ne!(other["id"], first["id"]);
    let again = post(&todos, &token(&todos), "k", &body).send().await.json();
    assert_eq!(again["id"], other["id"]);
}

#[tokio::test]
async fn a_record_keeps_no_key_and_expires_by_itself() {
    let todos = Todos::new().await;
    post(&todos, &todos.user("ada"), "the-key", &json!({"description": "x"})).send().await;
    let rows = todos.rows("TodosTable").await;
    let (records, todos): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| row["owner_key"].as_s().unwrap().starts_with("idem"));
    assert_eq!((records.len(), todos.len()), (1, 1));
    assert!(!format!("{records:?}").contains("the-key"));
    assert!(records[0].contains_key("expires_at") && !records[0].contains_key("todo_id"));
    assert!(!todos[0].contains_key("expires_at") && todos[0].contains_key("todo_id"));
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_one_caller() {
    let todos = Todos::new().await;
    let body = json!({ "description": "x" });
    let first = post(&todos, &todos.user("ada"), "k", &body).send().await.json();
    let other = post(&todos, &todos.user("eve"), "k", &body).send().await.json();
    assert_ne!(first["id"], other["id"]);
    assert_eq!(other["owner"], "eve");
}
