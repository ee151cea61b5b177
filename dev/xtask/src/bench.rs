//! `cargo xtask bench`: builds what is measured as a deployment has it, and measures.

use crate::{
    command,
    instructions::{self, Baseline},
    programs,
    stack::Stack,
    suite, tool,
    workspace::Workspace,
};
use anyhow::{Result, bail, ensure};
use std::{
    ffi::OsString,
    path::{self, PathBuf},
    process::ExitCode,
};

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
    /// Visits the page on slow 4G with a processor four times slower; fails if a budget is exceeded
    Page(Page),
}

#[derive(clap::Args)]
struct Page {
    /// Visits of each kind
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// The address of a deployment, or a file that describes a target (tests/README.md) [default:
    /// a local stack]
    #[arg(long, value_name = "FILE|URL")]
    target: Option<String>,
    /// Draw when each request of a median visit began and ended
    #[arg(long, value_name = "FILE.svg")]
    waterfall: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.own {
        Some(Own::Instructions { accept }) => {
            return count_instructions(workspace, accept.as_deref());
        }
        Some(Own::Page(page)) => return visit(workspace, page),
        None => {}
    }
    let what = arguments.what[0].to_str();
    let mut packages = vec!["hello".to_owned(), "direct".to_owned()];
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

fn visit(workspace: &Workspace, page: &Page) -> Result<ExitCode> {
    tool::chromium()?;
    programs::build_only(workspace, ["stack", "black-box"])?;
    let traces = workspace.traces("page-speed")?;
    let mut stack = None;
    let target = match &page.target {
        Some(target) => suite::described(target)?,
        None => stack.insert(Stack::start(workspace, 0, &[], &traces)?).details().clone(),
    };
    let mut visits = suite::program(workspace, &target, &traces)?;
    visits.env("TOLLGATE_PAGE_RUNS", page.runs.to_string());
    if let Some(file) = &page.waterfall {
        visits.env("TOLLGATE_WATERFALL", path::absolute(file)?);
    }
    command::must(&mut visits)?;
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
