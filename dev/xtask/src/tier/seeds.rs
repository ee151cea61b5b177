//! The seeds of the fuzz targets, judged as they are named.

use crate::{command, count::Count, fuzz_crate, workspace::Workspace};
use anyhow::Result;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let output = command::run(fuzz_crate::cargo(workspace, "test").arg("--quiet"))?;
    Ok(Count::of_tests(&output))
}
