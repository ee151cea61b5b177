//! What the dependencies are allowed to be, by deny.toml.

use crate::{command, count::Count, tool, workspace::Workspace};
use anyhow::Result;
use std::process::Command;

/// Not `advisories`: what is published today must not fail what was written
/// yesterday. `cargo xtask advisories` asks for them.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let cargo_deny = tool::cargo_deny(workspace)?;
    let mut count = Count::default();
    for check in CHECKS {
        let output = command::run(
            Command::new(&cargo_deny)
                .args(["--all-features", "--locked", "check", "--hide-inclusion-graph", check])
                .current_dir(workspace.root()),
        )?;
        count += Count::one(output.succeeded);
    }
    Ok(count)
}
