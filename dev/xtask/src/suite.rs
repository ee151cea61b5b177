//! The black-box suite against a running system.

use crate::{command, count::Count, workspace::Workspace};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{path::Path, process::Command};

/// Puts `target` (see tests/README.md) through the suite, or through the tests with `filter`
/// in their names; what it leaves behind of a failure goes to `traces`, and pictures of the
/// page to `screenshots`.
///
/// # Errors
/// When the suite cannot be run; failing tests are in the count.
pub(crate) fn run(
    workspace: &Workspace,
    target: &Value,
    filter: Option<&str>,
    traces: &Path,
    screenshots: Option<&Path>,
) -> Result<Count> {
    let description = traces.join("target.json");
    private_file::write(&description, target.to_string().as_bytes())
        .with_context(|| format!("cannot write {}", description.display()))?;
    let mut suite = Command::new(workspace.binary("black-box"));
    suite
        .env("TOLLGATE_TARGET", &description)
        .env("TOLLGATE_TRACES", traces)
        .current_dir(workspace.root());
    if let Some(filter) = filter {
        suite.arg(filter);
    }
    if let Some(screenshots) = screenshots {
        suite.env("TOLLGATE_SCREENSHOTS", screenshots);
    }
    Ok(Count::of_tests(&command::run(&mut suite)?))
}
