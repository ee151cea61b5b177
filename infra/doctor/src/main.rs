//! `cargo run -p doctor -- …`: README.md says what it checks.

use std::process::ExitCode;

use clap::Parser as _;
use doctor::{Arguments, Check, Input, Severity};

/// Nothing was checked: the arguments or a file are at fault.
const COULD_NOT_RUN: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let input = match Input::read(&arguments) {
        Ok(input) => input,
        Err(error) => return refuse(&error),
    };
    let checks = match doctor::run(&input).await {
        Ok(checks) => checks,
        Err(error) => return refuse(&error),
    };
    if arguments.json {
        println!("{}", doctor::json(&checks));
    } else {
        // Removes the colours where the output is not a terminal.
        anstream::print!("{}", doctor::text(&checks));
    }
    let mut findings = checks.iter().flat_map(Check::findings);
    let found = findings
        .any(|it| !arguments.allow_warnings || matches!(it.code.severity(), Severity::Error));
    ExitCode::from(u8::from(found))
}

fn refuse(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("doctor: {error}");
    ExitCode::from(COULD_NOT_RUN)
}
