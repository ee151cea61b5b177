//! `cargo xtask advisories`: what is known of the dependencies today.

use crate::{command, tool, workspace::Workspace};
use anyhow::Result;
use std::process::{Command, ExitCode};

/// Fetches the advisory database and judges Cargo.lock by it.
///
/// It is no tier of the tests: the database is on the network and changes daily,
/// and a change must not fail for what somebody else published since.
///
/// # Errors
/// When cargo-deny cannot be had or started.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let cargo_deny = tool::cargo_deny(workspace)?;
    let output = command::run(
        Command::new(cargo_deny)
            .args(["--all-features", "--locked", "check", "advisories"])
            .current_dir(workspace.root()),
    )?;
    Ok(if output.succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
