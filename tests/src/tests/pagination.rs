//! Lists, page by page.

use crate::{answer::Answer, api::Api, person::Person, test_context::TestContext, trial::trials};
use anyhow::{Context, Result};
use serde_json::Value;

trials! {
    pages_come_newest_first_and_miss_nothing,
    a_limit_that_is_none_is_400,
    a_forged_cursor_is_400
        tries "Cursors that are made up, cut or huge",
    a_cursor_of_somebody_else_is_400
        tries "Another user's cursor",
}

async fn pages_come_newest_first_and_miss_nothing(test: &TestContext) -> Result<()> {
    let page = test.signed_in(&Person::new(test.target())).await?;
    let session = Api::with_session(test, &page.session_cookie().await?);
    for number in 1..=5 {
        session.make(&format!("todo {number}")).await?;
    }
    let mut found = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = Answer::to(session.list(&query)).await?.is(200).json();
        let items = page["items"].as_array().context("no items")?;
        assert!(items.len() <= 2, "{page}");
        found.extend(items.iter().map(|todo| todo["description"].clone()));
        match &page["next"] {
            Value::String(next) => query = format!("limit=2&cursor={next}"),
            next => {
                assert!(next.is_null(), "{page}");
                break;
            }
        }
    }
    // A target that people cannot sign up at may have older todos below.
    assert_eq!(found[..5], ["todo 5", "todo 4", "todo 3", "todo 2", "todo 1"]);
    Ok(())
}

async fn a_limit_that_is_none_is_400(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    for limit in ["0", "101", "-1", "x", "", "1.5", "99999999999999999999", "%00", "1&limit=2"] {
        Answer::to(daemon.list(&format!("limit={limit}"))).await?.problem(400);
    }
    for limit in ["1", "100"] {
        Answer::to(daemon.list(&format!("limit={limit}"))).await?.is(200);
    }
    Ok(())
}

async fn a_forged_cursor_is_400(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    for _ in 0..2 {
        daemon.make("to have a second page").await?;
    }
    let page = Answer::to(daemon.list("limit=1")).await?.is(200).json();
    let cursor = page["next"].as_str().context("there is more")?;
    let shorter = &cursor[..cursor.len() - 1];
    for forged in ["x", "e30", "%00", "ä", shorter, &"A".repeat(4000)] {
        Answer::to(daemon.list(&format!("cursor={forged}"))).await?.problem(400);
    }
    Ok(())
}

async fn a_cursor_of_somebody_else_is_400(test: &TestContext) -> Result<()> {
    let daemon = Api::daemon(test).await?;
    for _ in 0..2 {
        daemon.make("to have a second page").await?;
    }
    let page = Answer::to(daemon.list("limit=1")).await?.is(200).json();
    let cursor = page["next"].as_str().context("there is more")?;
    let session = Api::session(test).await?;
    Answer::to(session.list(&format!("cursor={cursor}"))).await?.problem(400);
    Ok(())
}
