//! The black-box suite against a running system.

use crate::{command, count::Count, workspace::Workspace};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::{
    ffi::OsStr,
    fs,
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

/// The description of the target at this address, or in this file.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn described(target: &str) -> Result<Value> {
    if target.starts_with("http://") || target.starts_with("https://") {
        return Ok(json!({ "url": target }));
    }
    let text = fs::read_to_string(target).with_context(|| format!("cannot read {target}"))?;
    serde_json::from_str(&text).with_context(|| format!("{target} is not JSON"))
}
