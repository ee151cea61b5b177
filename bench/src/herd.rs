//! Many cold starts at once: how often the provider is asked.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use on_lambda::Function;
use tokio::task::JoinSet;

use crate::{backend::Backend, lambda::Lambda};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many instances of `todos` start at once
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=2000))]
    instances: u16,
}

/// What the instances find.
#[derive(Clone, Copy, PartialEq)]
enum Copies {
    None,
    Empty,
    Warm,
}

/// In the order of the table; each with the most documents that may be fetched, if that is bounded.
const ROWS: [(&str, Copies, Option<usize>); 3] = [
    ("no KEYS_TABLE", Copies::None, None),
    ("empty table", Copies::Empty, Some(2)),
    ("warm table", Copies::Warm, Some(0)),
];

/// What came of one herd.
struct Outcome {
    /// Instances that answered something else than 200, or nothing.
    failed: usize,
    metadata: usize,
    keys: usize,
    runs: usize,
    /// Until the last answer.
    took: Duration,
}

impl Outcome {
    fn fetched(&self) -> usize {
        self.metadata + self.keys
    }
}

pub(crate) async fn run(functions: &Path, arguments: &Arguments) -> Result<()> {
    let instances = usize::from(arguments.instances);
    println!(
        "{instances} instances of todos at once, over TLS; documents that the provider served"
    );
    println!(
        "{:<16} {:>8} {:>8} {:>8} {:>10} {:>8} {:>8} {:>8}",
        "", "metadata", "keys", "together", "target", "runs", "failed", "s"
    );
    let mut missed = Vec::new();
    for (name, copies, most) in ROWS {
        let outcome = herd(functions, instances, copies).await.context(name)?;
        println!(
            "{name:<16} {:>8} {:>8} {:>8} {:>10} {:>8} {:>8} {:>8.2}",
            outcome.metadata,
            outcome.keys,
            outcome.fetched(),
            most.map_or_else(|| "none".to_owned(), |most| format!("at most {most}")),
            outcome.runs,
            outcome.failed,
            outcome.took.as_secs_f64(),
        );
        if outcome.failed > 0 || most.is_some_and(|most| outcome.fetched() > most) {
            missed.push(name);
        }
    }
    println!("runs: how often the function `keys` ran meanwhile");
    ensure!(missed.is_empty(), "missed the target: {}", missed.join(", "));
    Ok(())
}

async fn herd(functions: &Path, instances: usize, copies: Copies) -> Result<Outcome> {
    let backend = Backend::start(true).await?;
    let mut environment = backend.environment(copies != Copies::None);
    let lambda = Lambda::of(&functions.join("keys"), backend.environment(true)).await?;
    if copies != Copies::None {
        environment.insert("KEYS_FUNCTION".to_owned(), "keys:live".to_owned());
        environment.insert("AWS_ENDPOINT_URL_LAMBDA".to_owned(), lambda.endpoint().to_owned());
    }
    if copies == Copies::Warm {
        backend.function(functions, "keys", true).await?.run().await.context("keys")?;
    }
    let before = (backend.documents.metadata(), backend.documents.keys());
    let (binary, request) = (functions.join("todos"), backend.request("todos"));
    let began = Instant::now();
    let mut herd = JoinSet::new();
    for _ in 0..instances {
        let (binary, environment, request) = (binary.clone(), environment.clone(), request.clone());
        herd.spawn(async move {
            let mut function = Function::spawn(&binary, environment).await?;
            let answer = function.invoke(request).await?;
            match answer.status {
                200 => Ok(()),
                status => bail!("it answered {status}: {}", answer.text()),
            }
        });
    }
    let mut failed = 0;
    for outcome in herd.join_all().await {
        if let Err(error) = outcome {
            // One is enough to look for the cause.
            if failed == 0 {
                eprintln!("bench: {error:#}");
            }
            failed += 1;
        }
    }
    let took = began.elapsed();
    let (runs, runs_failed) = lambda.runs().await;
    ensure!(runs_failed == 0, "{runs_failed} of {runs} runs of keys failed");
    Ok(Outcome {
        failed,
        metadata: backend.documents.metadata() - before.0,
        keys: backend.documents.keys() - before.1,
        runs,
        took,
    })
}
