use std::time::Duration;

use keys::{Config, State};
use outbound::Outbound;
use settings::Environment;
use tokio::task::JoinSet;

use crate::{failure::Failure, shutdown::Shutdown};

/// As `template.yaml` says: rate(1 hour).
const EVERY: Duration = Duration::from_hours(1);

/// Runs the function `keys` now, and then as often as its schedule says until `shutdown`.
pub(crate) async fn start(
    environment: &Environment,
    outbound: &Outbound,
    shutdown: &Shutdown,
    tasks: &mut JoinSet<()>,
) -> Result<(), Failure> {
    let config = Config::from_environment(environment)?;
    let state = State::start(config, environment, outbound)
        .map_err(|error| Failure::function("keys", error))?;
    run(&state).await;
    let shutdown = shutdown.clone();
    tasks.spawn(async move {
        let hourly = async {
            loop {
                tokio::time::sleep(EVERY).await;
                run(&state).await;
            }
        };
        tokio::select! {
            () = hourly => {}
            () = shutdown.requested() => {}
        }
    });
    Ok(())
}

/// The other functions do without.
async fn run(state: &State) {
    if let Err(error) = keys::refresh(state).await {
        tracing::warn!(%error, "no copies of the provider's keys");
    }
}
