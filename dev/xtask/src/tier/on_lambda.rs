//! The functions as programs of their own, as Lambda runs them.

use super::unit::nextest;
use crate::{count::Count, programs, workspace::Workspace};
use anyhow::{Context, Result};
use std::fs;

/// Other packages have test programs of the same names.
const ONLY: &str = "package(on-lambda)";

/// The binaries that `sam build` made, under a Lambda Runtime API: unlike debug builds, they end at a
/// panic.
pub(super) fn lambda(workspace: &Workspace) -> Result<Count> {
    let functions = programs::deployed_binaries(workspace)?;
    let mut targets = Vec::new();
    let folder = workspace.root().join("tests/on-lambda/tests");
    for file in fs::read_dir(folder).context("tests/on-lambda has tests")? {
        let file = file?.path();
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        targets.extend(["--test".to_owned(), name]);
    }
    let targets: Vec<_> = targets.iter().map(String::as_str).collect();
    nextest(workspace, &targets, ONLY, &[("TOLLGATE_FUNCTIONS", functions.as_os_str())])
}
