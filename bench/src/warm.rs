//! Warm requests: what one more costs an instance that has served some.

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::{
    backend::{self, Backend, ready},
    functions::Functions,
    peer::PEER,
    process,
    sample::median,
};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Instances of each function; an odd number has a median of its own
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,
    /// Requests to each instance that count
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    /// Requests to each instance before those
    #[arg(long, default_value_t = 200)]
    warm_up: u32,
}

/// `todos` refuses a page's size after it has authorized the caller, and before it reads its table.
const NO_TABLE: &str = "todos, no table";

const SUBJECTS: [&str; 7] = ["hello", "todos", NO_TABLE, "authorizer", "direct", "proxy", PEER];

/// One instance.
#[derive(Clone, Copy)]
struct Cost {
    /// CPU time of a request, in microseconds.
    cpu: f64,
    /// The median time from an event to its answer, in microseconds.
    time: f64,
    /// The most memory, in MiB.
    memory: f64,
}

pub(crate) async fn run(functions: &Functions, arguments: &Arguments) -> Result<()> {
    let backend = Backend::start(true).await?;
    let subjects: Vec<_> = SUBJECTS.into_iter().filter(|name| functions.has(name)).collect();
    let mut costs = vec![Vec::new(); subjects.len()];
    // In turn, so that what else happens on the machine falls on all of them.
    for _ in 0..arguments.runs {
        for (subject, costs) in subjects.iter().zip(&mut costs) {
            costs.push(serve(&backend, functions, subject, arguments).await.context(*subject)?);
        }
    }
    let medians: Vec<_> = costs.iter().map(|costs| Cost::median(costs)).collect();
    println!(
        "TLS: medians of {} instances each, {} requests after {}, and multiples of hello",
        arguments.runs, arguments.requests, arguments.warm_up
    );
    println!("{:<16} {:>16} {:>16} {:>8}", "", "CPU µs", "RSS MiB", "time µs");
    for (subject, these) in subjects.iter().zip(&medians) {
        println!(
            "{subject:<16} {:>8.1} {:>6.2}x {:>8.2} {:>6.2}x {:>8.0}",
            these.cpu,
            these.cpu / medians[0].cpu,
            these.memory,
            these.memory / medians[0].memory,
            these.time,
        );
    }
    println!("target: CPU at most 3.2x, RSS at most 2.4x");
    println!("authorizer over {NO_TABLE}: {:.2} times the CPU", medians[3].cpu / medians[2].cpu);
    println!("target: at most 1.5 times");
    let (direct, proxy) = (medians[4], medians[5]);
    println!(
        "proxy over direct: {:.2} times the CPU, and {:.2} ms more",
        proxy.cpu / direct.cpu,
        (proxy.time - direct.time) / 1000.0,
    );
    println!("target: at most 1.3 times, and 2 ms");
    if let [_, todos, _, _, _, _, peer] = medians[..] {
        let requests = peer.cpu / todos.cpu;
        println!("todos answers {requests:.1} times as many requests in a CPU second as {PEER}");
        println!("target: at least 8 times");
    }
    Ok(())
}

impl Cost {
    fn median(costs: &[Self]) -> Self {
        Self {
            cpu: median(costs.iter().map(|cost| cost.cpu).collect()),
            time: median(costs.iter().map(|cost| cost.time).collect()),
            memory: median(costs.iter().map(|cost| cost.memory).collect()),
        }
    }
}

async fn serve(
    backend: &Backend,
    functions: &Functions,
    subject: &str,
    arguments: &Arguments,
) -> Result<Cost> {
    let (name, status) = if subject == NO_TABLE { ("todos", 400) } else { (subject, 200) };
    let mut function = functions.start(backend, name, false).await?;
    let pid = function.pid().context("it has ended")?;
    let request = match subject {
        NO_TABLE => backend.request(name).query("limit=0"),
        _ => backend.request(name),
    };
    let (mut before, mut times) = (None, Vec::new());
    for number in 0..arguments.warm_up + arguments.requests {
        ready(&function).await?;
        if number == arguments.warm_up {
            before = Some(process::cpu(pid)?);
        }
        let asked = Instant::now();
        let answered = backend::ask(&mut function, name, request.clone()).await?;
        if before.is_some() {
            times.push(asked.elapsed().as_secs_f64() * 1e6);
        }
        ensure!(answered == status, "it answered {answered}");
    }
    ready(&function).await?;
    let before = before.context("no request counts")?;
    let spent = process::cpu(pid)?.saturating_sub(before);
    let memory = u32::try_from(process::peak_memory(pid)?).context("more memory than there is")?;
    Ok(Cost {
        cpu: spent.as_secs_f64() * 1e6 / f64::from(arguments.requests),
        time: median(times),
        memory: f64::from(memory) / 1024.0,
    })
}
