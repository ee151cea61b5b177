//! `cargo xtask bench`: builds what is measured as a deployment has it, and measures.

use crate::command;
use crate::workspace::Workspace;
use anyhow::Result;
use std::ffi::OsString;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to measure, and how: `cold --runs 25`, `--help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    what: Vec<OsString>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut packages = vec!["hello", "signin", "todos", "keys"];
    if arguments.what[0] == "sizes" {
        packages.extend(["callback", "web"]);
    }
    // One at a time: built together, each would get the features of all.
    for package in packages {
        command::must(command::cargo(workspace.root()).args([
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--package",
            package,
        ]))?;
    }
    command::must(
        command::cargo(workspace.root())
            .args(["run", "--locked", "--quiet", "--package", "bench", "--", "--functions"])
            .arg(workspace.target().join("release"))
            .args(&arguments.what),
    )?;
    Ok(ExitCode::SUCCESS)
}
