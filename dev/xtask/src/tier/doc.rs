//! The API documentation: broken links and the like are errors.

use crate::{command, count::Count, workspace::Workspace};
use anyhow::Result;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let output = command::run(
        command::cargo(workspace.root())
            .args(["doc", "--workspace", "--all-features", "--no-deps", "--locked", "--quiet"])
            .env("RUSTDOCFLAGS", "--deny=warnings"),
    )?;
    Ok(Count::one(output.succeeded))
}
