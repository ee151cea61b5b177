//! The page's modules that need no browser.

use crate::{command, count::Count, tool, workspace::Workspace};
use anyhow::Result;
use std::process::Command;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    tool::node()?;
    let output = command::run(
        Command::new("node")
            .args(["--test", "--test-reporter=spec"])
            .current_dir(workspace.root().join("functions/web/assets-tests")),
    )?;
    Ok(Count::of_tests(&output))
}
