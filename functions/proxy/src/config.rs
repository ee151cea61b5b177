use std::time::Duration;

use gate::GateConfig;
use settings::{Environment, Setting, SettingError, SettingErrors, all};

use crate::upstream::Upstreams;

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) gate: GateConfig,
    pub(crate) upstreams: Upstreams,
    pub(crate) timeout: Duration,
}

const UPSTREAMS: Setting = Setting::new(
    "UPSTREAMS",
    "the HTTP APIs behind the proxy: pairs of a path and the URL that takes its place",
    "\"/api/orders-http https://orders.internal.example/v1/orders\"",
)
.optional("none: nothing is there, 404");

const TIMEOUT: Setting = Setting::new(
    "UPSTREAM_TIMEOUT_SECONDS",
    "how long a request to an upstream may take, at most 28; API Gateway waits for 30",
    "10",
)
.default("25");

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (gate, upstreams, timeout) = all((
            GateConfig::from_environment(environment),
            environment.optional(&UPSTREAMS),
            timeout(environment),
        ))?;
        Ok(Self { gate, upstreams: upstreams.unwrap_or_default(), timeout })
    }
}

fn timeout(environment: &Environment) -> Result<Duration, SettingError> {
    match environment.whole_number::<u64>(&TIMEOUT)? {
        seconds @ 1..=28 => Ok(Duration::from_secs(seconds)),
        _ => Err(SettingError::invalid(&TIMEOUT, "it must be from 1 to 28")),
    }
}
