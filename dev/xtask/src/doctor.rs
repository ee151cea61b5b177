//! `cargo xtask doctor`: passes everything on to infra/doctor.

use crate::{command, workspace::Workspace};
use anyhow::{Context, Result};
use std::{ffi::OsString, process::ExitCode};

#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// The arguments of infra/doctor; `--help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Runs the doctor with this terminal: it may read a token from standard input.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    // Not in the root: the files that are named are named from where the user stands.
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let manifest = workspace.root().join("Cargo.toml");
    let status = command::cargo(&here)
        .args(["run", "--quiet", "--locked", "--package", "doctor", "--manifest-path"])
        .arg(manifest)
        .arg("--")
        .args(&arguments.arguments)
        .status()
        .context("cannot start cargo")?;
    // Without a code it was ended by a signal: it could not run.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}
