use std::{process::ExitCode, time::Instant};

use axum::Router;
use lambda_http::LambdaEvent;
use lambda_runtime::service_fn;
use outbound::Outbound;
use serde::de::IgnoredAny;
use settings::{Environment, SettingError, SettingErrors};

use crate::{EventHandler, telemetry};

/// Why a function did not start. Its `Display` is one line, or one for each setting.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Settings are missing or wrong.
    #[error(transparent)]
    Settings(#[from] SettingErrors),
    /// A dependency without which the function cannot work is not available.
    #[error("{0}")]
    Dependency(String),
}

impl From<SettingError> for StartError {
    fn from(error: SettingError) -> Self {
        Self::Settings(error.into())
    }
}

/// Reads the settings that every function has.
///
/// # Errors
/// All settings that are wrong.
pub fn check_settings(environment: &Environment) -> Result<(), SettingErrors> {
    let outbound = Outbound::from_environment(environment);
    settings::all((telemetry::check_settings(environment), outbound)).map(drop)
}

/// Runs a Lambda function: everything a `main` does.
///
/// `build` gets the process's environment and the way out, and gives the router. When it fails,
/// its one line goes to the log and the process ends with 1, which Lambda shows as an init error.
pub async fn function<B>(name: &'static str, build: B) -> ExitCode
where
    B: AsyncFnOnce(Environment, Outbound) -> Result<Router, StartError>,
{
    ended(name, run(name, build).await)
}

/// Runs a Lambda function that has no routes: it does one thing for each event, whatever the
/// event says.
///
/// `build` gives what is to be done. When that fails, its one line goes to the log and the
/// invocation fails, which Lambda repeats if it was asynchronous.
pub async fn task<B, T, E>(name: &'static str, build: B) -> ExitCode
where
    B: AsyncFnOnce(Environment, Outbound) -> Result<T, StartError>,
    T: AsyncFn() -> Result<(), E>,
    E: std::fmt::Display,
{
    ended(name, run_task(name, build).await)
}

fn ended(name: &'static str, result: Result<(), StartError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not through `tracing`: its own settings may be what is wrong.
            for line in error.to_string().lines() {
                eprintln!("{name}: {line}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run<B>(name: &'static str, build: B) -> Result<(), StartError>
where
    B: AsyncFnOnce(Environment, Outbound) -> Result<Router, StartError>,
{
    let started = Instant::now();
    let (environment, outbound) = prepared(name)?;
    let router = build(environment, outbound).await?;
    log_start(started);
    let handler = EventHandler::new(router);
    let service = service_fn(move |event| handler.call(event));
    lambda_runtime::run(service).await.map_err(|error| StartError::Dependency(error.to_string()))
}

async fn run_task<B, T, E>(name: &'static str, build: B) -> Result<(), StartError>
where
    B: AsyncFnOnce(Environment, Outbound) -> Result<T, StartError>,
    T: AsyncFn() -> Result<(), E>,
    E: std::fmt::Display,
{
    let started = Instant::now();
    let (environment, outbound) = prepared(name)?;
    let task = &build(environment, outbound).await?;
    log_start(started);
    let service = service_fn(move |_event: LambdaEvent<IgnoredAny>| async move {
        task().await.map_err(|error| {
            tracing::error!(code = "task_failed", %error, "{name} failed");
            error.to_string()
        })
    });
    lambda_runtime::run(service).await.map_err(|error| StartError::Dependency(error.to_string()))
}

fn prepared(name: &'static str) -> Result<(Environment, Outbound), StartError> {
    let environment = Environment::process();
    telemetry::init(&environment, name)?;
    on_lambda(&environment, name)?;
    let outbound = Outbound::from_environment(&environment)?;
    Ok((environment, outbound))
}

/// A cold start, and how long it took from `main` until events can come.
fn log_start(since: Instant) {
    let milliseconds = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(code = "started", milliseconds, "ready for events");
}

/// The runtime panics without these; a person who starts the binary by hand gets a sentence.
fn on_lambda(environment: &Environment, name: &str) -> Result<(), StartError> {
    if environment.text("AWS_LAMBDA_RUNTIME_API").is_some() {
        return Ok(());
    }
    Err(StartError::Dependency(format!(
        "this is an AWS Lambda function and AWS_LAMBDA_RUNTIME_API is not set; \
         `cargo run` runs all of {} on this machine, `cargo lambda watch` runs {name} alone",
        settings::PRODUCT
    )))
}
