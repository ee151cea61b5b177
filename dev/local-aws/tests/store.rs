//! The store as the functions see it: through the AWS SDK.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, outside `#[test]` functions, too"
)]

use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    operation::{transact_write_items::TransactWriteItemsError, update_item::UpdateItemError},
    types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};
use local_aws::{LocalDynamoDb, StoreError};
use outbound::{Outbound, Timeouts};
use serde_json::json;
use settings::Environment;

fn client(store: &LocalDynamoDb) -> Client {
    let environment = Environment::of(store.environment());
    Outbound::with_timeouts(&environment, Timeouts::NONE).unwrap().dynamodb(&environment).unwrap()
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

async fn put_todo(client: &Client, owner: &str, id: &str) {
    client
        .put_item()
        .table_name("TodosTable")
        .item("owner_key", s(owner))
        .item("id", s(id))
        .item("todo_id", s(id))
        .item("version", n(1))
        .condition_expression("attribute_not_exists(id)")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn the_tables_of_the_template_are_there_with_their_ttl() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let client = client(&store);
    let tables = client.list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), ["KeysTable", "SessionsTable", "TodosTable"]);
    for table in tables.table_names() {
        let ttl = client.describe_time_to_live().table_name(table).send().await.unwrap();
        let ttl = ttl.time_to_live_description().unwrap();
        assert_eq!(ttl.attribute_name(), Some("expires_at"));
        assert_eq!(ttl.time_to_live_status().unwrap().as_str(), "ENABLED");
    }
}

#[tokio::test]
async fn rows_that_are_filled_in_are_found_in_table_and_index_all_or_none() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let row = |id: &str| json!({ "owner_key": { "S": "ada" }, "id": { "S": id }, "todo_id": { "S": id } });
    store.fill("TodosTable", vec![row("1"), row("2")]).await.unwrap();
    let no_key = json!({ "owner_key": { "S": "ada" } });
    let error = store.fill("TodosTable", vec![row("3"), no_key]).await.unwrap_err().to_string();
    assert!(error.starts_with("the table TodosTable does not take these rows: "), "{error}");
    let client = client(&store);
    let count = async |index: Option<&str>, key: &str, value: &str| {
        let query = client.query().table_name("TodosTable").set_index_name(index.map(Into::into));
        let query = query.key_condition_expression(format!("{key} = :value"));
        query.expression_attribute_values(":value", s(value)).send().await.unwrap().count()
    };
    assert_eq!(count(None, "owner_key", "ada").await, 2);
    assert_eq!(count(Some("by_id"), "todo_id", "2").await, 1);
}

#[tokio::test]
async fn a_conditional_write_happens_once() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let client = client(&store);
    let put = client
        .put_item()
        .table_name("SessionsTable")
        .item("id", s("one"))
        .item("version", n(1))
        .condition_expression("attribute_not_exists(id)");
    put.clone().send().await.unwrap();
    let error = put.send().await.unwrap_err();
    assert_eq!(error.code(), Some("ConditionalCheckFailedException"));

    let update = client
        .update_item()
        .table_name("SessionsTable")
        .key("id", s("one"))
        .update_expression("SET version = version + :one")
        .condition_expression("attribute_exists(id) AND version = :seen")
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":seen", n(1))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    update.clone().send().await.unwrap();
    let error = update.send().await.unwrap_err().into_service_error();
    let UpdateItemError::ConditionalCheckFailedException(failed) = error else { panic!("{error}") };
    assert_eq!(failed.item().unwrap()["version"], n(2));
}

