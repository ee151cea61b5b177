//! Node and what runs on it.

use super::debian;
use crate::command::{self, building};
use anyhow::{Context, Result, bail};
use std::{fs, path::Path, process::Command};

/// The versions that Vite and Redocly run on.
fn is_supported(version: (u32, u32)) -> bool {
    ((20, 19)..(21, 0)).contains(&version) || (22, 12) <= version
}

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
    if numbers.next().zip(numbers.next()).is_some_and(is_supported) {
        return Ok(());
    }
    bail!(
        "node is {}, and 20.19 or 22.12 (or later) is needed: see https://nodejs.org",
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

#[cfg(test)]
mod tests {
    use super::is_supported;

    #[test]
    fn node_is_one_that_vite_and_redocly_run_on() {
        for version in [(20, 19), (20, 20), (22, 12), (23, 0), (24, 1)] {
            assert!(is_supported(version), "{version:?}");
        }
        for version in [(18, 20), (20, 18), (21, 0), (22, 11)] {
            assert!(!is_supported(version), "{version:?}");
        }
    }
}
