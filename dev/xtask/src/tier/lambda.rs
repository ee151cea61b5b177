//! The functions as programs of their own, as Lambda runs them.

use crate::{command, count::Count, stack, workspace::Workspace};
use anyhow::Result;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    stack::build(workspace)?;
    let output = command::run(
        command::cargo(workspace.root())
            .args(["test", "--package", "on-lambda", "--locked", "--quiet"])
            .env("TOLLGATE_FUNCTIONS", workspace.binary("")),
    )?;
    Ok(Count::of_tests(&output))
}