#[tokio::test]
async fn a_deleted_row_is_not_brought_back_by_an_update() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let client = client(&store);
    let update = client
        .update_item()
        .table_name("SessionsTable")
        .key("id", s("gone"))
        .update_expression("SET version = :one")
        .condition_expression("attribute_exists(id)")
        .expression_attribute_values(":one", n(1));
    let error = update.send().await.unwrap_err();
    assert_eq!(error.code(), Some("ConditionalCheckFailedException"));
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing_and_says_which_condition_failed() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let client = client(&store);
    put_todo(&client, "ada", "1").await;
    let put = |id: &str| {
        let put = Put::builder()
            .table_name("TodosTable")
            .item("owner_key", s("ada"))
            .item("id", s(id))
            .condition_expression("attribute_not_exists(id)");
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    };
    let error = client
        .transact_write_items()
        .transact_items(put("2"))
        .transact_items(put("1"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        panic!("{error}")
    };
    let reasons = canceled.cancellation_reasons();
    let codes: Vec<_> = reasons.iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    let second = client.get_item().table_name("TodosTable");
    let second = second.key("owner_key", s("ada")).key("id", s("2")).send().await.unwrap();
    assert_eq!(second.item(), None);

    let update = Update::builder()
        .table_name("TodosTable")
        .key("owner_key", s("ada"))
        .key("id", s("1"))
        .update_expression("SET version = :two")
        .expression_attribute_values(":two", n(2));
    client
        .transact_write_items()
        .transact_items(put("3"))
        .transact_items(TransactWriteItem::builder().update(update.build().unwrap()).build())
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_query_pages_newest_first_and_stays_with_its_owner() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let client = client(&store);
    for id in ["1", "2", "3", "4", "5"] {
        put_todo(&client, "ada", id).await;
        put_todo(&client, "grace", &format!("{id}-grace")).await;
    }
    let mut start = None;
    let mut pages = Vec::new();
    loop {
        let page = client
            .query()
            .table_name("TodosTable")
            .key_condition_expression("owner_key = :owner")
            .expression_attribute_values(":owner", s("ada"))
            .scan_index_forward(false)
            .limit(2)
            .set_exclusive_start_key(start)
            .send()
            .await
            .unwrap();
        pages.push(page.items().iter().map(|item| item["id"].clone()).collect::<Vec<_>>());
        start = page.last_evaluated_key().cloned();
        if start.is_none() {
            break;
        }
    }
    assert_eq!(pages, [vec![s("5"), s("4")], vec![s("3"), s("2")], vec![s("1")]]);
}

#[tokio::test]
async fn the_index_finds_a_todo_without_its_owner_and_only_todos() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let client = client(&store);
    put_todo(&client, "ada", "1").await;
    let idempotency = client.put_item().table_name("TodosTable");
    let idempotency = idempotency.item("owner_key", s("idempotency#ada")).item("id", s("1"));
    idempotency.send().await.unwrap();
    let found = client
        .query()
        .table_name("TodosTable")
        .index_name("by_id")
        .key_condition_expression("todo_id = :id")
        .expression_attribute_values(":id", s("1"))
        .send()
        .await
        .unwrap();
    let [item] = found.items() else { panic!("{found:?}") };
    assert_eq!(item["owner_key"], s("ada"));
    assert!(!item.contains_key("version"), "only keys are projected");
    let all = client.scan().table_name("TodosTable").index_name("by_id").send().await.unwrap();
    assert_eq!(all.count(), 1);
}

#[tokio::test]
async fn a_paused_store_refuses_and_comes_back_on_its_port_with_its_rows() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let client = client(&store);
    put_todo(&client, "ada", "1").await;
    for _ in 0..2 {
        store.pause().await;
        store.pause().await;
        assert!(client.list_tables().send().await.is_err());
        store.resume().await.unwrap();
        store.resume().await.unwrap();
        let scan = client.scan().table_name("TodosTable").send().await.unwrap();
        assert_eq!(scan.count(), 1);
    }
}

#[tokio::test]
async fn rows_in_a_file_are_there_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = LocalDynamoDb::in_file(&path).await.unwrap();
    put_todo(&client(&store), "ada", "1").await;
    store.pause().await;
    drop(store);
    let store = LocalDynamoDb::in_file(&path).await.unwrap();
    let scan = client(&store).scan().table_name("TodosTable").send().await.unwrap();
    assert_eq!(scan.count(), 1);
}

#[tokio::test]
async fn rows_whose_ttl_has_passed_go_when_a_file_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = LocalDynamoDb::in_file(&path).await.unwrap();
    for (id, ends) in [("old", 1_000_000_000), ("lasting", 9_000_000_000)] {
        let put = client(&store).put_item().table_name("SessionsTable");
        put.item("id", s(id)).item("expires_at", n(ends)).send().await.unwrap();
    }
    store.pause().await;
    drop(store);
    let store = LocalDynamoDb::in_file(&path).await.unwrap();
    let scan = client(&store).scan().table_name("SessionsTable").send().await.unwrap();
    let ids: Vec<_> = scan.items().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(ids, [s("lasting")]);
}

#[tokio::test]
async fn a_file_is_opened_by_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let first = LocalDynamoDb::in_file(&path).await.unwrap();
    let error = LocalDynamoDb::in_file(&path).await.unwrap_err();
    assert!(matches!(&error, StoreError::InUse { .. }), "{error}");
    assert!(
        error.to_string().ends_with(
            "store.db is in use by another process: end that one, or use another folder"
        )
    );
    drop(first);
    LocalDynamoDb::in_file(&path).await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_made_or_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = LocalDynamoDb::in_file(folder.path().join("no/store.db")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Open { .. }), "{error}");
    let path = folder.path().join("text.db");
    std::fs::write(&path, "not a database, and long enough to tell\n".repeat(100)).unwrap();
    let error = LocalDynamoDb::in_file(&path).await.unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { .. }), "{error}");
}

