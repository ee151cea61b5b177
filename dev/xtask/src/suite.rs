//! The black-box suite against a running system.

use crate::{command, count::Count, workspace::Workspace};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

/// What the names of attacks contain, as a filter of the suite's arguments.
pub(crate) const ATTACKS: &str = "[attack]";
pub(crate) const ALL_BUT_ATTACKS: [&str; 2] = ["--skip", ATTACKS];

/// Runs the tests of the suite that `arguments` choose (all by default) against `target` (see
/// tests/README.md). Traces of failures go to `traces`; `variables` are added to its
/// environment.
///
/// # Errors
/// When the suite cannot be run; failing tests are in the count.
pub(crate) fn run(
    workspace: &Workspace,
    target: &Value,
    arguments: &[impl AsRef<OsStr>],
    traces: &Path,
    variables: &[(&str, PathBuf)],
) -> Result<Count> {
    let mut suite = program(workspace, target, traces)?;
    suite.args(arguments).envs(variables.iter().cloned());
    Ok(Count::of_tests(&command::run(&mut suite)?))
}

/// The suite's program with `target` as its target.
///
/// # Errors
/// When its description cannot be written to `traces`.
pub(crate) fn program(workspace: &Workspace, target: &Value, traces: &Path) -> Result<Command> {
    let description = traces.join("target.json");
    private_file::write(&description, target.to_string().as_bytes())
        .with_context(|| format!("cannot write {}", description.display()))?;
    let mut suite = Command::new(workspace.binary("black-box"));
    suite
        .env("TOLLGATE_TARGET", &description)
        .env("TOLLGATE_TRACES", traces)
        .current_dir(workspace.root());
    Ok(suite)
}
