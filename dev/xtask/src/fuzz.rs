//! `cargo xtask fuzz`: the fuzz targets of `crates/auth`, one after the other.

use crate::{command, tool, workspace::Workspace};
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// The fuzz targets, a workspace of their own, from the root of the repository.
pub(crate) const FOLDER: &str = "crates/auth/fuzz";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The targets to run; all of them when none is named
    #[arg(value_enum)]
    targets: Vec<Target>,
    /// How long each target runs
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

/// In the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Target {
    Header,
    Payload,
    KeySet,
    Discovery,
    DpopProof,
    Token,
}

impl Target {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The longest inputs that are tried: some times what providers send. What is
    /// over the limit of 16 KiB has a seed; trying it again and again is slow and
    /// finds nothing.
    fn longest(self) -> u32 {
        match self {
            Self::Header => 2048,
            Self::Payload | Self::DpopProof => 4096,
            Self::KeySet | Self::Discovery | Self::Token => 8192,
        }
    }
}

/// A command of Cargo on the fuzz targets. Built where everything else is, so that what both
/// workspaces depend on is built once; and without libFuzzer, which is C++ and
/// takes longer than the rest.
pub(crate) fn cargo(workspace: &Workspace, chore: &str) -> Command {
    let mut cargo = command::cargo(workspace.root());
    cargo
        .args([chore, "--manifest-path", &format!("{FOLDER}/Cargo.toml")])
        .args(["--no-default-features", "--locked", "--target-dir"])
        .arg(workspace.target());
    cargo
}

/// Runs the targets. A finding ends its target and not the run.
///
/// # Errors
/// When cargo-fuzz cannot be had or started.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let cargo_fuzz = tool::cargo_fuzz(workspace)?;
    let mut failed = Vec::new();
    for target in Target::value_variants() {
        if !arguments.targets.is_empty() && !arguments.targets.contains(target) {
            continue;
        }
        let name = target.name();
        println!("\n── {name}, for {} s", arguments.seconds);
        let artifacts = workspace.root().join(FOLDER).join("artifacts").join(&name);
        let earlier = files(&artifacts);
        let mut fuzz = fuzz(&cargo_fuzz, workspace, *target, arguments.seconds)?;
        if !command::run(&mut fuzz)?.succeeded {
            failed.push((name, files(&artifacts).difference(&earlier).cloned().collect()));
        }
    }
    println!("\n{}", summary(&failed));
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn fuzz(cargo_fuzz: &Path, workspace: &Workspace, target: Target, seconds: u32) -> Result<Command> {
    let name = target.name();
    // libFuzzer writes what it finds into the first folder, and only reads the others.
    let corpus = format!("{FOLDER}/corpus/{name}");
    fs::create_dir_all(workspace.root().join(&corpus))
        .with_context(|| format!("cannot make {corpus}"))?;
    let mut fuzz = Command::new(cargo_fuzz);
    fuzz.current_dir(workspace.root())
        // An address sanitizer would need a nightly toolchain, and `auth` itself
        // forbids `unsafe`.
        .args(["fuzz", "run", "--fuzz-dir", FOLDER, "--sanitizer", "none"])
        .arg("--target-dir")
        .arg(workspace.target())
        .args([&name, &corpus, &format!("{FOLDER}/seeds/{name}"), "--"])
        .arg(format!("-dict={FOLDER}/dictionary/{name}.dict"))
        .arg(format!("-max_len={}", target.longest()))
        .arg(format!("-max_total_time={seconds}"))
        // An input that takes seconds is a finding too, on a loaded machine as well.
        .args(["-timeout=10", "-print_final_stats=1"]);
    Ok(fuzz)
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn summary(failed: &[(String, Vec<PathBuf>)]) -> String {
    if failed.is_empty() {
        return "no findings".to_owned();
    }
    let mut lines = Vec::new();
    for (name, artifacts) in failed {
        for artifact in artifacts {
            lines.push(format!("{name} failed on {}", artifact.display()));
        }
        if artifacts.is_empty() {
            lines.push(format!("{name} failed and left no new artifact: see above"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Target, ValueEnum, summary};

    #[test]
    fn targets_are_named_as_their_files_are() {
        let names: Vec<_> = Target::value_variants().iter().map(|target| target.name()).collect();
        assert_eq!(names, ["header", "payload", "key_set", "discovery", "dpop_proof", "token"]);
    }

    #[test]
    fn the_summary_says_where_artifacts_are() {
        assert_eq!(summary(&[]), "no findings");
        let failed = [
            ("header".to_owned(), vec!["artifacts/header/crash-1".into()]),
            ("token".to_owned(), vec![]),
        ];
        assert_eq!(
            summary(&failed),
            "header failed on artifacts/header/crash-1\n\
             token failed and left no new artifact: see above"
        );
    }
}
