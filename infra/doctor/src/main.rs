//! `cargo run -p doctor -- …`: README.md says what it checks.

use std::{process::ExitCode, time::Duration};

use clap::Parser as _;
use doctor::{Arguments, Browser, Check, Input, Severity};
use url::Url;

/// Nothing was checked: the arguments or a file are at fault.
const COULD_NOT_RUN: u8 = 2;

/// How long a user may take at the provider.
const SIGN_IN_TIMEOUT: Duration = Duration::from_mins(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let input = match Input::read(&arguments) {
        Ok(input) => input,
        Err(error) => return refuse(&error),
    };
    let browser = if arguments.sign_in {
        match Browser::listen(arguments.port, SIGN_IN_TIMEOUT, announce).await {
            Ok(browser) => Some(browser),
            Err(error) => {
                let port = arguments.port;
                let error = format!("port {port}: {error}; give another with --port");
                return refuse(&std::io::Error::other(error));
            }
        }
    } else {
        None
    };
    let checks = match doctor::run(&input, browser).await {
        Ok(checks) => checks,
        Err(error) => return refuse(&error),
    };
    if arguments.json {
        println!("{}", doctor::json(&checks));
    } else {
        // Removes the colours where the output is not a terminal.
        anstream::print!("{}", doctor::text(&checks));
        if arguments.sign_in {
            println!(
                "\nPaste this into an issue: it names your client and addresses, but has no token, \
                 secret, code or personal claim."
            );
        }
    }
    let mut findings = checks.iter().flat_map(Check::findings);
    let found = findings
        .any(|it| !arguments.allow_warnings || matches!(it.code.severity(), Severity::Error));
    ExitCode::from(u8::from(found))
}

fn announce(url: &Url) {
    eprintln!("Sign in at {url} within {} minutes.", SIGN_IN_TIMEOUT.as_secs() / 60);
    // Without a browser here, the user opens the address.
    let _unopened = open::that_detached(url.as_str());
}

fn refuse(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("doctor: {error}");
    ExitCode::from(COULD_NOT_RUN)
}
