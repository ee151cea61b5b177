//! Tools from crates.io, each version in a folder of its own.

use crate::{command, workspace::Workspace};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// The path of `name` in exactly that version, built once with its own lock file.
///
/// # Errors
/// When it cannot be built.
pub(super) fn installed(
    workspace: &Workspace,
    name: &str,
    version: &str,
    options: &[&str],
) -> Result<PathBuf> {
    let folder = workspace.tools().join(format!("{name}-{version}"));
    let program = folder.join("bin").join(name);
    if !program.is_file() {
        println!("  {name} {version} is missing: installing it, once, into {}", folder.display());
        command::must(
            command::cargo(workspace.root())
                .args(["install", "--locked", "--quiet"])
                .args(options)
                .arg("--root")
                .arg(&folder)
                .arg(format!("{name}@{version}")),
        )
        .with_context(|| format!("cannot install {name}: is crates.io reachable?"))?;
    }
    Ok(program)
}
