//! `crates/auth/fuzz`, a workspace of its own.

use crate::{command, workspace::Workspace};
use std::process::Command;

/// Where it is, from the root of the repository.
pub(crate) const FOLDER: &str = "crates/auth/fuzz";

/// A command of Cargo on it. Built where everything else is, so that what both
/// workspaces depend on is built once; and without libFuzzer, which is C++ and
/// takes longer than the rest.
pub(crate) fn cargo(workspace: &Workspace, chore: &str) -> Command {
    let mut cargo = command::cargo(workspace.root());
    cargo
        .args([chore, "--manifest-path", &format!("{FOLDER}/Cargo.toml")])
        .args(["--no-default-features", "--locked", "--target-dir"])
        .arg(workspace.target());
    cargo
}
