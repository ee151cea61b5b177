//! The page's bundle: one script and one style sheet, committed so that Rust builds need no Node.

use crate::{command, tool, workspace::Workspace};
use anyhow::{Result, ensure};
use std::{fs, path::Path, process::Command};
use tempfile::TempDir;

const FOLDER: &str = "functions/web/bundle";

/// Makes the bundle anew.
///
/// # Errors
/// When esbuild cannot be had, or refuses a module.
pub(crate) fn bundle(workspace: &Workspace) -> Result<()> {
    bundle_into(workspace, &workspace.root().join(FOLDER))
}

/// Compares the committed bundle with one that is made of the modules.
///
/// # Errors
/// When they differ, and as [`bundle`].
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    // Beside the other: a source map has relative paths.
    let made = TempDir::with_prefix_in(".bundle", workspace.root().join("functions/web"))?;
    bundle_into(workspace, made.path())?;
    for file in fs::read_dir(made.path())? {
        let name = file?.file_name();
        let committed = fs::read(workspace.root().join(FOLDER).join(&name)).unwrap_or_default();
        let same = fs::read(made.path().join(&name))? == committed;
        ensure!(same, "{FOLDER}/{} is not up to date: run cargo xtask page", name.display());
    }
    Ok(())
}

fn bundle_into(workspace: &Workspace, folder: &Path) -> Result<()> {
    let web = workspace.root().join("functions/web");
    tool::npm_packages(&web)?;
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", "bundle", "--", "--log-level=warning"]);
    command::must(npm.arg(format!("--outdir={}", folder.display())).current_dir(web))
}
