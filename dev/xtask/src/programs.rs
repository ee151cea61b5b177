//! What Cargo builds for the tests, and with which features.

use crate::{command, workspace::Workspace};
use anyhow::Result;
use local_aws::Template;
use std::path::PathBuf;

/// The packages and features of every debug build. A dependency gets the features that all
/// selected packages ask for, so another selection would build most dependencies again. `--bin`,
/// `--test` and the like choose what is built; one of them must select tests, or the features that
/// only tests ask for are missing.
pub(crate) const SELECTION: [&str; 3] = ["--workspace", "--all-features", "--locked"];

/// Makes a release build faster for tests. Fat LTO is most of its time, and tests need none: code,
/// optimization, panic strategy and features are those of a deployment.
pub(crate) const RELEASE_PROFILE: [(&str, &str); 2] =
    [("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")];

/// The names of the functions, of their packages and of their binaries.
///
/// # Errors
/// When `template.yaml` has a function without a binary.
pub(crate) fn functions() -> Result<Vec<String>> {
    Ok(Template::project().functions()?.into_iter().map(|function| function.name).collect())
}

/// Builds the functions, the stack around them and the black-box suite.
///
/// # Errors
/// When they do not compile.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let mut build = command::cargo(workspace.root());
    build.arg("build").args(SELECTION).args(["--quiet", "--test", "stack"]);
    for program in functions()?.iter().map(String::as_str).chain(["stack", "black-box"]) {
        build.args(["--bin", program]);
    }
    command::building(|| command::must(&mut build))
}

/// Builds the functions with [`RELEASE_PROFILE`] and returns their folder.
///
/// # Errors
/// When they do not compile.
pub(crate) fn release_functions(workspace: &Workspace) -> Result<PathBuf> {
    let mut build = command::cargo(workspace.root());
    build.args(["build", "--release", "--locked", "--quiet"]).envs(RELEASE_PROFILE);
    for function in functions()? {
        build.args(["--package", &function]);
    }
    command::building(|| command::must(&mut build))?;
    Ok(workspace.target().join("release"))
}
