use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;

use crate::harness::{Todos, path_of};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

async fn document(todos: &Todos) -> Value {
    todos.call("GET", "/api/openapi.json").send().await.ok()
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// What a `$ref` leads to, or the value itself.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.map_or(value, |pointer| document.pointer(pointer).unwrap())
}

fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = object(&document["paths"]).iter();
    paths
        .flat_map(|(path, item)| {
            let of_path = object(item).iter().filter(|(name, _)| METHODS.contains(&name.as_str()));
            of_path.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

#[tokio::test]
async fn the_document_that_is_served_is_the_one_that_the_routes_make() {
    let served = document(&Todos::new().await).await;
    let made = serde_json::to_value(todos::Api::openapi()).unwrap();
    assert!(
        served == made,
        "run: cargo run -p todos --example openapi > functions/todos/openapi.json"
    );
}

#[tokio::test]
async fn the_document_is_openapi_3_1_with_nothing_dangling() {
    let todos = Todos::new().await;
    let document = document(&todos).await;
    assert_eq!(document["openapi"], "3.1.0");
    for member in ["title", "version"] {
        assert!(document["info"][member].is_string(), "{member}");
    }
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}");
        assert!(operation["summary"].is_string(), "{name}");
        for (status, response) in object(&operation["responses"]) {
            let response = resolved(&document, response);
            assert!(status.parse::<u16>().is_ok() && response["description"].is_string(), "{name}");
            for (media_type, content) in response["content"].as_object().into_iter().flatten() {
                assert!(content["schema"].is_object(), "{name} {status}");
                // 429 is the gateway's.
                let problem = status.starts_with(['4', '5']) && status != "429";
                assert_eq!(media_type == "application/problem+json", problem, "{name} {status}");
            }
        }
        let declared: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| {
                assert_eq!(parameter["required"], true, "{name}");
                parameter["name"].as_str().unwrap()
            })
            .collect();
        let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        assert_eq!(declared, in_path.collect(), "{name}");
        let security = operation.get("security").unwrap_or(&document["security"]);
        for (scheme, _) in security.as_array().into_iter().flatten().flat_map(object) {
            assert!(document["components"]["securitySchemes"][scheme].is_object(), "{scheme}");
        }
    }
    references(&document, &document);
}

/// Every `$ref` leads somewhere.
fn references(value: &Value, document: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref") {
                let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{pointer}");
            }
            members.values().for_each(|value| references(value, document));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, document)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_lists_exactly_the_router_s_routes() {
    let todos = Todos::new().await;
    let document = document(&todos).await;
    for path in object(&document["paths"]).keys() {
        let listed: BTreeSet<&str> = operations(&document)
            .into_iter()
            .filter(|(of, _, _)| of == path)
            .map(|(_, method, _)| method)
            .collect();
        for method in METHODS {
            let call = todos.call(&method.to_uppercase(), &path.replace("{id}", "x"));
            let answer = call.send().await;
            if method == "options" {
                assert_eq!(answer.status, 204, "{path}");
                continue;
            }
            // GET brings HEAD along, which the document need not say.
            let served = listed.contains(method) || method == "head" && listed.contains("get");
            assert_eq!(answer.status != 405, served, "{method} {path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn the_gateway_sends_us_exactly_the_document_s_paths() {
    let todos = Todos::new().await;
    let document = document(&todos).await;
    let routes = local_aws::Template::project().routes().unwrap();
    let routes = routes.iter().filter(|route| route.function == "todos");
    let paths: BTreeSet<String> = routes.map(|route| route.path.to_string()).collect();
    assert_eq!(paths, object(&document["paths"]).keys().cloned().collect());
}

#[tokio::test]
async fn every_route_of_todos_wants_a_token_or_a_session_with_the_csrf_header() {
    let todos = Todos::new().await;
    let document = document(&todos).await;
    for (path, method, operation) in operations(&document) {
        let expected = if path.starts_with("/api/todos") { Value::Null } else { json!([]) };
        assert_eq!(operation["security"], expected, "{method} {path}");
    }
    assert_eq!(document["security"], json!([{"bearer": []}, {"session": [], "csrf": []}]));
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    assert_eq!(schemes["session"]["in"], "cookie");
    assert_eq!(schemes["session"]["name"], "__Host-session");
    assert_eq!(schemes["csrf"]["name"], "X-CSRF");
}

fn schema<'a>(document: &'a Value, name: &str) -> &'a Value {
    &document["components"]["schemas"][name]
}

fn names(value: &Value) -> BTreeSet<&str> {
    object(value).keys().map(String::as_str).collect()
}

fn members(schema: &Value) -> BTreeSet<&str> {
    names(&schema["properties"])
}

fn required(schema: &Value) -> BTreeSet<&str> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.map(|name| name.as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_schemas_are_those_of_the_answers() {
    let todos = Todos::new().await;
    let document = document(&todos).await;
    let user = todos.user("ada");
    let fewest = todos.create(&user, json!({"description": "x"})).await;
    assert_eq!(required(schema(&document, "Todo")), names(&fewest));
    let every_field = json!({"description": "x", "completed": true});
    let every_field = todos.create(&user, every_field).await;
    assert_eq!(members(schema(&document, "Todo")), names(&every_field));
    assert_eq!(required(schema(&document, "TodoPage")), BTreeSet::from(["items", "next"]));

    let call = todos.call("POST", "/api/todos").bearer(&user).json(&json!({}));
    let problem = call.send().await.json();
    assert_eq!(members(schema(&document, "Problem")), names(&problem));
    assert_eq!(members(schema(&document, "MemberError")), names(&problem["errors"][0]));
}

#[tokio::test]
async fn the_schemas_of_bodies_say_what_is_taken() {
    let todos = Todos::new().await;
    let document = document(&todos).await;
    for (name, all, needed) in [
        ("NewTodo", &["completed", "description", "owner"][..], &["description"][..]),
        ("WholeTodo", &["completed", "description"], &["description"]),
        ("TodoPatch", &["completed", "description"], &[]),
    ] {
        let schema = schema(&document, name);
        assert_eq!(members(schema), all.iter().copied().collect(), "{name}");
        assert_eq!(required(schema), needed.iter().copied().collect(), "{name}");
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
    let description = schema(&document, "Description");
    assert_eq!((&description["minLength"], &description["maxLength"]), (&json!(1), &json!(1000)));
}

#[tokio::test]
async fn each_field_of_a_todo_can_be_set_or_is_refused_as_read_only() {
    let todos = Todos::new().await;
    let document = document(&todos).await;
    let settable = members(schema(&document, "TodoPatch"));
    let todo = todos.create(&todos.user("ada"), json!({"description": "x"})).await;
    let call = todos.call("PATCH", &path_of(&todo)).bearer(&todos.user("ada"));
    let refused = call.json(&todo).send().await.errors();
    let read_only = members(schema(&document, "Todo")).difference(&settable).copied().collect();
    let expected = BTreeSet::from_iter(refused).into_iter().map(|(pointer, code)| {
        assert_eq!(code, "read_only", "{pointer}");
        pointer.trim_start_matches('/')
    });
    assert_eq!(expected.collect::<BTreeSet<_>>(), read_only);
}
