//! Every test that needs nothing but the crate it is in.

use crate::{command, count::Count, tool, workspace::Workspace};
use anyhow::Result;
use std::process::Command;

/// The packages with tiers of their own.
const ELSEWHERE: [&str; 4] = ["--exclude", "black-box", "--exclude", "on-lambda"];

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let nextest = tool::cargo_nextest(workspace)?;
    let mut count = Count::of_tests(&command::run(
        Command::new(nextest)
            .args(["nextest", "run", "--workspace", "--all-features", "--locked", "--cargo-quiet"])
            .args(ELSEWHERE)
            .current_dir(workspace.root()),
    )?);
    // nextest does not run the examples of the documentation.
    count += Count::of_tests(&command::run(
        command::cargo(workspace.root())
            .args(["test", "--doc", "--workspace", "--all-features", "--locked", "--quiet"])
            .args(ELSEWHERE),
    )?);
    Ok(count)
}
