//! The templates, judged by those who will read them.

use crate::{command, count::Count, tool, workspace::Workspace};
use anyhow::Result;
use std::process::Command;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let sam = tool::sam(workspace)?;
    let output = command::run(
        Command::new(&sam)
            .args(["validate", "--lint", "--template", "template.yaml"])
            // Any region will do: nothing is asked of it.
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("SAM_CLI_TELEMETRY", "0")
            .current_dir(workspace.root()),
    )?;
    let mut count = Count::one(output.succeeded);
    // It comes with SAM, which uses it above.
    let output = command::run(
        Command::new(sam.with_file_name("cfn-lint"))
            .args(["--regions", "eu-central-1", "--", "infra/operations/template.yaml"])
            .current_dir(workspace.root()),
    )?;
    count += Count::one(output.succeeded);
    let output = command::run(
        Command::new(tool::checkov(workspace)?)
            .args(["--framework", "cloudformation", "--config-file", "dev/xtask/.checkov.yaml"])
            // What it would load are its maker's severities and guidelines.
            .args(["--skip-download", "--compact", "--quiet"])
            .args(["--file", "template.yaml", "infra/operations/template.yaml"])
            .current_dir(workspace.root()),
    )?;
    count += Count::one(output.succeeded);
    Ok(count)
}
