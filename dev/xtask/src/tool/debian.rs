//! What comes from the system's packages.

use crate::command::{self, building};
use anyhow::{Context, Result, bail};
use std::process::Command;

/// Makes sure of Chromium and its driver.
///
/// # Errors
/// When they are missing and cannot be installed from here.
pub(crate) fn chromium() -> Result<()> {
    programs(&["chromium", "chromedriver"], &["chromium", "chromium-driver"])
}

/// Makes sure of jq, which the runbook's commands use.
///
/// # Errors
/// When it is missing and cannot be installed from here.
pub(crate) fn jq() -> Result<()> {
    programs(&["jq"], &["jq"])
}

/// Makes sure of Docker's command line.
///
/// # Errors
/// When it is missing and cannot be installed from here.
pub(crate) fn docker() -> Result<()> {
    programs(&["docker"], &["docker.io"])
}

/// Makes sure of Docker's engine.
///
/// # Errors
/// When it is missing and cannot be installed from here.
pub(crate) fn dockerd() -> Result<()> {
    programs(&["dockerd", "containerd", "iptables"], &["docker.io", "iptables"])
}

/// Makes sure of Valgrind.
///
/// # Errors
/// When it is missing and cannot be installed from here.
pub(crate) fn valgrind() -> Result<()> {
    programs(&["valgrind"], &["valgrind"])
}

/// Makes sure of the program that makes a file system of Debian's packages.
///
/// # Errors
/// When it is missing and cannot be installed from here.
pub(crate) fn debootstrap() -> Result<()> {
    programs(&["debootstrap"], &["debootstrap"])
}

/// Makes sure of `programs`, which `packages` bring.
///
/// # Errors
/// When they are missing and cannot be installed from here.
pub(super) fn programs(programs: &[&str], packages: &[&str]) -> Result<()> {
    let missing: Vec<_> = programs.iter().copied().filter(|name| !command::exists(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (missing, packages) = (missing.join(" and "), packages.join(" "));
    if !command::exists("apt-get") || !is_root() {
        bail!(
            "{missing} is missing: install it with the system's packages \
             (Debian and Ubuntu: sudo apt-get install {packages})"
        );
    }
    println!("  {missing} is missing: installing the packages {packages}");
    apt_get(&["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt_get(&[&install[..], &packages.split(' ').collect::<Vec<_>>()].concat())
        .with_context(|| format!("cannot install {packages}"))
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut apt_get = Command::new("apt-get");
    apt_get.arg("--quiet").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    building(|| command::must(&mut apt_get))
}

/// Whether this is root.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
