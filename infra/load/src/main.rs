//! `cargo run --release -p load -- --url …`: README.md says what it does.

use std::{
    io::{BufRead as _, Write as _, stdin, stdout},
    process::ExitCode,
};

use clap::Parser as _;
use load::{Arguments, Plan, drive};
use outbound::Outbound;
use settings::Environment;

/// Nothing was sent: the arguments are at fault, or the answer was no.
const NOT_STARTED: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let plan = match Plan::of(&arguments) {
        Ok(plan) => plan,
        Err(error) => return refuse(&error),
    };
    let outbound = match Outbound::from_environment(&Environment::process()) {
        Ok(outbound) => outbound,
        Err(error) => return refuse(&error),
    };
    println!("{plan}");
    if !arguments.yes && !is_confirmed(&plan) {
        eprintln!("load: nothing was sent");
        return ExitCode::from(NOT_STARTED);
    }
    let tally = drive(&plan, outbound.http()).await;
    println!("{tally}");
    ExitCode::from(u8::from(tally.was_stopped()))
}

/// Whether the person in front of it types the host's name: a `y` is typed too quickly.
fn is_confirmed(plan: &Plan) -> bool {
    print!("Type the host's name to start: ");
    let mut line = String::new();
    stdout().flush().is_ok()
        && stdin().lock().read_line(&mut line).is_ok()
        && line.trim() == plan.host()
}

fn refuse(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("load: {error}");
    ExitCode::from(NOT_STARTED)
}
