//! What the function `keys` writes, and what it spares the others.

use anyhow::Result;
use on_lambda::{Event, Function, Machine};

#[tokio::test]
async fn a_cold_start_asks_the_provider_nothing_once_keys_has_run() -> Result<()> {
    let machine = Machine::start().await?;
    let bearer = format!("Bearer {}", machine.idp.daemon_token());
    let mut keys = Function::start("keys", &machine).await?;
    keys.run().await?;
    keys.run().await?;
    machine.stop_provider();

    let mut todos = Function::start("todos", &machine).await?;
    let list = Event::get("/api/todos").query("owner=a").header("authorization", &bearer);
    let list = todos.invoke(list).await?;
    assert_eq!(list.status, 200, "{list:?}");
    Ok(())
}

#[tokio::test]
async fn a_run_that_cannot_reach_the_provider_is_an_error_that_lambda_repeats() -> Result<()> {
    let machine = Machine::start().await?;
    machine.stop_provider();
    let mut keys = Function::start("keys", &machine).await?;
    let error = keys.run().await.unwrap_err().to_string();
    assert!(error.contains("not available"), "{error}");
    assert!(keys.lives());
    Ok(())
}
