//! Cold starts: from a process that is not there to the first answers.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use crate::process;
use crate::sample::{Medians, Sample};
use crate::throttled;
use crate::world::World;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Starts of each function; an odd number has a median of its own
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,
    /// Write the medians to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Instead: the first request against later ones, with so much of a processor after init, in
    /// percent (7 is what Lambda gives with 128 MB); Linux with cgroup v2, as root
    #[arg(long, value_name = "PERCENT", conflicts_with = "json")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    quota: Option<u32>,
}

/// What is started: its name in the table, its binary, and whether it reads copies of keys.
const SUBJECTS: [(&str, &str, bool); 4] = [
    ("hello", "hello", false),
    ("signin", "signin", false),
    ("todos", "todos", false),
    ("todos, snapshot", "todos", true),
];

pub(crate) async fn run(functions: &Path, arguments: &Arguments) -> Result<()> {
    if let Some(percent) = arguments.quota {
        return throttled::run(functions, arguments.runs, percent).await;
    }
    let mut document = Map::new();
    for (title, with_tls) in [("plain", false), ("TLS", true)] {
        let world = World::start(with_tls).await?;
        world.function(functions, "keys", true).await?.run().await.context("keys")?;
        let mut samples = SUBJECTS.map(|_| Vec::new());
        // In turn, so that what else happens on the machine falls on all of them.
        for _ in 0..arguments.runs {
            for ((_, binary, with_copies), samples) in SUBJECTS.iter().zip(&mut samples) {
                samples.push(start(&world, functions, binary, *with_copies).await?);
            }
        }
        let medians = samples.map(|samples| Medians::of(&samples));
        print(title, arguments.runs, &medians);
        let named = SUBJECTS.iter().zip(medians);
        let named = named.map(|((name, ..), medians)| ((*name).to_owned(), medians.to_json()));
        document.insert(title.to_owned(), named.collect());
    }
    if let Some(file) = &arguments.json {
        std::fs::write(file, format!("{:#}\n", Value::Object(document)))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Starts a function and sends it two events.
async fn start(world: &World, functions: &Path, binary: &str, with_copies: bool) -> Result<Sample> {
    let mut function = world.function(functions, binary, with_copies).await?;
    let pid = function.pid().context("it has ended")?;
    function.ready().await;
    let asked = Instant::now();
    ask(world, &mut function, binary).await?;
    let (first, cold_cpu) = (asked.elapsed(), process::cpu(pid)?);
    ask(world, &mut function, binary).await?;
    let warm_cpu = process::cpu(pid)?.saturating_sub(cold_cpu);
    Ok(Sample { cold_cpu, first, warm_cpu, memory: process::peak_memory(pid)? })
}

async fn ask(world: &World, function: &mut on_lambda::Function, binary: &str) -> Result<()> {
    let answer = function.invoke(world.request(binary)).await?;
    ensure!(answer.status < 400, "{binary} answered {answer:?}");
    // It answers before it asks for the next event; that is part of the request.
    function.ready().await;
    Ok(())
}

fn print(title: &str, runs: u16, medians: &[Medians]) {
    println!("\n{title}: medians of {runs} starts each, and multiples of hello");
    println!(
        "{:<16} {:>16} {:>16} {:>16} {:>16}",
        "", "cold CPU ms", "first ms", "warm CPU µs", "RSS MiB"
    );
    for ((name, ..), these) in SUBJECTS.iter().zip(medians) {
        let ratio = these.over(&medians[0]);
        println!(
            "{name:<16} {:>8.2} {:>6.2}x {:>8.2} {:>6.2}x {:>8.0} {:>6.2}x {:>8.2} {:>6.2}x",
            these.cold_cpu / 1e3,
            ratio.cold_cpu,
            these.first / 1e3,
            ratio.first,
            these.warm_cpu,
            ratio.warm_cpu,
            these.memory / 1024.0,
            ratio.memory,
        );
    }
}
