//! `cargo xtask bench`: builds what is measured as a deployment has it, and measures.

use crate::{
    command,
    instructions::{self, Baseline},
    programs,
    workspace::Workspace,
};
use anyhow::{Result, bail, ensure};
use std::{ffi::OsString, process::ExitCode};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    own: Option<Own>,
    /// What to measure, and how: `cold --runs 25`, `--help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    what: Vec<OsString>,
}

#[derive(clap::Subcommand)]
enum Own {
    /// Counts the instructions of authorising and refusing, as the tier `instructions` does
    Instructions {
        /// Take over what moved, for this reason, into bench/instructions.json
        #[arg(long, value_name = "REASON")]
        accept: Option<String>,
    },
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    if let Some(Own::Instructions { accept }) = &arguments.own {
        return count_instructions(workspace, accept.as_deref());
    }
    let what = arguments.what[0].to_str();
    let mut packages = vec!["hello".to_owned()];
    packages.extend(programs::functions()?);
    // These measure the crate, and a copy with symbols.
    if let Some("verify" | "share") = what {
        packages.clear();
    }
    // One at a time: built together, each would get the features of all.
    for package in &packages {
        let mut build = command::cargo(workspace.root());
        build.args(["build", "--release", "--locked", "--quiet", "--package", package]);
        command::must(&mut build)?;
    }
    command::must(
        command::cargo(workspace.root())
            .args(["run", "--locked", "--quiet", "--package", "bench", "--", "--functions"])
            .arg(workspace.target().join("release"))
            .args(&arguments.what),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Counts, says what moved, and takes it over when there is a reason.
fn count_instructions(workspace: &Workspace, reason: Option<&str>) -> Result<ExitCode> {
    let baseline = Baseline::read(workspace)?;
    if let Some(reason) = reason {
        ensure!(!reason.trim().is_empty(), "--accept needs a reason: what made it move");
    }
    if let Some(reason) = instructions::unfit_machine() {
        bail!("{reason}");
    }
    let valgrind = instructions::valgrind_version()?;
    let counts = instructions::count(workspace)?;
    let moved = baseline.moved(&counts);
    for moved in &moved {
        println!("{moved}");
    }
    match reason {
        Some(reason) => baseline.accept(&counts, &valgrind, reason)?.write(workspace)?,
        None if moved.is_empty() => {}
        None => return Ok(ExitCode::FAILURE),
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Own};
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn parsed(words: &[&str]) -> Result<Arguments, clap::Error> {
        let line = Line::try_parse_from([&["bench"], words].concat());
        line.map(|line| line.arguments)
    }

    #[test]
    fn what_is_not_counted_here_is_passed_on_whole() {
        let arguments = parsed(&["cold", "--runs", "25"]).unwrap();
        assert!(arguments.own.is_none());
        assert_eq!(arguments.what, ["cold", "--runs", "25"]);
        assert!(parsed(&[]).is_err());
    }

    #[test]
    fn instructions_are_counted_and_accepted_with_a_reason() {
        let arguments = parsed(&["instructions", "--accept", "why"]).unwrap();
        let Some(Own::Instructions { accept }) = arguments.own else { panic!("passed on") };
        assert_eq!(accept.as_deref(), Some("why"));
        assert!(parsed(&["instructions", "--accept"]).is_err());
    }
}
