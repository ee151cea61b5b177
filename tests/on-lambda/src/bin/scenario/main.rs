//! What a function's role is for, as requests to a deployment: `cargo xtask test cloud` runs a
//! scenario with each action of each role removed, and compares what it prints with what it printed
//! before.
//!
//! `scenario NAME < target.json` prints the status of each step as one line of JSON. If the target
//! has an `expected` one, it ends at the first difference.

mod deployment;
mod everyday;

use anyhow::{Context, Result, bail};
use deployment::{Deployment, Outcome};
use serde_json::Value;
use std::{env, io};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let name = env::args().nth(1).context("scenario NAME < target.json")?;
    let target: Value =
        serde_json::from_reader(io::stdin()).context("standard input is no target")?;
    let deployment = Deployment::new(&target)?;
    let mut outcome = Outcome::new(&target["expected"]);
    let done = match name.as_str() {
        "everyday" => everyday::run(&deployment, &mut outcome).await,
        "sign-in" => deployment.opens_a_session(&mut outcome).await,
        "back-channel" => deployment.back_channel_logout(&mut outcome).await,
        "todos-alone" => deployment.api_alone("/api/todos", &mut outcome).await,
        "proxy-alone" => deployment.api_alone(everyday::BEHIND_PROXY, &mut outcome).await,
        "web-alone" => deployment.web_alone(&mut outcome).await,
        "add-todo" => deployment.adds_a_todo(&mut outcome).await,
        "count-todos" => deployment.counts_todos(&mut outcome).await,
        _ => bail!("no such scenario: {name}"),
    };
    if !outcome.differs {
        done?;
    }
    println!("{}", outcome.into_json());
    Ok(())
}
