//! Clippy.

use crate::command;
use crate::count::Count;
use crate::workspace::Workspace;
use anyhow::Result;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let output = command::run(command::cargo(workspace.root()).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--locked",
        "--quiet",
        "--",
        "--deny=warnings",
    ]))?;
    Ok(Count::one(output.succeeded))
}
