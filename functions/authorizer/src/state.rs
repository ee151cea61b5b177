use gate::Gate;
use outbound::Outbound;
use serve::StartError;
use settings::Environment;

use crate::Config;

/// What each call needs. Cheap to clone.
#[derive(Clone)]
pub struct State {
    pub(crate) gate: Gate,
    pub(crate) passes_access_token: bool,
}

impl State {
    /// Makes the gate and loads the keys.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub async fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let Config { gate, passes_access_token } = config;
        // Boxed to keep this future small.
        let gate = Box::pin(Gate::start(gate, environment, outbound)).await?;
        Ok(Self { gate, passes_access_token })
    }
}
