//! Which provider, and who we are there.

use auth::ProviderConfig;
use settings::{Environment, SettingError};

use crate::ClientId;

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
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let example = "22222222-bbbb-4bbb-8bbb-222222222222";
        Ok(Self {
            provider: trusted_provider::provider_config(environment)?,
            client_id: environment.required("OIDC_CLIENT_ID", example)?,
        })
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
