//! The API's OpenAPI document: judged alone, and by what the API does.

use crate::{command, count::Count, token, tool, workspace::Workspace};
use anyhow::Result;
use std::{path::Path, process::Command};

const DOCUMENT: &str = "functions/todos/openapi.json";

/// The document alone, by the strict form of Redocly's recommended rules.
pub(super) fn lint(workspace: &Workspace) -> Result<Count> {
    let folder = workspace.root().join("dev/xtask/redocly");
    tool::npm_packages(&folder)?;
    let mut redocly = Command::new(folder.join("node_modules/.bin/redocly"));
    redocly
        .args(["lint", "--extends=recommended-strict", DOCUMENT])
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
        .current_dir(workspace.root());
    Ok(Count::one(command::run(&mut redocly)?.succeeded))
}

/// Whether the API at `url`, of a local stack, does what the document says: for an application and
/// for a user.
pub(super) fn conformance(workspace: &Workspace, url: &str, traces: &Path) -> Result<Count> {
    let program = tool::schemathesis(workspace)?;
    let mut count = Count::default();
    for name in ["daemon", "grace"] {
        let mut schemathesis = Command::new(&program);
        schemathesis
            .arg("--config-file")
            .arg(workspace.root().join("dev/xtask/schemathesis.toml"))
            .args(["run", "--url", url])
            .arg(workspace.root().join(DOCUMENT))
            .env("TOKEN", token::issue(url, name)?)
            // Where it leaves files.
            .current_dir(traces);
        count += Count::one(command::run(&mut schemathesis)?.succeeded);
    }
    Ok(count)
}
