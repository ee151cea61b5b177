use gate::GateConfig;
use settings::{Environment, Setting, SettingErrors, all};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) gate: GateConfig,
    /// `AUTHORIZER_PASS_ACCESS_TOKEN`.
    pub(crate) passes_access_token: bool,
}

const PASS_ACCESS_TOKEN: Setting = Setting::new(
    "AUTHORIZER_PASS_ACCESS_TOKEN",
    "whether functions behind the authorizer get the caller's access token: `true` or `false`",
    "true",
)
.default("false");

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (gate, passes_access_token) = all((
            GateConfig::from_environment(environment),
            environment.required(&PASS_ACCESS_TOKEN),
        ))?;
        Ok(Self { gate, passes_access_token })
    }
}
