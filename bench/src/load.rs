//! Requests that arrive at a fixed rate, whether those before were answered or not.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use on_lambda::{Event, Function};
use tokio::{sync::Semaphore, task::JoinSet, time::Instant};

use crate::{
    backend::{Backend, ready},
    process,
};

/// Before anything is counted, to each instance.
const WARM_UP: u32 = 100;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Requests a second
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// For how long
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Instances of `todos`, each of which has one request at a time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    instances: u8,
}

/// Instances that have nothing to do.
struct Pool {
    /// One permit for each of them; who asks first is served first.
    free: Arc<Semaphore>,
    functions: Mutex<Vec<Function>>,
}

pub(crate) async fn run(functions: &Path, arguments: &Arguments) -> Result<()> {
    let Arguments { rate, seconds, instances } = *arguments;
    let backend = Backend::start(true).await?;
    let (mut started, mut pids) = (Vec::new(), Vec::new());
    for _ in 0..instances {
        let mut function = backend.function(functions, "todos", false).await?;
        for _ in 0..WARM_UP {
            function.invoke(backend.request("todos")).await?;
        }
        ready(&function).await?;
        pids.push(function.pid().context("it has ended")?);
        started.push(function);
    }
    let free = Arc::new(Semaphore::new(usize::from(instances)));
    let pool = Arc::new(Pool { free, functions: Mutex::new(started) });
    let cpu = || pids.iter().map(|pid| process::cpu(*pid)).sum::<Result<Duration>>();

    let (before, begun, mut requests) = (cpu()?, Instant::now(), JoinSet::new());
    let event = backend.request("todos");
    for number in 0..rate * seconds {
        // Counted from when it should have come, so that a server that is behind does not look
        // better for it.
        let due = begun + departure(number, rate);
        tokio::time::sleep_until(due).await;
        let (pool, event) = (pool.clone(), event.clone());
        requests.spawn(async move { pool.ask(event, due).await });
    }
    let mut latencies = Vec::new();
    while let Some(latency) = requests.join_next().await {
        latencies.push(latency??);
    }
    let spent = cpu()?.saturating_sub(before).as_secs_f64();
    latencies.sort_unstable();
    println!("TLS, {rate} requests a second for {seconds} s, {instances} instances of todos");
    for (name, permille) in [("median", 500), ("p90", 900), ("p99", 990), ("p99.9", 999)] {
        let latency = at(&latencies, permille).as_secs_f64() * 1e3;
        println!("{name:>7} {latency:>8.2} ms");
    }
    println!("requests in a CPU second: {:.0}", f64::from(rate * seconds) / spent);
    Ok(())
}

impl Pool {
    /// Sends an event to the next instance that is free; how long after `due` its answer came.
    async fn ask(&self, event: Event, due: Instant) -> Result<Duration> {
        let permit = self.free.acquire().await?;
        let function = self.functions().pop();
        let mut function = function.context("a permit is an instance that is free")?;
        let answer = function.invoke(event).await?;
        let latency = due.elapsed();
        ensure!(answer.status == 200, "todos answered {answer:?}");
        // It asks for the next event before it can have one.
        ready(&function).await?;
        self.functions().push(function);
        drop(permit);
        Ok(latency)
    }

    fn functions(&self) -> std::sync::MutexGuard<'_, Vec<Function>> {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a request comes, after the first one.
fn departure(number: u32, rate: u32) -> Duration {
    Duration::from_micros(u64::from(number) * 1_000_000 / u64::from(rate))
}

/// In what time that many of a thousand were answered.
///
/// # Panics
/// When there is none.
fn at(sorted: &[Duration], permille: usize) -> Duration {
    sorted[(sorted.len() * permille).div_ceil(1000).max(1) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_evenly() {
        let times: Vec<_> = (0..4).map(|number| departure(number, 3).as_micros()).collect();
        assert_eq!(times, [0, 333_333, 666_666, 1_000_000]);
    }

    #[test]
    fn a_percentile_is_the_least_that_so_many_stay_within() {
        let sorted: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(at(&sorted, 500), Duration::from_millis(100));
        assert_eq!(at(&sorted, 990), Duration::from_millis(198));
        assert_eq!(at(&sorted, 999), Duration::from_millis(200));
        assert_eq!(at(&sorted[..1], 500), Duration::from_millis(1));
    }
}
