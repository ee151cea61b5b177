//! The start of the function.

use std::time::Duration;

use outbound::Timeouts;
use test_support::{Endpoint, MockResponse};

use crate::harness::Todos;

async fn start(todos: &Todos) -> axum::Router {
    let config = todos::Config::from_environment(&todos.environment).unwrap();
    let started = todos::State::start(config, &todos.environment, &todos.outbound).await;
    todos::app(started.unwrap())
}

#[tokio::test]
async fn keys_are_loaded_while_the_function_starts() {
    let todos = Todos::new().await;
    let app = start(&todos).await;
    assert_eq!(todos.provider.received(Endpoint::Keys).len(), 1);
    todos.get("/api/todos", &todos.user("ada")).on(&app).send().await.ok();
    assert_eq!(todos.provider.received(Endpoint::Keys).len(), 1, "the first request asked again");
}

#[tokio::test]
async fn a_start_without_provider_and_store_is_no_failure() {
    let todos = Todos::new().await;
    todos.provider.stop().await;
    todos.store.pause().await;
    let app = start(&todos).await;
    let answer = todos.get("/api/todos", &todos.user("ada")).on(&app).send().await;
    assert_eq!(answer.status, 503);
    // What needs neither works all along.
    todos.call("GET", "/api/openapi.json").on(&app).send().await.ok();
}

#[tokio::test]
async fn a_provider_that_never_answers_does_not_hold_up_the_start() {
    let mut todos = Todos::new().await;
    todos.set_timeouts(Timeouts { warm_up: Duration::from_millis(50), ..Timeouts::NONE });
    for endpoint in [Endpoint::Discovery, Endpoint::Keys] {
        todos.provider.always(endpoint, MockResponse::never());
    }
    let _started = start(&todos).await;
}

#[tokio::test]
async fn without_aws_settings_there_is_no_start() {
    let todos = Todos::new().await;
    for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        let environment = todos.environment.clone().without(name);
        let config = todos::Config::from_environment(&environment).unwrap();
        let started = todos::State::start(config, &environment, &todos.outbound).await;
        let line = started.err().unwrap().to_string();
        assert!(line.starts_with(&format!("{name} is not set; for example {name}=")), "{line}");
    }
}
