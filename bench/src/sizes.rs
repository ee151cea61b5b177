//! Sizes of the built functions, and what is in them.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::DeflateEncoder};
use memchr::memmem;

use crate::dependencies::{self, Dependencies};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Look for CPU-jitter entropy in copies with symbols too: in those of a folder, or in ones
    /// that are built into `unstripped` beside the folder of the functions, which takes minutes
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "clap's type for an option with an optional value")]
    symbols: Option<Option<PathBuf>>,
}

const SUBJECTS: [&str; 6] = ["hello", "signin", "callback", "web", "todos", "keys"];

pub(crate) fn run(functions: &Path, arguments: &Arguments) -> Result<()> {
    println!("{:<10} {:>11} {:>7} {:>11} {:>7}  jent_  in it", "", "bytes", "", "zip bytes", "");
    let mut hello = None;
    let mut wrong = Vec::new();
    for name in SUBJECTS {
        let file = functions.join(name);
        let binary = fs::read(&file).with_context(|| {
            format!("cannot read {}, which `cargo xtask bench sizes` builds", file.display())
        })?;
        let (bytes, zip) = (binary.len(), zipped(&binary)?);
        let (least, least_zip) = *hello.get_or_insert((bytes, zip));
        let jitter = match &arguments.symbols {
            None => None,
            Some(folder) => Some(jitter(&with_symbols(functions, folder.as_deref(), name)?)?),
        };
        let dependencies = Dependencies::of(name)?;
        println!(
            "{name:<10} {bytes:>11} {:>6.2}x {zip:>11} {:>6.2}x  {:<6} {dependencies}",
            ratio(bytes, least),
            ratio(zip, least_zip),
            jitter.map_or("?", |jitter| if jitter { "yes" } else { "no" }),
        );
        if jitter == Some(true) {
            wrong.push(format!("{name} has CPU-jitter entropy"));
        }
        if let Some(twice) = dependencies.twice() {
            wrong.push(format!("{name} has more than one of a kind: {twice}"));
        }
    }
    println!("target: zip of todos at most 2.8 MB, of signin 2.0 MB; one of each, no jent_");
    if arguments.symbols.is_none() {
        println!("jent_: only looked for with --symbols, as the functions are stripped");
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "binaries are far below 2^52 bytes")]
fn ratio(bytes: usize, least: usize) -> f64 {
    bytes as f64 / least as f64
}

/// The length of an archive with the binary as its only entry, `bootstrap`: by APPNOTE.TXT 6.3.10,
/// sections 4.3.7, 4.3.12 and 4.3.16, headers of 30, 46 and 22 bytes and twice the name.
fn zipped(binary: &[u8]) -> Result<usize> {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(binary)?;
    Ok(deflated.finish()?.len() + 30 + 46 + 22 + 2 * "bootstrap".len())
}

/// A copy of a function that was not stripped.
fn with_symbols(functions: &Path, folder: Option<&Path>, name: &str) -> Result<PathBuf> {
    if let Some(folder) = folder {
        return Ok(folder.join(name));
    }
    let target = functions.parent().context("the folder of the functions is in none")?;
    let target = target.join("unstripped");
    let built = dependencies::cargo()
        .args(["build", "--release", "--locked", "--quiet", "--package", name, "--target-dir"])
        .arg(std::path::absolute(&target)?)
        .env("CARGO_PROFILE_RELEASE_STRIP", "none")
        .status()?;
    ensure!(built.success(), "{name} could not be built with symbols");
    Ok(target.join("release").join(name))
}

/// Whether a function of the jitter entropy library (`jent_read_entropy` and so on) is in it.
fn jitter(file: &Path) -> Result<bool> {
    let binary = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    has_jitter(&binary).with_context(|| format!("{} has no symbols", file.display()))
}

/// None where there are no symbols.
fn has_jitter(binary: &[u8]) -> Option<bool> {
    let has = |text: &str| memmem::find(binary, text.as_bytes()).is_some();
    // What the names of Rust's functions begin with, older and newer.
    (has("\0_ZN") || has("\0_R")).then(|| has("jent_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_the_deflated_entry_and_its_headers_each_time() {
        // Deflated, nothing takes 2 bytes (RFC 1951).
        assert_eq!(zipped(b"").unwrap(), 2 + 116);
        let zeros = vec![0; 1 << 20];
        assert!(zipped(&zeros).unwrap() < 2000);
        assert_eq!(zipped(&zeros).unwrap(), zipped(&zeros).unwrap());
    }

    #[test]
    fn jitter_is_told_by_its_symbols_and_not_where_there_are_none() {
        assert_eq!(has_jitter(b"\0_ZN4main\0aws_lc_0_47_0_jent_entropy_init\0"), Some(true));
        assert_eq!(has_jitter(b"\0_RNvC4main\0RAND_bytes\0"), Some(false));
        assert_eq!(has_jitter(b"\0main\0"), None);
    }
}
