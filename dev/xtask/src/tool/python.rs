//! Tools from `PyPI`, each in a virtual environment of its own, every package by
//! version and hash.

use super::debian;
use crate::{command, workspace::Workspace};
use anyhow::{Context, Result};
use std::{fs, path::PathBuf, process::Command};

/// The path of `program`, from the environment of that name, which holds exactly `lock` (a
/// requirements file with hashes).
///
/// # Errors
/// When Python is missing or a package cannot be had.
pub(super) fn installed(
    workspace: &Workspace,
    environment: &str,
    program: &str,
    lock: &str,
) -> Result<PathBuf> {
    let folder = workspace.tools().join(environment);
    let path = folder.join("bin").join(program);
    // Written last, so that an environment half made is made again.
    let holds = folder.join("tollgate-lock.txt");
    if fs::read_to_string(&holds).is_ok_and(|held| held == lock) {
        return Ok(path);
    }
    debian::programs(&["python3"], &["python3", "python3-venv"])?;
    println!(
        "  {program} is missing or of another version: installing it into {}",
        folder.display()
    );
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    command::must(Command::new("python3").args(["-m", "venv"]).arg(&folder)).context(
        "cannot make a virtual environment (Debian and Ubuntu: sudo apt-get install python3-venv)",
    )?;
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, lock).context("cannot write the requirements")?;
    command::must(
        Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            // The lock file is complete, and nothing beside it is wanted.
            .args(["--no-deps", "--require-hashes", "--requirement"])
            .arg(&requirements),
    )
    .with_context(|| format!("cannot install {program}: is PyPI reachable?"))?;
    fs::rename(&requirements, &holds).context("cannot note what was installed")?;
    Ok(path)
}
