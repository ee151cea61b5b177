use api::{ApiConfig, Policies};
use settings::{Environment, SettingErrors, all};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) api: ApiConfig,
    pub(crate) policies: Policies<{{count}}>,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (api, policies) = all((
            ApiConfig::from_environment(environment),
            Policies::from_environment(environment, &permissions::{{NAME}}),
        ))?;
        Ok(Self { api, policies })
    }
}
