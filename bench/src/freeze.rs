//! An instance that is frozen between requests while what it is connected to goes on.
//!
//! Lambda stops a function's process after each answer and lets it go on with the next event. By
//! then the other end may have closed the connections that it keeps, and the provider may sign with
//! another key.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::functions::Functions;
use crate::world::{World, list, ready};

/// How long each freeze is: longer than an end of a connection takes to arrive.
const FREEZE: Duration = Duration::from_millis(10);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Requests that the instance gets
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..))]
    requests: u32,
    /// Freezes among them; in each, every connection is closed at its other end
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    freezes: u32,
}

pub(crate) async fn run(functions: &Functions, arguments: &Arguments) -> Result<()> {
    let Arguments { requests, freezes } = *arguments;
    let world = World::start(true).await?;
    let mut todos = world.function(functions, "todos", false).await?;
    let pid = todos.pid().context("it has ended")?;
    ready(&todos).await?;
    let mut token = world.token();
    let every = (requests / freezes).max(1);
    let (mut frozen, mut faults) = (0, Vec::new());
    for request in 0..requests {
        if request == requests / 2 {
            world.rotate_keys()?;
            token = world.token();
        }
        if request % every == 0 {
            ready(&todos).await?;
            signal("STOP", pid)?;
            world.close_connections();
            tokio::time::sleep(FREEZE).await;
            signal("CONT", pid)?;
            frozen += 1;
        }
        // Between two freezes they are closed once more, in the middle of a request.
        let answer = if request % every == every / 2 && every > 1 {
            let close = async {
                tokio::time::sleep(Duration::from_micros(200)).await;
                world.close_connections();
            };
            tokio::join!(todos.invoke(list(&token)), close).0
        } else {
            todos.invoke(list(&token)).await
        };
        match answer {
            Ok(answer) if answer.status == 200 => {}
            other => faults.push(format!("request {request}: {other:?}")),
        }
    }
    println!(
        "{requests} requests, {frozen} freezes, {} connections closed at their other end, one new \
         key: {} errors",
        world.closed(),
        faults.len()
    );
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

fn signal(name: &str, pid: u32) -> Result<()> {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).status();
    ensure!(sent.context("cannot start kill")?.success(), "cannot send {name} to {pid}");
    Ok(())
}
