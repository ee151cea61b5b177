use serde_json::{Value, json};

use crate::harness::Todos;

fn descriptions(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|todo| todo["description"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_list_without_todos_is_empty() {
    let todos = Todos::new().await;
    let page = todos.get("/api/todos", &todos.user("ada")).send().await.ok();
    assert_eq!(page, json!({"items": [], "next": null}));
}

#[tokio::test]
async fn a_user_sees_their_own_todos_newest_first() {
    let todos = Todos::new().await;
    for n in 0..3 {
        todos.created(&todos.user("ada"), &format!("ada {n}")).await;
        todos.created(&todos.user("grace"), &format!("grace {n}")).await;
    }
    let page = todos.get("/api/todos", &todos.user("ada")).send().await.ok();
    assert_eq!(descriptions(&page), ["ada 2", "ada 1", "ada 0"]);
    assert_eq!(page["next"], Value::Null);
}

#[tokio::test]
async fn the_same_id_under_another_issuer_is_somebody_else() {
    let todos = Todos::new().await;
    todos.created(&todos.user("ada"), "hers").await;
    let rows = todos.rows("TodosTable").await;
    let key = rows[0]["owner_key"].as_s().unwrap();
    assert_eq!(*key, format!("{}#ada", todos.provider.issuer()));
    let mut foreign = rows[0].clone();
    foreign.extend([(
        "owner_key".to_owned(),
        aws_sdk_dynamodb::types::AttributeValue::S("https://other.example#ada".to_owned()),
    )]);
    let put = todos.dynamodb.put_item().table_name("TodosTable").set_item(Some(foreign));
    put.send().await.unwrap();
    for token in [todos.user("ada"), todos.writer()] {
        let page = todos.get("/api/todos", &token).send().await.ok();
        assert_eq!(descriptions(&page).len(), 1);
    }
}

#[tokio::test]
async fn sixty_todos_are_paged_without_gap_or_repetition_while_others_are_added() {
    let (todos, ada) = Todos::with_user().await;
    for n in 0..60 {
        todos.created(&ada, &format!("{n}")).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/todos".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = todos.get(&path, &ada).send().await.ok();
        sizes.push(descriptions(&page).len());
        seen.extend(descriptions(&page));
        // What is added meanwhile goes to the front and moves nothing.
        todos.created(&ada, "late").await;
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/todos?cursor={next}");
    }
    assert_eq!(sizes, [25, 25, 10]);
    let expected: Vec<String> = (0..60).rev().map(|n| n.to_string()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_page_that_ends_with_the_list_has_no_next() {
    let (todos, ada) = Todos::with_user().await;
    for n in 0..4 {
        todos.created(&ada, &n.to_string()).await;
    }
    for (limit, has_next) in [(1, true), (3, true), (4, false), (5, false), (100, false)] {
        let page = todos.get(&format!("/api/todos?limit={limit}"), &ada).send().await.ok();
        assert_eq!(descriptions(&page).len(), limit.min(4));
        assert_eq!(page["next"].is_string(), has_next, "limit {limit}");
    }
}

#[tokio::test]
async fn a_cursor_outlives_the_todo_it_points_at() {
    let (todos, ada) = Todos::with_user().await;
    let mut paths = Vec::new();
    for n in 0..4 {
        paths.push(todos.created(&ada, &n.to_string()).await);
    }
    let page = todos.get("/api/todos?limit=2", &ada).send().await.ok();
    todos.call("DELETE", &paths[2]).bearer(&ada).send().await;
    let next = page["next"].as_str().unwrap();
    let page = todos.get(&format!("/api/todos?limit=2&cursor={next}"), &ada).send().await.ok();
    assert_eq!(descriptions(&page), ["1", "0"]);
}

#[tokio::test]
async fn a_limit_out_of_range_or_no_number_is_400() {
    let todos = Todos::new().await;
    for limit in ["0", "101", "-1", "ten", "", "1.5", "99999999999999999999"] {
        let path = format!("/api/todos?limit={limit}");
        let answer = todos.get(&path, &todos.user("ada")).send().await;
        assert_eq!(answer.refusal(), (400, "bad_limit"), "{limit}");
    }
}

#[tokio::test]
async fn a_forged_cursor_or_another_user_s_is_400() {
    let todos = Todos::new().await;
    let (ada, grace) = (todos.user("ada"), todos.user("grace"));
    for n in 0..2 {
        todos.created(&ada, &n.to_string()).await;
    }
    let page = todos.get("/api/todos?limit=1", &ada).send().await.ok();
    let hers = page["next"].as_str().unwrap().to_owned();
    let mut forged = hers.clone();
    forged.replace_range(30..31, if &hers[30..31] == "A" { "B" } else { "A" });
    for (token, cursor) in [(&grace, &*hers), (&ada, &*forged), (&ada, ""), (&ada, "AAAA")] {
        let answer = todos.get(&format!("/api/todos?cursor={cursor}"), token).send().await;
        assert_eq!(answer.refusal(), (400, "bad_cursor"), "{cursor}");
    }
    todos.get(&format!("/api/todos?cursor={hers}"), &ada).send().await.ok();
}

#[tokio::test]
async fn parameters_of_other_names_are_passed_over() {
    let todos = Todos::new().await;
    todos.get("/api/todos?_=1&sort=x&sort=y", &todos.user("ada")).send().await.ok();
}
