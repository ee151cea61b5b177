//! Which provider, and who we are there.

use auth::ProviderConfig;
use settings::{Environment, Setting, SettingErrors, all};

use crate::ClientId;

const CLIENT_ID: Setting = Setting::new(
    "OIDC_CLIENT_ID",
    "the web app's client id",
    "22222222-bbbb-4bbb-8bbb-222222222222",
);

/// The settings that every function of the web app shares.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The provider that users sign in at.
    pub provider: ProviderConfig,
    /// The web app's id there.
    pub client_id: ClientId,
}

impl ClientConfig {
    /// Reads `OIDC_CLIENT_ID` and the settings of the trusted provider.
    ///
    /// # Errors
    /// When one is wrong, or issuer or client id is missing.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        Self::with_provider(settings::provider_config(environment), environment)
    }

    /// The same for a function that verifies no token and so needs no algorithms and no leeway.
    ///
    /// # Errors
    /// As [`Self::from_environment`].
    pub fn without_verification(environment: &Environment) -> Result<Self, SettingErrors> {
        Self::with_provider(settings::provider_metadata(environment), environment)
    }

    fn with_provider(
        provider: Result<ProviderConfig, SettingErrors>,
        environment: &Environment,
    ) -> Result<Self, SettingErrors> {
        let (provider, client_id) = all((provider, environment.required(&CLIENT_ID)))?;
        Ok(Self { provider, client_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment::of([("OIDC_ISSUER", "https://login.example"), ("OIDC_CLIENT_ID", "web")])
    }

    #[test]
    fn issuer_and_client_are_enough() {
        let config = ClientConfig::from_environment(&environment()).unwrap();
        assert_eq!(config.client_id.as_str(), "web");
        assert_eq!(config.provider.issuer.as_str(), "https://login.example");
    }

    #[test]
    fn a_missing_or_wrong_setting_is_named() {
        for (name, value, fault) in [
            ("OIDC_ISSUER", "", "is not set"),
            ("OIDC_CLIENT_ID", " ", "is not set"),
            ("OIDC_CLIENT_ID", "caf\u{e9}", "is not valid"),
        ] {
            let environment = environment().with(name, value);
            let error = ClientConfig::from_environment(&environment).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} {fault}")), "{error}");
        }
    }
}
