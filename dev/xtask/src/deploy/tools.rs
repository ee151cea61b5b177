//! AWS's tools, and what compiles the functions.

use super::Shell;
use crate::{command, tool, workspace::Workspace};
use anyhow::{Context, Result};
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Paths of the installed tools; in a dry run their names.
pub(crate) struct Tools {
    sam: PathBuf,
    aws: PathBuf,
    cargo_lambda: PathBuf,
}

impl Tools {
    /// Their names alone.
    pub(crate) fn named() -> Self {
        Self { sam: "sam".into(), aws: "aws".into(), cargo_lambda: "cargo-lambda".into() }
    }

    /// Installs the AWS CLI if it is missing.
    pub(crate) fn with_aws(workspace: &Workspace) -> Result<Self> {
        Ok(Self { aws: tool::aws(workspace)?, ..Self::named() })
    }

    /// Installs what is missing.
    pub(crate) fn installed(workspace: &Workspace, builds: bool) -> Result<Self> {
        let cargo_lambda =
            if builds { tool::cargo_lambda_with_zig(workspace)? } else { PathBuf::new() };
        Ok(Self { sam: tool::sam(workspace)?, aws: tool::aws(workspace)?, cargo_lambda })
    }

    pub(crate) fn sam(&self, shell: &Shell) -> Command {
        shell.command(&self.sam)
    }

    pub(crate) fn aws(&self, shell: &Shell) -> Command {
        shell.command(&self.aws)
    }

    /// `sam` with cargo-lambda and its linker on the path.
    pub(crate) fn sam_build(&self, shell: &Shell) -> Result<Command> {
        let mut sam = self.sam(shell);
        let tools = self.cargo_lambda.parent().unwrap_or(Path::new(""));
        if !tools.as_os_str().is_empty() {
            let path = env::var_os("PATH").unwrap_or_default();
            let all = [tools.to_owned()].into_iter().chain(env::split_paths(&path));
            sam.env("PATH", env::join_paths(all)?);
        }
        Ok(sam)
    }
}

/// The Rust target of an architecture of Lambda.
fn target(architecture: &str) -> &'static str {
    if architecture == "x86_64" { "x86_64-unknown-linux-gnu" } else { "aarch64-unknown-linux-gnu" }
}

/// Adds the Rust target if rustup manages the toolchain and does not have it.
pub(crate) fn add_target(shell: &Shell, architecture: &str) -> Result<()> {
    let target = target(architecture);
    let mut add = shell.command("rustup");
    add.args(["target", "add", target]);
    if shell.is_dry() {
        return shell.change(&mut add);
    }
    if !command::exists("rustup") {
        println!("  rustup is not on the path: {target} must be installed in another way");
        return Ok(());
    }
    let mut list = shell.command("rustup");
    let list = list.args(["target", "list", "--installed"]).stderr(Stdio::inherit()).output();
    let list = list.context("cannot start rustup")?;
    if String::from_utf8_lossy(&list.stdout).lines().any(|line| line == target) {
        return Ok(());
    }
    shell.change(&mut add)
}
