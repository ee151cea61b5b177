//! The page's modules that need no browser.

use std::process::Command;

use anyhow::Result;

use crate::{command, count::Count, tool, workspace::Workspace};

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    tool::node()?;
    let output = command::run(
        Command::new("node")
            .args(["--test", "--test-reporter=spec"])
            .current_dir(workspace.root().join("functions/web/assets-tests")),
    )?;
    Ok(Count::of_tests(&output))
}
