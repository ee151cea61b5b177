//! Tools from crates.io. No registry that we trust has them built.

use crate::{
    command::{self, building},
    workspace::Workspace,
};
use anyhow::{Context, Result};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The version that is installed where none is found, and the oldest one that is used.
pub(super) struct Version {
    pub(super) install: &'static str,
    /// Of the same compatible series as `install`.
    pub(super) oldest: &'static str,
}

/// The path of the tool `name`: that on the path if its version is compatible, or else one that is
/// compiled once with its own lock file.
///
/// # Errors
/// When it cannot be compiled.
pub(super) fn installed(
    workspace: &Workspace,
    name: &str,
    version: &Version,
    options: &[&str],
) -> Result<PathBuf> {
    let on_path = PathBuf::from(name);
    if version_of(&on_path).is_some_and(|found| is_compatible(&found, version)) {
        return Ok(on_path);
    }
    let folder = workspace.tools().join(format!("{name}-{}", version.install));
    let program = folder.join("bin").join(name);
    if !program.is_file() {
        println!("  {name} is missing: compiling it, once, into {}", folder.display());
        let mut install = command::cargo(workspace.root());
        install
            .args(["install", "--locked", "--quiet"])
            .args(options)
            .arg("--root")
            .arg(&folder)
            .arg(format!("{name}@{}", version.install))
            // Fat LTO in their own profiles takes minutes and saves seconds.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        building(|| command::must(&mut install))
            .with_context(|| format!("cannot install {name}: is crates.io reachable?"))?;
    }
    Ok(program)
}

/// The version that `program` prints, as in `cargo-nextest 0.9.143 (60fa45f63 2026-08-04)`.
fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.split_whitespace().nth(1)?.to_owned())
}

fn is_compatible(found: &str, version: &Version) -> bool {
    let numbers = |text: &str| -> Option<Vec<u32>> {
        text.split('.').map(|number| number.parse().ok()).collect()
    };
    let (Some(found), Some(oldest)) = (numbers(found), numbers(version.oldest)) else {
        return false;
    };
    // Below 1.0.0, another minor version is another series.
    let series = if oldest[0] == 0 { 2 } else { 1 };
    found.starts_with(&oldest[..series]) && found >= oldest
}

#[cfg(test)]
mod tests {
    use super::{Version, is_compatible};

    #[test]
    fn a_tool_of_the_same_series_is_used_from_the_oldest_version_on() {
        let version = Version { install: "0.9.151", oldest: "0.9.143" };
        assert!(is_compatible("0.9.143", &version));
        assert!(is_compatible("0.9.160", &version));
        assert!(!is_compatible("0.9.142", &version));
        assert!(!is_compatible("0.10.0", &version));
        assert!(!is_compatible("0.9.143-b.1", &version));
        assert!(is_compatible("2.9.0", &Version { install: "2.8.1", oldest: "2.8.1" }));
    }
}
