use api::ApiConfig;
use settings::{Environment, SettingErrors, all};

/// The policies of the function's permissions.
pub(crate) type Policies = api::Policies<{ permissions::TODOS.len() }>;

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) api: ApiConfig,
    pub(crate) policies: Policies,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (api, policies) = all((
            ApiConfig::from_environment(environment),
            Policies::from_environment(environment, &permissions::TODOS),
        ))?;
        Ok(Self { api, policies })
    }
}
