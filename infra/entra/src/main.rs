//! `cargo run -p entra -- plan|apply|remove`: README.md says what it does.

use std::process::ExitCode;

use clap::Parser as _;
use entra::{Arguments, Context, Endpoints, SystemTime, Terminal, run};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let context = Context {
        environment: Environment::process(),
        endpoints: Endpoints::microsoft(),
        time: &SystemTime,
        console: &Terminal,
    };
    match run(&arguments, &context).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("entra: {error}");
            ExitCode::FAILURE
        }
    }
}
