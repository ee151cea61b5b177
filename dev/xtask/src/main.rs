//! The chores of this repository, by `cargo xtask <chore>`: README.md lists them.

mod attack;
mod bench;
mod command;
mod count;
mod deploy;
mod destroy;
mod docker;
mod doctor;
mod e2e;
mod emulator;
mod fuzz;
mod instructions;
mod loopback;
mod new;
mod page;
mod programs;
mod service;
mod stack;
mod suite;
mod summary;
mod test;
mod tier;
mod token;
mod tool;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of this repository", version)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Runs every test, or the tiers that are named
    Test(test::Arguments),
    /// Puts the black-box suite, or some tests of it, through one target
    E2e(e2e::Arguments),
    /// Bundles the page's modules and style sheets into functions/web/bundle
    Page,
    /// Attacks a local stack, or a target of yours, with what reviews have tried
    Attack(attack::Arguments),
    /// Looks for known vulnerabilities in the dependencies; needs the network
    Advisories,
    /// Prints an access token for the API that `cargo run` serves
    Token(token::Arguments),
    /// Measures what the functions cost
    Bench(bench::Arguments),
    /// Fuzzes the verifier, for a time or until it finds something
    Fuzz(fuzz::Arguments),
    /// Creates a part of the repository from a template
    #[command(subcommand)]
    New(new::New),
    /// Deploys an environment of samconfig.toml to AWS
    Deploy(deploy::Arguments),
    /// Deletes a deployment and says what stays
    Destroy(destroy::Arguments),
    /// Starts an emulator of AWS to practise a deployment on
    Emulator,
    /// Checks a configuration or a deployment and says what to do
    Doctor(doctor::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = Workspace::find().and_then(|workspace| match arguments.chore {
        Chore::Test(arguments) => test::run(&workspace, &arguments),
        Chore::E2e(arguments) => e2e::run(&workspace, &arguments),
        Chore::Page => page::bundle(&workspace).map(|()| ExitCode::SUCCESS),
        Chore::Attack(arguments) => attack::run(&workspace, &arguments),
        Chore::Advisories => tier::advisories(&workspace),
        Chore::Token(arguments) => token::run(&arguments),
        Chore::Bench(arguments) => bench::run(&workspace, &arguments),
        Chore::Fuzz(arguments) => fuzz::run(&workspace, &arguments),
        Chore::New(what) => new::run(&workspace, &what),
        Chore::Deploy(arguments) => deploy::run(&workspace, &arguments),
        Chore::Destroy(arguments) => destroy::run(&workspace, &arguments),
        Chore::Emulator => emulator::run(&workspace),
        Chore::Doctor(arguments) => doctor::run(&workspace, &arguments),
    });
    done.unwrap_or_else(|error| {
        eprintln!("cargo xtask: {error:#}");
        ExitCode::FAILURE
    })
}
