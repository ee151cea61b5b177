//! Whose instructions a warm request is made of.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use on_lambda::Function;

use crate::{
    backend::{Backend, ready},
    peer::on_path,
    process,
};

/// Requests of the shorter and of the longer run: what is counted is the difference, so that
/// neither the start nor the first requests are in it.
const REQUESTS: (u32, u32) = (50, 150);

/// What callgrind calls the functions that a request is divided at. Each is counted with all that
/// it calls.
const ROUTER: &str = "axum::routing::route::RouteFuture";
const SDK: &str = "aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder::send";
const SIGNATURE: &str = "EVP_DigestVerify";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of a `todos` with symbols, as `sizes --symbols` builds it
    #[arg(long, value_name = "FOLDER", default_value = "target/unstripped/release")]
    symbols: PathBuf,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    let backend = Backend::start(true).await?;
    let folder = tempfile::tempdir()?;
    let todos = arguments.symbols.join("todos");
    let mut counts = Vec::new();
    for requests in [REQUESTS.0, REQUESTS.1] {
        let profile = folder.path().join(requests.to_string());
        count(&backend, &todos, requests, &profile).await?;
        counts.push(annotate(&profile)?);
    }
    let each = |name: &str| -> Result<u64> {
        let [fewer, more] = [&counts[0], &counts[1]].map(|text| inclusive(text, name));
        let missing = || format!("callgrind has no {name}: is {} with symbols?", todos.display());
        let (fewer, more) = (fewer.with_context(missing)?, more.with_context(missing)?);
        Ok((more - fewer) / u64::from(REQUESTS.1 - REQUESTS.0))
    };
    let (all, router) = (each("PROGRAM TOTALS")?, each(ROUTER)?);
    let (sdk, signature) = (each(SDK)?, each(SIGNATURE)?);
    println!("instructions of a warm request to todos over TLS, by callgrind");
    for (name, part) in [
        ("together", all),
        ("AWS SDK, connection included", sdk),
        ("checking the signature", signature),
        ("Lambda runtime, lambda_http", all - router),
        ("routing, judging, log, metrics, JSON", router - sdk - signature),
    ] {
        println!("{name:<38} {part:>9} {:>6.1} %", percent(part, all));
    }
    println!("target: the last one at most 10 %");
    Ok(())
}

/// Has `todos` answer so many requests under callgrind, which writes `profile` when it ends.
async fn count(backend: &Backend, todos: &Path, requests: u32, profile: &Path) -> Result<()> {
    let valgrind = on_path("valgrind").context("this needs Valgrind: install it")?;
    let file = format!("--callgrind-out-file={}", profile.display());
    let arguments = ["--tool=callgrind".as_ref(), file.as_ref(), todos.as_os_str()];
    let mut function =
        Function::spawn_with(&valgrind, &arguments, backend.environment(false)).await?;
    let request = backend.request("todos");
    for _ in 0..requests {
        ready(&function).await?;
        let answer = function.invoke(request.clone()).await?;
        ensure!(answer.status == 200, "todos answered {answer:?}");
    }
    ready(&function).await?;
    process::end(function.pid().context("it has ended")?)?;
    function.ended().await?;
    Ok(())
}

/// Every function with the instructions of all that it calls.
fn annotate(profile: &Path) -> Result<String> {
    let output = Command::new("callgrind_annotate")
        .args(["--inclusive=yes", "--threshold=100"])
        .arg(profile)
        .output()
        .context("cannot start callgrind_annotate, which comes with Valgrind")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The most in a line with that name, such as `1,016,902 (91.2%)  file:name [program]`. What calls
/// itself has a line for each depth, marked by an apostrophe, which are no more than parts.
fn inclusive(text: &str, name: &str) -> Option<u64> {
    let lines = text.lines().filter(|line| line.contains(name) && !line.contains("'2"));
    let counts = lines
        .filter_map(|line| line.split_whitespace().next()?.replace(',', "").parse::<u64>().ok());
    counts.max()
}

#[expect(clippy::cast_precision_loss, reason = "a request is far below 2^52 instructions")]
fn percent(part: u64, all: u64) -> f64 {
    100.0 * part as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_function_is_found_and_its_depths_are_not() {
        let text = "340,796,501 (100.0%)  PROGRAM TOTALS\n\
                    6,502,420 (9.9%)  ???:<axum::Map as Future>::poll'2 [todos]\n\
                    861,184 (77.3%)  ???:<axum::Map as Future>::poll [todos]\n";
        assert_eq!(inclusive(text, "axum::Map"), Some(861_184));
        assert_eq!(inclusive(text, "PROGRAM TOTALS"), Some(340_796_501));
        assert_eq!(inclusive(text, "nobody"), None);
    }
}
