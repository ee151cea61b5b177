#![doc = include_str!("../README.md")]

mod cold;
mod dependencies;
mod documents;
mod freeze;
mod growth;
mod herd;
mod lambda;
mod meter;
mod process;
mod quota;
mod sample;
mod sizes;
mod throttled;
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
    /// Many cold starts at once: how often the provider is asked
    Herd(herd::Arguments),
    /// Requests to an instance that is frozen in between, while its connections end
    Freeze(freeze::Arguments),
    /// Warm requests
    Warm(warm::Arguments),
    /// Pages of lists that grow
    Growth(growth::Arguments),
    /// Sizes of the functions, and what is in them
    Sizes(sizes::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { functions, what } = Arguments::parse();
    let done = match what {
        What::Cold(arguments) => cold::run(&functions, &arguments).await,
        What::Herd(arguments) => herd::run(&functions, &arguments).await,
        What::Freeze(arguments) => freeze::run(&functions, &arguments).await,
        What::Warm(arguments) => warm::run(&functions, &arguments).await,
        What::Growth(arguments) => growth::run(&functions, &arguments).await,
        What::Sizes(arguments) => sizes::run(&functions, &arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
