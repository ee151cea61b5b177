#![doc = include_str!("../README.md")]

mod backend;
mod baseline;
mod cold;
mod dependencies;
mod documents;
mod freeze;
mod functions;
mod growth;
mod herd;
mod lambda;
mod load;
mod meter;
mod peer;
mod process;
mod quota;
mod sample;
mod share;
mod sizes;
mod throttled;
mod tls;
mod verify;
mod warm;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};
use functions::Functions;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "What the functions cost")]
struct Arguments {
    /// Folder of the built functions and of hello
    #[arg(long, value_name = "FOLDER", global = true, default_value = "target/release")]
    functions: PathBuf,
    /// Leave out the peer in Node
    #[arg(long, global = true)]
    without_peer: bool,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Cold starts
    Cold(cold::Arguments),
    /// Many cold starts at once: how often the provider is asked
    Herd(herd::Arguments),
    /// Requests to an instance that is frozen in between, while its connections end
    Freeze(freeze::Arguments),
    /// Warm requests
    Warm(warm::Arguments),
    /// Requests at a fixed rate
    Load(load::Arguments),
    /// Verifying a token, here and on Node
    Verify,
    /// Pages of lists that grow
    Growth(growth::Arguments),
    /// Whose instructions a warm request is made of
    Share(share::Arguments),
    /// Sizes of the functions, and what is in them
    Sizes(sizes::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = run(Arguments::parse()).await;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Arguments { functions, without_peer, what }: Arguments) -> Result<()> {
    let with_peer = !without_peer && matches!(what, What::Cold(_) | What::Warm(_) | What::Verify);
    let functions = Functions::new(functions, with_peer)?;
    let folder = functions.folder();
    match what {
        What::Cold(arguments) => cold::run(&functions, &arguments).await,
        What::Herd(arguments) => herd::run(folder, &arguments).await,
        What::Freeze(arguments) => freeze::run(folder, &arguments).await,
        What::Warm(arguments) => warm::run(&functions, &arguments).await,
        What::Load(arguments) => load::run(folder, &arguments).await,
        What::Verify => verify::run(with_peer),
        What::Growth(arguments) => growth::run(folder, &arguments).await,
        What::Share(arguments) => share::run(&arguments).await,
        What::Sizes(arguments) => sizes::run(folder, &arguments),
    }
}
