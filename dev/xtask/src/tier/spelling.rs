//! Spelling, by typos.toml.

use crate::{command, count::Count, tool, workspace::Workspace};
use anyhow::Result;
use std::process::Command;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let typos = tool::typos(workspace)?;
    let output = command::run(
        Command::new(typos)
            .args(["--config", "typos.toml", "--force-exclude", "."])
            .current_dir(workspace.root()),
    )?;
    Ok(Count::one(output.succeeded))
}
