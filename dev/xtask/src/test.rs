//! `cargo xtask test`: the tiers one after the other, and what came out.

use crate::{
    command,
    count::Count,
    suite,
    summary::{Row, Summary},
    tier::{Context, Tier},
    workspace::Workspace,
};
use anyhow::Result;
use clap::ValueEnum;
use std::{path::PathBuf, process::ExitCode, time::Instant};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The tiers to run, in their own order; all of them when none is named
    #[arg(value_enum)]
    tiers: Vec<Tier>,
    /// Write pictures of the page into this folder (tier browser)
    #[arg(long, value_name = "FOLDER")]
    screenshots: Option<PathBuf>,
}

/// Runs the tiers. A failure ends its tier and not the run, so that the summary
/// is whole; the exit code says whether anything failed.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let screenshots = arguments.screenshots.as_deref().map(std::path::absolute).transpose()?;
    let is_wanted = |tier: &Tier| arguments.tiers.is_empty() || arguments.tiers.contains(tier);
    let mut summary = Summary::default();
    for tier in Tier::value_variants().iter().filter(|tier| is_wanted(tier)) {
        let tests: &[&str] = match tier {
            Tier::Attack => &[suite::ATTACKS],
            // Both have the same target, and one run of each test is enough.
            Tier::Browser if is_wanted(&Tier::Attack) => &suite::ALL_BUT_ATTACKS,
            _ => &[],
        };
        let tests = tests.iter().map(ToString::to_string).collect();
        let context = Context { workspace, screenshots: screenshots.clone(), tests };
        println!("\n── {tier}: {}", tier.about());
        let (started, built) = (Instant::now(), command::time_building());
        let count = tier.run(&context).unwrap_or_else(|error| {
            eprintln!("{tier}: {error:#}");
            Count::one(false)
        });
        let building = command::time_building().saturating_sub(built);
        summary.add(Row { tier: *tier, count, time: started.elapsed(), building });
    }
    println!("\n{summary}");
    Ok(if summary.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
