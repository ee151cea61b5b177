//! Cold starts: from a process that is not there to the first answers.

use std::{path::PathBuf, time::Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use crate::{
    backend::{self, Backend, ready},
    baseline,
    functions::Functions,
    peer::PEER,
    process,
    sample::{Medians, Sample},
    throttled,
};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Starts of each function; an odd number has a median of its own
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,
    /// Write the medians to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Compare with an earlier run, as `--json` has written it
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Instead: the first request against later ones, with so much of a processor after init, in
    /// percent (7 is what Lambda gives with 128 MB); Linux with control groups, as root
    #[arg(long, value_name = "PERCENT", conflicts_with_all = ["json", "baseline"])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    quota: Option<u32>,
}

/// What is started. Copies of keys are read where they are set, as in a deployment.
const SUBJECTS: [Subject; 9] = [
    Subject { title: "hello", function: "hello", with_copies: false },
    Subject { title: "signin", function: "signin", with_copies: false },
    Subject { title: "todos", function: "todos", with_copies: false },
    Subject { title: "todos, snapshot", function: "todos", with_copies: true },
    Subject { title: "callback, snapshot", function: "callback", with_copies: true },
    Subject { title: "web, snapshot", function: "web", with_copies: true },
    Subject { title: "authorizer, snapshot", function: "authorizer", with_copies: true },
    Subject { title: "proxy, snapshot", function: "proxy", with_copies: true },
    Subject { title: PEER, function: PEER, with_copies: false },
];

#[derive(Clone, Copy)]
struct Subject {
    title: &'static str,
    function: &'static str,
    with_copies: bool,
}

pub(crate) async fn run(functions: &Functions, arguments: &Arguments) -> Result<()> {
    if let Some(percent) = arguments.quota {
        return throttled::run(functions.folder(), arguments.runs, percent).await;
    }
    // Before minutes are spent on measuring.
    let baseline = arguments.baseline.as_deref().map(baseline::read).transpose()?;
    let subjects: Vec<_> = SUBJECTS.into_iter().filter(|it| functions.has(it.function)).collect();
    let mut document = Map::new();
    for (title, with_tls) in [("plain", false), ("TLS", true)] {
        let backend = Backend::start(with_tls).await?;
        functions.start(&backend, "keys", true).await?.run().await.context("keys")?;
        let mut samples = vec![Vec::new(); subjects.len()];
        // In turn, so that what else happens on the machine falls on all of them.
        for _ in 0..arguments.runs {
            for (subject, samples) in subjects.iter().zip(&mut samples) {
                samples.push(start(&backend, functions, *subject).await?);
            }
        }
        let medians: Vec<_> = samples.iter().map(|samples| Medians::of(samples)).collect();
        print(title, arguments.runs, &subjects, &medians);
        let named = subjects.iter().zip(medians);
        let named = named.map(|(subject, medians)| (subject.title.to_owned(), medians.to_json()));
        document.insert(title.to_owned(), named.collect());
    }
    if let Some(baseline) = baseline {
        print!("{}", baseline::compare(&document, &baseline));
    }
    if let Some(file) = &arguments.json {
        std::fs::write(file, format!("{:#}\n", Value::Object(document)))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Starts a function and sends it two events.
async fn start(backend: &Backend, functions: &Functions, subject: Subject) -> Result<Sample> {
    let Subject { function: name, with_copies, .. } = subject;
    let mut function = functions.start(backend, name, with_copies).await?;
    let pid = function.pid().context("it has ended")?;
    ready(&function).await?;
    let asked = Instant::now();
    ask(backend, &mut function, name).await?;
    let (first, cold_cpu) = (asked.elapsed(), process::cpu(pid)?);
    ask(backend, &mut function, name).await?;
    let warm_cpu = process::cpu(pid)?.saturating_sub(cold_cpu);
    Ok(Sample { cold_cpu, first, warm_cpu, memory: process::peak_memory(pid)? })
}

async fn ask(backend: &Backend, function: &mut on_lambda::Function, name: &str) -> Result<()> {
    let status = backend::ask(function, name, backend.request(name)).await?;
    ensure!(status < 400, "{name} answered {status}");
    // It answers before it asks for the next event; that is part of the request.
    ready(function).await?;
    Ok(())
}

fn print(title: &str, runs: u16, subjects: &[Subject], medians: &[Medians]) {
    println!("\n{title}: medians of {runs} starts each, and multiples of hello");
    println!(
        "{:<20} {:>16} {:>16} {:>16} {:>16}",
        "", "cold CPU ms", "first ms", "warm CPU µs", "RSS MiB"
    );
    for (subject, these) in subjects.iter().zip(medians) {
        let ratio = these.over(&medians[0]);
        let name = subject.title;
        println!(
            "{name:<20} {:>8.2} {:>6.2}x {:>8.2} {:>6.2}x {:>8.0} {:>6.2}x {:>8.2} {:>6.2}x",
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
    let of = |title| {
        let found = subjects.iter().zip(medians).find(|(subject, _)| subject.title == title);
        found.map(|(_, medians)| medians)
    };
    if let (Some(peer), Some(todos)) = (of(PEER), of("todos")) {
        let Medians { cold_cpu, memory, .. } = peer.over(todos);
        println!("node over todos: {cold_cpu:.1} times the cold CPU, {memory:.1} times the memory");
    }
}
