//! Instruction counts, as a gate: time is noise on a shared machine, and these are not.

use crate::{
    count::Count,
    instructions::{self, Baseline},
    workspace::Workspace,
};
use anyhow::{Result, bail};

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let baseline = Baseline::read(workspace)?;
    if let Some(reason) = instructions::not_comparable(&baseline)? {
        // CI is to be a machine that can compare; a person's need not be.
        if std::env::var_os("CI").is_some_and(|ci| !ci.is_empty()) {
            bail!("{reason}");
        }
        return Ok(Count { left_out: vec![format!("all: {reason}")], ..Count::default() });
    }
    let counts = instructions::count(workspace)?;
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
