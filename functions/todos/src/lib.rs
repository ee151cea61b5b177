//! The `todos` function of Tollgate.

use axum::Router;
use outbound::Outbound;
use serve::StartError;
use settings::{Environment, SettingError};

/// What the function reads from its environment.
#[derive(Debug)]
pub struct Config {}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// The first setting that is missing or wrong.
    pub fn from_environment(_environment: &Environment) -> Result<Self, SettingError> {
        todo!()
    }
}

/// What the handlers share.
#[derive(Clone)]
pub struct State {}

impl State {
    /// Makes the clients, and loads keys and opens connections side by side.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    #[expect(clippy::unused_async, reason = "the body is to come")]
    pub async fn start(
        _config: Config,
        _environment: &Environment,
        _outbound: &Outbound,
    ) -> Result<Self, StartError> {
        todo!()
    }
}

/// The function's router.
pub fn app(_state: State) -> Router {
    todo!()
}
