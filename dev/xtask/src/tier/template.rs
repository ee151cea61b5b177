//! The templates, judged by those who will read them, and by rules of our own.

use crate::{command, count::Count, tool, workspace::Workspace};
use anyhow::{Context, Result};
use std::{fs, path::Path, process::Command};

/// What only SAM can translate.
const OURS: &str = "template.yaml";

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let root = workspace.root();
    let sam = tool::sam(workspace)?;
    let others = others(&root.join("infra"))?;
    let mut count = Count::default();
    let mut check = |command: &mut Command| -> Result<()> {
        count += Count::one(command::run(command.current_dir(root))?.succeeded);
        Ok(())
    };
    check(
        Command::new(&sam)
            .args(["validate", "--lint", "--template", OURS])
            // Any region will do: nothing is asked of it.
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("SAM_CLI_TELEMETRY", "0"),
    )?;
    // It comes with SAM, which uses it above.
    check(
        Command::new(sam.with_file_name("cfn-lint"))
            .args(["--regions", "eu-central-1", "--"])
            .args(&others),
    )?;
    let python = sam.with_file_name("python");
    check(Command::new(&python).arg("dev/xtask/lint/lint.py").arg(OURS).args(&others))?;
    // Which changes replace, delete or interrupt what.
    check(Command::new(&python).arg("dev/xtask/simulator/report.py").arg(OURS))?;
    check(
        Command::new(tool::checkov(workspace)?)
            .args(["--framework", "cloudformation", "--config-file", "dev/xtask/.checkov.yaml"])
            // What it would load are its maker's severities and guidelines.
            .args(["--skip-download", "--compact", "--quiet", "--file", OURS])
            .args(&others),
    )?;
    check(Command::new(tool::zizmor(workspace)?).args(["--offline", "--quiet", ".github"]))?;
    for folder in ["dev/xtask/lint", "dev/xtask/simulator"] {
        let unittest = ["-m", "unittest", "discover", "--start-directory", folder];
        let output = command::run(Command::new(&python).args(unittest).current_dir(root))?;
        count += Count::of_tests(&output);
    }
    Ok(count)
}

/// `infra/…/template.yaml`, relative to the workspace.
fn others(infra: &Path) -> Result<Vec<String>> {
    let folders = fs::read_dir(infra).context("cannot read infra")?;
    let mut paths = Vec::new();
    for folder in folders {
        let folder = folder.context("cannot read infra")?;
        if folder.path().join(OURS).is_file() {
            paths.push(format!("infra/{}/{OURS}", folder.file_name().display()));
        }
    }
    paths.sort();
    Ok(paths)
}