/// A `ListTables` request as the SDK writes it, with another value for some headers.
async fn list_tables(store: &LocalDynamoDb, changed: &[(&str, &str)]) -> reqwest::Response {
    let environment = Environment::of(store.environment());
    let key = environment.text("AWS_ACCESS_KEY_ID").unwrap();
    let signature = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261130/eu-central-1/dynamodb/aws4_request, \
         SignedHeaders=host, Signature=00"
    );
    let mut request = Outbound::from_environment(&environment)
        .unwrap()
        .http()
        .post(store.endpoint())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-date", "20261130T000000Z")
        .header("x-amz-target", "DynamoDB_20120810.ListTables")
        .header("authorization", signature)
        .body("{}")
        .build()
        .unwrap();
    for (name, value) in changed {
        let name: reqwest::header::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let http = Outbound::from_environment(&environment).unwrap().http().clone();
    let response = http.execute(request).await.unwrap();
    let cors = response.headers().keys().find(|it| it.as_str().starts_with("access-control-"));
    assert_eq!(cors, None, "{changed:?}");
    response
}

#[tokio::test]
async fn a_web_page_cannot_reach_the_database() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    assert_eq!(list_tables(&store, &[]).await.status(), 200);
    for origin in ["https://evil.example", "http://localhost:3000", store.endpoint(), "null"] {
        let response = list_tables(&store, &[("origin", origin)]).await;
        assert_eq!(response.status(), 403, "{origin}");
    }
    let preflight = Outbound::from_environment(&Environment::default())
        .unwrap()
        .http()
        .request(reqwest::Method::OPTIONS, store.endpoint())
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,x-amz-target");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(!response.headers().keys().any(|it| it.as_str().starts_with("access-control-")));
}

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    for (host, status) in [
        ("localhost", 200),
        ("localhost:1", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:8000", 421),
        ("evil@localhost@evil.example", 421),
    ] {
        let response = list_tables(&store, &[("host", host)]).await;
        assert_eq!(response.status(), status, "{host}");
    }
}

#[tokio::test]
async fn a_request_with_another_access_key_is_refused() {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let other = LocalDynamoDb::in_memory().await.unwrap();
    let key = |store: &LocalDynamoDb| {
        Environment::of(store.environment()).text("AWS_ACCESS_KEY_ID").unwrap().to_owned()
    };
    assert_eq!(key(&store).len(), 20);
    assert_ne!(key(&store), key(&other), "it is generated at each start");
    let rest = "20261130/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00";
    for authorization in [
        format!("AWS4-HMAC-SHA256 Credential=local/{rest}"),
        format!("AWS4-HMAC-SHA256 Credential={}/{rest}", key(&other)),
        format!("AWS4-HMAC-SHA256 Credential={}0/{rest}", key(&store)),
        format!("AWS4-HMAC-SHA256 Credential=/{rest}, Credential={}/{rest}", key(&store)),
        "Basic bG9jYWw6bG9jYWw=".to_owned(),
        String::new(),
    ] {
        let response = list_tables(&store, &[("authorization", &authorization)]).await;
        assert_eq!(response.status(), 400, "{authorization}");
        let body: serde_json::Value =
            serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(
            body["__type"], "com.amazon.coral.service#UnrecognizedClientException",
            "{authorization}"
        );
    }
}

/// The part of the next test that runs in a process of its own.
#[tokio::test]
#[ignore = "aborts its process; `rows_outlive_a_process_that_is_killed` runs it"]
async fn write_and_abort() {
    let path = std::env::var("STORE").expect("the other test sets it");
    let store = LocalDynamoDb::in_file(path).await.unwrap();
    put_todo(&client(&store), "ada", "1").await;
    std::process::abort();
}

#[tokio::test]
async fn rows_outlive_a_process_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let killed = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "write_and_abort", "--ignored"])
        .env("STORE", &path)
        .output()
        .unwrap();
    assert!(!killed.status.success());
    let store = LocalDynamoDb::in_file(&path).await.unwrap();
    let scan = client(&store).scan().table_name("TodosTable").send().await.unwrap();
    assert_eq!(scan.count(), 1);
}
