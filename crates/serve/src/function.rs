use std::{process::ExitCode, time::Instant};

use axum::Router;
use lambda_http::LambdaEvent;
use lambda_runtime::{Diagnostic, service_fn};
use outbound::Outbound;
use serde::{Serialize, de::DeserializeOwned};
use settings::{Environment, SettingError, SettingErrors};

use crate::{EventHandler, event::HttpApiEvent, telemetry};

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
    let build = async |environment, outbound| {
        let handler = EventHandler::new(build(environment, outbound).await?);
        Ok(async move |event: LambdaEvent<HttpApiEvent>| handler.call(event).await)
    };
    ended(name, run(name, build).await)
}

/// Runs a Lambda function without a router.
///
/// `build` gives what handles an event. An error's text is the message of the function error; an
/// event that is not an `I` is one, too.
pub async fn events<B, H, I, O, E>(name: &'static str, build: B) -> ExitCode
where
    B: AsyncFnOnce(Environment, Outbound) -> Result<H, StartError>,
    H: AsyncFn(I) -> Result<O, E>,
    I: DeserializeOwned,
    O: Serialize,
    E: std::fmt::Display,
{
    let build = async |environment, outbound| {
        let handle = build(environment, outbound).await?;
        Ok(async move |event: LambdaEvent<I>| {
            // Boxed: the layout of nested futures reaches the compiler's depth limit.
            Box::pin(handle(event.payload)).await.map_err(|error| error.to_string())
        })
    };
    ended(name, run(name, build).await)
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

async fn run<B, H, I, O, E>(name: &'static str, build: B) -> Result<(), StartError>
where
    B: AsyncFnOnce(Environment, Outbound) -> Result<H, StartError>,
    H: AsyncFn(LambdaEvent<I>) -> Result<O, E>,
    I: DeserializeOwned,
    O: Serialize,
    E: Into<Diagnostic> + std::fmt::Debug,
{
    let started = Instant::now();
    let (environment, outbound) = prepared(name)?;
    let handle = &build(environment, outbound).await?;
    log_start(started);
    let service = service_fn(move |event| async move { handle(event).await });
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
