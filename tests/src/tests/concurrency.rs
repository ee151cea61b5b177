//! Many at once.

use crate::{
    answer::Answer,
    api::{Api, path_of},
    client::Body,
    test_context::TestContext,
    trial::trials,
};
use anyhow::Result;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use std::collections::HashSet;
use uuid::Uuid;

trials! {
    of_many_writes_to_one_version_one_wins,
    many_writes_without_a_version_all_count,
    many_retries_make_one_todo,
}

async fn of_many_writes_to_one_version_one_wins(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let todo = daemon.make("contested").await?;
    let seen = format!("\"{}\"", todo["version"]);
    let writes = (0..10).map(|number| {
        let body = json!({ "description": format!("write {number}") });
        let request = daemon.request(Method::PATCH, &path_of(&todo)).header("if-match", &seen);
        Answer::to(request.json_body(&body))
    });
    let mut won = Vec::new();
    for answer in join_all(writes).await {
        let answer = answer?;
        match answer.status {
            200 => won.push(answer.json()),
            _ => drop(answer.problem(412)),
        }
    }
    assert_eq!(won.len(), 1);
    assert_eq!(Answer::to(daemon.get(&path_of(&todo))).await?.json(), won[0]);
    Ok(())
}

async fn many_writes_without_a_version_all_count(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let todo = daemon.make("busy").await?;
    let writes = (0..10).map(|number| {
        let body = if number % 2 == 0 {
            json!({ "completed": true })
        } else {
            json!({ "description": "busier" })
        };
        Answer::to(daemon.request(Method::PATCH, &path_of(&todo)).json_body(&body))
    });
    let mut versions = HashSet::new();
    for answer in join_all(writes).await {
        versions.insert(answer?.is(200).json()["version"].as_u64());
    }
    assert_eq!(versions.len(), 10, "two writes made the same version");
    let now = Answer::to(daemon.get(&path_of(&todo))).await?.json();
    assert_eq!((&now["description"], &now["completed"]), (&json!("busier"), &json!(true)));
    Ok(())
}

async fn many_retries_make_one_todo(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    let key = Uuid::new_v4().to_string();
    let posts = (0..8).map(|_| {
        Answer::to(daemon.post(&daemon.todo("impatient")).header("idempotency-key", &key))
    });
    let mut ids = HashSet::new();
    for answer in join_all(posts).await {
        let answer = answer?;
        // One that is still under way elsewhere may be put off.
        if matches!(answer.status, 200 | 201) {
            ids.insert(answer.json()["id"].as_str().unwrap_or_default().to_owned());
        } else {
            assert_eq!(answer.status, 409, "{answer:?}");
        }
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    Ok(())
}
