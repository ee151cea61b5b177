//! What a request costs once everything is there.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::functions::{Functions, PEER};
use crate::process;
use crate::sample::median;
use crate::world::{World, ready};

/// Before anything is counted: connections are open, and memory is as much as it will be.
const WARM_UP: u32 = 200;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Requests that each instance gets after 200 that are not counted
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,
    /// Instances of each function, in turn
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    instances: u16,
}

const SUBJECTS: [&str; 3] = ["hello", "todos", PEER];

pub(crate) async fn run(functions: &Functions, arguments: &Arguments) -> Result<()> {
    let world = World::start(true).await?;
    let subjects: Vec<_> = SUBJECTS.into_iter().filter(|name| functions.has(name)).collect();
    let mut cpu = vec![Vec::new(); subjects.len()];
    let mut memory = cpu.clone();
    for _ in 0..arguments.instances {
        for (subject, name) in subjects.iter().enumerate() {
            let (each, most) = measure(&world, functions, name, arguments.requests).await?;
            cpu[subject].push(each.as_secs_f64() * 1e6);
            #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 KiB")]
            memory[subject].push(most as f64 / 1024.0);
        }
    }
    let Arguments { requests, instances } = arguments;
    println!("TLS: medians of {instances} instances with {requests} requests each");
    println!("{:<8} {:>20} {:>18}", "", "CPU µs a request", "RSS MiB");
    let medians = |all: Vec<Vec<f64>>| all.into_iter().map(median).collect::<Vec<_>>();
    let (cpu, memory) = (medians(cpu), medians(memory));
    for (subject, name) in subjects.iter().enumerate() {
        let (cpu_ratio, memory_ratio) = (cpu[subject] / cpu[0], memory[subject] / memory[0]);
        let (cpu, memory) = (cpu[subject], memory[subject]);
        println!("{name:<8} {cpu:>12.1} {cpu_ratio:>6.2}x {memory:>10.2} {memory_ratio:>6.2}x");
    }
    if let [_, todos, peer] = cpu[..] {
        println!("todos answers {:.1} times as many requests in a CPU second", peer / todos);
    }
    Ok(())
}

/// The CPU time of one request, and the most memory in KiB.
async fn measure(
    world: &World,
    functions: &Functions,
    name: &str,
    requests: u32,
) -> Result<(Duration, u64)> {
    let mut function = world.function(functions, name, false).await?;
    let pid = function.pid().context("it has ended")?;
    let event = world.request(name);
    let mut before = Duration::ZERO;
    for request in 0..WARM_UP + requests {
        if request == WARM_UP {
            ready(&function).await?;
            before = process::cpu(pid)?;
        }
        let answer = function.invoke(event.clone()).await?;
        ensure!(answer.status == 200, "{name} answered {answer:?}");
    }
    ready(&function).await?;
    Ok(((process::cpu(pid)? - before) / requests, process::peak_memory(pid)?))
}
