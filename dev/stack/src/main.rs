#![doc = include_str!("../README.md")]

mod arguments;
mod banner;
mod details;
mod environment;
mod examples;
mod failure;
mod functions;
mod gateway;
mod loopback;
mod node;
mod provider;
mod request_log;
mod running;
mod schedule;
mod shutdown;
mod telemetry;
mod variables;

use std::process::ExitCode;

use clap::Parser as _;
use time::UtcOffset;

use arguments::Arguments;
use failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Before there are other threads: with them, the zone cannot be read safely.
    let offset = UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime needs no more than threads and a timer");
    match runtime.block_on(run(&arguments, offset)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            for line in failure.to_string().lines() {
                anstream::eprintln!("tollgate: {line}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments, offset: UtcOffset) -> Result<(), Failure> {
    anstream::println!("Starting {} …", settings::PRODUCT);
    let shutdown = shutdown::Shutdown::on_signal().map_err(Failure::Signals)?;
    telemetry::init()?;
    let running = tokio::select! {
        biased;
        // Whoever changes their mind at once need not wait for a start first.
        () = shutdown.clone().requested() => return Ok(()),
        running = running::start(arguments, offset) => running?,
    };
    anstream::print!("{}", running.banner());
    if arguments.open && open::that_detached(running.url().as_str()).is_err() {
        anstream::eprintln!("No browser could be opened; the address is {}", running.url());
    }
    shutdown.requested().await;
    anstream::println!("Stopping …");
    running.finish().await;
    Ok(())
}
