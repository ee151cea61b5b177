//! How many instructions it takes to authorise and to refuse, counted by callgrind.

mod baseline;

pub(crate) use baseline::Baseline;

use crate::{
    command::{self, building},
    count::Count,
    tool,
    workspace::Workspace,
};
use anyhow::{Context, Result, bail};
use std::{collections::BTreeMap, process::Command};

/// What `bench/instructions` knows.
const CASES: [&str; 5] = ["authorise", "malformed", "expired", "wrong audience", "wrong issuer"];

/// How often a case is judged in the run that is counted. What is counted is the difference to a
/// run without them, divided by it: so neither the start nor the loading of keys is in it.
const TIMES: u32 = 20;

/// Instructions by case.
pub(crate) type Counts = BTreeMap<String, u64>;

/// The tier `instructions`: a gate, since instruction counts are not noise on a shared machine, as
/// times are.
///
/// # Errors
/// When Valgrind cannot be installed, and with `CI` set when this machine cannot compare counts.
pub(crate) fn compare(workspace: &Workspace) -> Result<Count> {
    let baseline = Baseline::read(workspace)?;
    if let Some(reason) = not_comparable(&baseline)? {
        // A machine of CI must be able to compare, a person's need not.
        if std::env::var_os("CI").is_some_and(|ci| !ci.is_empty()) {
            bail!("{reason}");
        }
        return Ok(Count { left_out: vec![format!("all: {reason}")], ..Count::default() });
    }
    let counts = count(workspace)?;
    let moved = baseline.moved(&counts);
    for moved in &moved {
        eprintln!("instructions: {moved}");
    }
    if !moved.is_empty() {
        eprintln!(
            "instructions: if that is right, say why: cargo xtask bench instructions --accept \
             \"what made it move\" (bench/instructions/README.md)"
        );
    }
    let failed = moved.len() as u64;
    let all = counts.len() as u64;
    Ok(Count { passed: all.saturating_sub(failed), failed, left_out: Vec::new() })
}

/// Why there is nothing to compare with on this machine, if so: what callgrind counts differs
/// from one version of Valgrind to the next, and from one architecture to the other.
///
/// # Errors
/// When Valgrind cannot be had or started.
pub(crate) fn not_comparable(baseline: &Baseline) -> Result<Option<String>> {
    if let Some(reason) = unfit_machine() {
        return Ok(Some(reason.to_owned()));
    }
    let (found, expected) = (valgrind_version()?, &baseline.valgrind);
    let differs = found != *expected;
    Ok(differs.then(|| format!("counts are of {expected}, and this machine has {found}")))
}

/// Why this machine can make no baseline either, if so.
pub(crate) fn unfit_machine() -> Option<&'static str> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Some("counts are of x86-64 on Linux, which this is not");
    }
    // Valgrind tells a program of AVX2 where the processor has it, and aws-lc chooses by that.
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has_avx2 = processor.split_whitespace().any(|flag| flag == "avx2");
    (!has_avx2).then_some("counts are of a processor with AVX2, which this is not")
}

/// As it says itself: `valgrind-3.19.0`.
///
/// # Errors
/// When Valgrind cannot be had or started.
pub(crate) fn valgrind_version() -> Result<String> {
    tool::valgrind()?;
    let output =
        Command::new("valgrind").arg("--version").output().context("cannot start valgrind")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Builds as a deployment is built, and counts.
///
/// # Errors
/// When it does not build or run, or when a case is judged otherwise than its name says.
pub(crate) fn count(workspace: &Workspace) -> Result<Counts> {
    tool::valgrind()?;
    let mut build = command::cargo(workspace.root());
    build.args(["build", "--release", "--locked", "--quiet", "--package", "instructions"]);
    building(|| command::must(&mut build))?;
    let mut counts = Counts::new();
    for case in CASES {
        let without = run(workspace, case, 0)?;
        let with = run(workspace, case, TIMES)?;
        let each = with.saturating_sub(without) / u64::from(TIMES);
        println!("  {case:<15} {each:>8} instructions");
        counts.insert(case.to_owned(), each);
    }
    Ok(counts)
}

fn run(workspace: &Workspace, case: &str, times: u32) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(workspace.target().join("release/instructions"))
        .args([case, &times.to_string()])
        .output()
        .context("cannot start valgrind")?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("callgrind on {case:?} failed:\n{text}");
    }
    collected(&text).with_context(|| format!("callgrind counted nothing of {case:?}:\n{text}"))
}

/// From `==123== Collected : 900552`.
fn collected(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::collected;

    #[test]
    fn reads_what_callgrind_says() {
        let text = "==7== Events    : Ir\n==7== Collected : 900552\n==7== \n";
        assert_eq!(collected(text), Some(900_552));
        assert_eq!(collected("valgrind: no such file"), None);
    }
}
