//! First requests under a quota: what init left undone shows as a slow one.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use on_lambda::Function;

use crate::{
    backend::{Backend, ready},
    quota::{self, Quota},
    sample::median,
};

/// Requests after the first one.
const WARM: usize = 21;

const SUBJECTS: [&str; 3] = ["hello", "signin", "todos"];

/// Starts each function `runs` times, gives it `percent` of a processor once it has asked for its
/// first event, and prints its first request against its others.
pub(crate) async fn run(functions: &Path, runs: u16, percent: u32) -> Result<()> {
    let quota = Quota::of(percent)?;
    let backend = Backend::start(true).await?;
    let mut times = SUBJECTS.map(|_| (Vec::new(), Vec::new()));
    for _ in 0..runs {
        for (name, (first, warm)) in SUBJECTS.iter().zip(&mut times) {
            let mut function = backend.function(functions, name, false).await?;
            ready(&function).await?;
            quota.take(function.pid().context("it has ended")?)?;
            first.push(ask(&backend, &mut function, name, percent).await?);
            let mut others = Vec::new();
            for _ in 0..WARM {
                others.push(ask(&backend, &mut function, name, percent).await?);
            }
            warm.push(median(others));
            function.end().await?;
        }
    }
    println!(
        "TLS, {percent} % of a processor after init, in periods of {} µs: medians of {runs} \
         starts, and of {WARM} requests after the first",
        quota::period(percent)
    );
    println!("{:<16} {:>8} {:>8} {:>8}", "", "first ms", "warm ms", "ratio");
    for (name, (first, warm)) in SUBJECTS.iter().zip(times) {
        let (first, warm) = (median(first), median(warm));
        println!("{name:<16} {first:>8.2} {warm:>8.2} {:>7.2}x", first / warm);
    }
    println!("target: at most 1.5x");
    Ok(())
}

/// How long an answer takes, in milliseconds.
async fn ask(backend: &Backend, function: &mut Function, name: &str, percent: u32) -> Result<f64> {
    ready(function).await?;
    // Each request begins with the share of whole periods before it unspent.
    tokio::time::sleep(Duration::from_micros(u64::from(quota::period(percent)) * 3)).await;
    let asked = Instant::now();
    let answer = function.invoke(backend.request(name)).await?;
    let took = asked.elapsed();
    ensure!(answer.status < 400, "{name} answered {answer:?}");
    Ok(took.as_secs_f64() * 1e3)
}
