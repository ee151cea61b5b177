//! Tools from `PyPI`, each in a virtual environment of its own, every package by
//! version and hash.

use super::debian;
use crate::{
    command::{self, building},
    workspace::Workspace,
};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The environment and the program that install all others.
const UV: &str = "uv";

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
    println!(
        "  {program} is missing or of another version: installing it into {}",
        folder.display()
    );
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let requirements = workspace.tools().join(format!("{environment}-requirements.txt"));
    fs::create_dir_all(workspace.tools()).context("cannot make the folder of the tools")?;
    fs::write(&requirements, lock).context("cannot write the requirements")?;
    building(|| install(workspace, &folder, &requirements, program == UV))
        .with_context(|| format!("cannot install {program}: is PyPI reachable?"))?;
    fs::rename(&requirements, &holds).context("cannot note what was installed")?;
    Ok(path)
}

/// Makes the environment in `folder`. uv takes a tenth of the time that pip takes, which installs
/// uv itself.
fn install(workspace: &Workspace, folder: &Path, requirements: &Path, is_uv: bool) -> Result<()> {
    let (mut create, mut install) = if is_uv {
        debian::programs(&["python3"], &["python3", "python3-venv"])?;
        let mut create = Command::new("python3");
        create.args(["-m", "venv"]);
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--disable-pip-version-check"]);
        (create, pip)
    } else {
        let uv = installed(workspace, UV, UV, include_str!("../../tools/uv.txt"))?;
        let cache = workspace.tools().join("uv-cache");
        let (mut create, mut install) = (Command::new(&uv), Command::new(uv));
        // Python itself is the machine's.
        create.args(["venv", "--quiet", "--no-python-downloads"]).env("UV_CACHE_DIR", &cache);
        install.args(["pip", "install", "--python"]).arg(folder).env("UV_CACHE_DIR", cache);
        (create, install)
    };
    command::must(create.arg(folder)).context(
        "cannot make a virtual environment (Debian and Ubuntu: sudo apt-get install python3-venv)",
    )?;
    command::must(
        install
            // The lock file is complete, and nothing beside it is wanted.
            .args(["--quiet", "--no-deps", "--require-hashes", "--requirement"])
            .arg(requirements),
    )
}
