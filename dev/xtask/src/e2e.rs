//! `cargo xtask e2e`: the black-box suite, or a part of it, against one target.

use crate::{
    command,
    count::Count,
    summary::{Row, Summary},
    tier::{Context, Tier},
    workspace::Workspace,
};
use anyhow::Result;
use clap::ValueEnum;
use std::{process::ExitCode, time::Instant};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What the tests run against
    #[arg(value_enum)]
    target: Target,
    /// Only the tests that have this in their names
    filter: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Everything on one machine, as `cargo run` starts it
    Local,
    /// The same with examples/front-end in place of the page
    FrontEnd,
    /// The functions under `cargo lambda watch`
    Watch,
    /// The functions in containers, under `sam local start-api`
    Sam,
    /// A deployment on an emulator of AWS
    Cloud,
}

impl Target {
    /// The tier of `cargo xtask test` that does the same with the whole suite.
    fn tier(self) -> Tier {
        match self {
            Self::Local => Tier::Browser,
            Self::FrontEnd => Tier::FrontEnd,
            Self::Watch => Tier::Watch,
            Self::Sam => Tier::Sam,
            Self::Cloud => Tier::Cloud,
        }
    }
}

/// Runs the tests.
///
/// # Errors
/// When the target does not come up; failing tests are in the exit code.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let tier = arguments.target.tier();
    let tests = arguments.filter.iter().cloned().collect();
    summarize(tier, || tier.run(&Context { workspace, screenshots: None, tests }))
}

/// Does what `tier` does and prints what came out.
///
/// # Errors
/// Those of `run`; failing tests are in the exit code.
pub(crate) fn summarize(tier: Tier, run: impl FnOnce() -> Result<Count>) -> Result<ExitCode> {
    let started = Instant::now();
    let count = run()?;
    // A suite of no tests counts as a failure.
    if count.passed == 0 {
        println!("no test ran and passed: does one have that name? See tests/src/tests");
    }
    let mut summary = Summary::default();
    let building = command::time_building();
    summary.add(Row { tier, count, time: started.elapsed(), building });
    println!("\n{summary}");
    Ok(if summary.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
