use std::process::ExitCode;

use axum::Router;
use lambda_http::{Adapter, LambdaEvent};
use lambda_runtime::{service_fn, tower::Service};
use outbound::Outbound;
use settings::{Environment, SettingError};

use crate::{event, request_log, telemetry};

/// Why a function did not start. Its `Display` is one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Something that the function cannot be without was not to be had.
    #[error("{0}")]
    Needed(String),
}

/// Runs a Lambda function: everything a `main` does.
///
/// `build` gets the process's environment and the way out, and gives the router. When it fails,
/// its one line goes to the log and the process ends with 1, which Lambda shows as an init error.
pub async fn function<B>(name: &'static str, build: B) -> ExitCode
where
    B: AsyncFnOnce(Environment, Outbound) -> Result<Router, StartError>,
{
    match run(name, build).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not through `tracing`: its own settings may be what is wrong.
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run<B>(name: &'static str, build: B) -> Result<(), StartError>
where
    B: AsyncFnOnce(Environment, Outbound) -> Result<Router, StartError>,
{
    let environment = Environment::process();
    telemetry::init(&environment)?;
    on_lambda(&environment, name)?;
    let outbound = Outbound::from_environment(&environment)?;
    let router = build(environment, outbound).await?;
    let router = router.layer(axum::middleware::from_fn(request_log::log));
    let mut adapter = Adapter::from(router);
    let service = service_fn(move |mut event: LambdaEvent<_>| {
        event::make_well_formed(&mut event.payload);
        adapter.call(event)
    });
    lambda_runtime::run(service).await.map_err(|error| StartError::Needed(error.to_string()))
}

/// The runtime panics without these; a person who starts the binary by hand gets a sentence.
fn on_lambda(environment: &Environment, name: &str) -> Result<(), StartError> {
    if environment.text("AWS_LAMBDA_RUNTIME_API").is_some() {
        return Ok(());
    }
    Err(StartError::Needed(format!(
        "this is an AWS Lambda function and AWS_LAMBDA_RUNTIME_API is not set; \
         `cargo run` runs all of Tollgate on this machine, `cargo lambda watch` runs {name} alone"
    )))
}
