//! What a function's role is for, as requests to a deployment: `cargo xtask test cloud` runs a
//! scenario with each action of each role removed, and compares what it prints with what it printed
//! before.
//!
//! `scenario NAME < target.json` prints the status of each step as one line of JSON.

mod deployment;
mod everyday;

use anyhow::{Context, Result, bail};
use deployment::{Deployment, Outcome};
use std::{env, io};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let name = env::args().nth(1).context("scenario NAME < target.json")?;
    let target = serde_json::from_reader(io::stdin()).context("standard input is no target")?;
    let deployment = Deployment::new(&target)?;
    let outcome = match name.as_str() {
        "everyday" => everyday::run(&deployment).await?,
        "sign-in" => deployment.opens_a_session().await?,
        "back-channel" => deployment.back_channel_logout().await?,
        "todos-alone" => deployment.todos_alone().await?,
        "web-alone" => deployment.web_alone().await?,
        _ => bail!("no such scenario: {name}"),
    };
    println!("{}", Outcome::into_json(outcome));
    Ok(())
}
