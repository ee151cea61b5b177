//! The black-box suite: takes a base URL, knows no internals. README.md says how
//! to run it against any deployment.

mod answer;
mod api;
mod browser;
mod client;
mod control;
mod driver;
mod intercepted_callback;
mod login;
mod page;
mod page_speed;
mod panics;
mod person;
mod proxy;
mod target;
mod test_context;
mod tests;
mod token;
mod trial;
mod waterfall;
mod wire;

use anyhow::Context;
use client::Client;
use driver::Driver;
use libtest_mimic::{Arguments, Trial as Mimic};
use std::{env, process::ExitCode, sync::Arc};
use target::Target;
use test_context::Suite;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Tests also wait, so one for each processor would leave processors idle.
    arguments.test_threads.get_or_insert_with(|| {
        std::thread::available_parallelism().map_or(3, |threads| (threads.get() + 1).min(8))
    });
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        unreachable!("nothing ran before that could have installed another");
    }
    if arguments.list {
        tests::all().filter_map(|it| it.listed(&arguments)).for_each(|line| println!("{line}"));
        return ExitCode::SUCCESS;
    }
    let (suite, driver) = match suite() {
        Ok(suite) => suite,
        Err(error) => return failure(&error),
    };
    if let Ok(runs) = env::var("TOLLGATE_PAGE_RUNS") {
        let measured = page_speed::run(&suite.target, driver.as_ref(), &runs);
        return measured.map_or_else(|error| failure(&error), |()| ExitCode::SUCCESS);
    }
    let other_page = suite.target.other_page;
    let trials = tests::all().filter(|trial| trial.any_page || !other_page);
    let trials = trials.map(|trial| trial.of(&suite)).collect::<Vec<Mimic>>();
    panics::hold();
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(driver);
    conclusion.exit_code()
}

fn failure(error: &anyhow::Error) -> ExitCode {
    eprintln!("black-box: {error:#}");
    ExitCode::FAILURE
}

fn suite() -> anyhow::Result<(Arc<Suite>, Option<Driver>)> {
    let mut target = Target::from_environment()?;
    if target.provider.issuer.is_empty() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let issuer = runtime.block_on(Client::new(&target)?.published_issuer());
        target.provider.issuer = issuer.context("cannot read the API's metadata")?;
    }
    let driver = target.provider.kind.map(|_| Driver::start()).transpose()?;
    let suite = Suite::new(target, driver.as_ref().map(|driver| driver.address().clone()))?;
    Ok((Arc::new(suite), driver))
}
