//! Many cold starts at once, and how often the provider is asked for a document.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;

use crate::functions::Functions;
use crate::world::{World, list};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Instances of `todos` that start at once
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=1000))]
    instances: u16,
}

/// What is there when they start.
#[derive(Clone, Copy, PartialEq)]
enum Copies {
    /// No `KEYS_TABLE`.
    Unset,
    /// A table that nobody has written, and a function to be woken.
    Empty,
    /// `keys` has run.
    Warm,
}

pub(crate) async fn run(functions: &Arc<Functions>, arguments: &Arguments) -> Result<()> {
    println!("{} instances of todos at once, each with one request", arguments.instances);
    for (title, copies) in [
        ("without KEYS_TABLE", Copies::Unset),
        ("with an empty table", Copies::Empty),
        ("with copies of the keys", Copies::Warm),
    ] {
        let mut world = World::start(false).await?;
        world.wake_keys(functions).await?;
        if copies == Copies::Warm {
            world.function(functions, "keys", true).await?.run().await.context("keys")?;
        }
        let (before, begun) = (world.asked(), Instant::now());
        let world = Arc::new(world);
        start(&world, functions, arguments.instances, copies != Copies::Unset).await?;
        let (asked, took) = (world.asked() - before, begun.elapsed());
        println!("{title:<24} {asked:>4} documents asked for at the provider, {took:.1?}");
    }
    Ok(())
}

/// Starts them all and waits for the answer of each.
async fn start(
    world: &Arc<World>,
    functions: &Arc<Functions>,
    instances: u16,
    with_copies: bool,
) -> Result<()> {
    let token = world.token();
    let mut all = JoinSet::new();
    for _ in 0..instances {
        let (world, functions, token) = (world.clone(), functions.clone(), token.clone());
        all.spawn(async move {
            let mut todos = world.function(&functions, "todos", with_copies).await?;
            let answer = todos.invoke(list(&token)).await?;
            ensure!(answer.status == 200, "todos answered {answer:?}");
            Ok(())
        });
    }
    while let Some(done) = all.join_next().await {
        done??;
    }
    Ok(())
}
