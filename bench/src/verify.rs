//! What verifying a token costs here and on Node.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use crate::peer::{self, on_path};

/// Runs the benchmark of `auth`, whose table of ratios is printed as it is, and then has
/// aws-jwt-verify and jose verify the same token.
pub(crate) fn run(with_peer: bool) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let token = folder.path().join("token.json");
    let table = of_auth(&token)?;
    println!("{table}");
    if !with_peer {
        return Ok(());
    }
    let of_node = of_node(&token)?;
    // Before and after, so that a machine that slows down is noticed.
    let (before, after) = (authorise(&table)?, authorise(&of_auth(&token)?)?);
    println!("authorise: {before:.2} µs before Node, {after:.2} µs after");
    let ours = f64::midpoint(before, after);
    for (name, microseconds) in of_node {
        let theirs = microseconds.as_f64().context("a time is a number")?;
        println!("{name:<16} {theirs:>8.2} µs of CPU; authorise over it: {:.2}", ours / theirs);
    }
    Ok(())
}

/// The table of the benchmark, which writes its token to `file`.
fn of_auth(file: &Path) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        // A filter that no case has: the table alone.
        .args([
            "bench",
            "--quiet",
            "-p",
            "oidc-resource-server",
            "--bench",
            "verify",
            "--",
            "NOTHING",
        ])
        .env("TOLLGATE_BENCH_TOKEN", file)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .context("cannot start cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo bench failed:\n{said}");
    let text = String::from_utf8(output.stdout).context("the table is text")?;
    let table = text.find("medians of").context("the benchmark printed no table")?;
    Ok(text[table..].to_owned())
}

fn of_node(token: &Path) -> Result<Map<String, Value>> {
    let node = on_path("node").context("verifying on Node needs Node: or say --without-peer")?;
    let output = Command::new(node)
        .arg(peer::folder().join("verify.js"))
        .arg(token)
        .output()
        .context("cannot start node")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "node failed:\n{said}");
    serde_json::from_slice(&output.stdout).context("verify.js prints JSON")
}

/// The time of `authorise` in the table, in microseconds.
fn authorise(table: &str) -> Result<f64> {
    let line = table.lines().find_map(|line| line.strip_prefix("authorise "));
    let time = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    time.context("the table has no authorise")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_authorise_is_found() {
        let table = "medians of one run   µs   ratio\nbare aws-lc verify   15.72  1.000\n\
                     authorise            17.15  1.091\n";
        assert!((authorise(table).unwrap() - 17.15).abs() < f64::EPSILON);
        assert!(authorise("bare 1 1").is_err());
    }
}
