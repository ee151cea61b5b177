use auth::ProviderConfig;
use key_snapshot::KEYS_TABLE;
use settings::{Environment, SettingErrors, all};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) provider: ProviderConfig,
    pub(crate) table: String,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let table = environment.required(&KEYS_TABLE);
        let (provider, table) = all((settings::provider_with_keys(environment), table))?;
        Ok(Self { provider, table })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_or_a_table_that_is_missing_or_empty_ends_the_start() {
        let good =
            Environment::of([("OIDC_ISSUER", "https://login.example"), ("KEYS_TABLE", "keys")]);
        assert!(Config::from_environment(&good).is_ok());
        for name in ["OIDC_ISSUER", "KEYS_TABLE"] {
            for bad in [good.clone().without(name), good.clone().with(name, " ")] {
                let error = Config::from_environment(&bad).unwrap_err().to_string();
                assert!(error.starts_with(&format!("{name} is not set")), "{error}");
            }
        }
    }
}
