//! `cargo run -p entra -- plan|apply|remove`: README.md says what it does.

use std::process::ExitCode;

use clap::Parser as _;
use entra::{Arguments, Endpoints, Surroundings, SystemTime, Terminal, run};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let surroundings = Surroundings {
        environment: Environment::process(),
        endpoints: Endpoints::microsoft(),
        time: &SystemTime,
        console: &Terminal,
    };
    match run(&arguments, &surroundings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("entra: {error}");
            ExitCode::FAILURE
        }
    }
}
