#![doc = include_str!("../README.md")]

mod baseline;
mod cold;
mod freeze;
mod functions;
mod herd;
mod process;
mod sample;
mod tls;
mod verify;
mod warm;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

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
    /// Requests to instances that are there
    Warm(warm::Arguments),
    /// Verifying a token, here and on Node
    Verify,
    /// Many cold starts at once
    Herd(herd::Arguments),
    /// An instance that is frozen while its connections are closed
    Freeze(freeze::Arguments),
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
    let functions = Arc::new(Functions::new(functions, with_peer)?);
    match what {
        What::Cold(arguments) => cold::run(&functions, &arguments).await,
        What::Warm(arguments) => warm::run(&functions, &arguments).await,
        What::Verify => verify::run(with_peer),
        What::Herd(arguments) => herd::run(&functions, &arguments).await,
        What::Freeze(arguments) => freeze::run(&functions, &arguments).await,
    }
}
