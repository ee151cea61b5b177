//! `cargo xtask attack`: the attacks of the black-box suite.

use crate::{
    command, e2e, programs, suite,
    tier::{Context, Tier},
    workspace::Workspace,
};
use anyhow::Result;
use std::process::{Command, ExitCode};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The address of a deployment, or a file that describes a target (tests/README.md) [default:
    /// a local stack]
    #[arg(long, value_name = "FILE|URL")]
    target: Option<String>,
    /// Print each attack and what it tries
    #[arg(long)]
    list: bool,
    /// Only the attacks whose names begin with this, such as `hostile`
    filter: Option<String>,
}

/// Runs the attacks, or lists them.
///
/// # Errors
/// When the target does not come up; attacks that succeed are in the exit code.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let filter = arguments.filter.as_deref().unwrap_or_default();
    let tests = format!("{} {filter}", suite::ATTACKS).trim_end().to_owned();
    if arguments.list {
        programs::build_only(workspace, ["black-box"])?;
        command::must(Command::new(workspace.binary("black-box")).args(["--list", &tests]))?;
        return Ok(ExitCode::SUCCESS);
    }
    let tests = vec![tests];
    let tier = Tier::Attack;
    let Some(target) = &arguments.target else {
        return e2e::summarize(tier, || tier.run(&Context { workspace, screenshots: None, tests }));
    };
    let target = suite::described(target)?;
    programs::build_only(workspace, ["black-box"])?;
    let traces = workspace.traces("attack")?;
    e2e::summarize(tier, || suite::run(workspace, &target, &tests, &traces, &[]))
}
