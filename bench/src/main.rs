#![doc = include_str!("../README.md")]

mod baseline;
mod cold;
mod freeze;
mod herd;
mod process;
mod sample;
mod tls;
mod warm;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "What the functions cost")]
struct Arguments {
    /// Folder of the built functions and of hello
    #[arg(long, value_name = "FOLDER", global = true, default_value = "target/release")]
    functions: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Cold starts
    Cold(cold::Arguments),
    /// Requests to instances that are there
    Warm(warm::Arguments),
    /// Many cold starts at once
    Herd(herd::Arguments),
    /// An instance that is frozen while its connections are closed
    Freeze(freeze::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { functions, what } = Arguments::parse();
    let done = match what {
        What::Cold(arguments) => cold::run(&functions, &arguments).await,
        What::Warm(arguments) => warm::run(&functions, &arguments).await,
        What::Herd(arguments) => herd::run(&functions, &arguments).await,
        What::Freeze(arguments) => freeze::run(&functions, &arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
