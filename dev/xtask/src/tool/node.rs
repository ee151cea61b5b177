//! Node and what runs on it.

use super::debian;
use crate::command::{self, building};
use anyhow::{Context, Result, bail};
use std::{fs, path::Path, process::Command};

/// The least version that Vite runs on.
const NODE: (u32, u32) = (20, 19);

/// Makes sure of Node.
///
/// # Errors
/// When it is missing and cannot be installed, or too old.
pub(crate) fn node() -> Result<()> {
    debian::programs(&["node"], &["nodejs"])?;
    let output = Command::new("node").arg("--version").output().context("cannot start node")?;
    let version = String::from_utf8_lossy(&output.stdout);
    let mut numbers =
        version.trim().trim_start_matches('v').split('.').map_while(|it| it.parse().ok());
    if numbers.next().zip(numbers.next()).is_some_and(|found| found >= NODE) {
        return Ok(());
    }
    let (major, minor) = NODE;
    bail!(
        "node is {}, and {major}.{minor} or later is needed: see https://nodejs.org",
        version.trim()
    )
}

/// Makes sure of the packages that `folder`'s lock file names.
///
/// # Errors
/// When they cannot be installed.
pub(crate) fn npm_packages(folder: &Path) -> Result<()> {
    node()?;
    if !is_stale(folder) {
        return Ok(());
    }
    debian::programs(&["npm"], &["npm"])?;
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder);
    building(|| command::must(&mut npm))
        .context("cannot install the npm packages: is the registry reachable?")
}

/// Whether what is installed is missing or older than the lock file.
fn is_stale(folder: &Path) -> bool {
    let changed = |path: &str| fs::metadata(folder.join(path)).and_then(|file| file.modified());
    match (changed("node_modules/.package-lock.json"), changed("package-lock.json")) {
        (Ok(installed), Ok(locked)) => installed < locked,
        _ => true,
    }
}
