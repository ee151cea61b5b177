use key_snapshot::KeysConfig;
use relying_party::{ClientConfig, CredentialConfig, RequestedScopes};
use serve::PublicUrl;
use session::SessionsConfig;
use settings::{Environment, SettingError};

use crate::step_up::StepUp;

/// What the function reads from its environment.
#[derive(Clone)]
pub struct Config {
    pub(crate) client: ClientConfig,
    pub(crate) keys: KeysConfig,
    pub(crate) credential: CredentialConfig,
    pub(crate) sessions: SessionsConfig,
    pub(crate) step_up: StepUp,
    pub(crate) public_url: PublicUrl,
}

impl Config {
    /// Reads the settings: those of [`ClientConfig`], [`KeysConfig`], [`CredentialConfig`] and
    /// [`SessionsConfig`], `OIDC_SCOPES`, `SESSION_FRESH_MINUTES`, `SESSION_STEP_UP_ACR` and `PUBLIC_URL`.
    ///
    /// # Errors
    /// The first setting that is missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        // A refresh is for the scopes of the sign-in. An installation without
        // scopes is broken all the same, and is told so by every part of it.
        RequestedScopes::from_environment(environment)?;
        let client = ClientConfig::from_environment(environment)?;
        let leeway = client.provider.leeway;
        Ok(Self {
            client,
            keys: KeysConfig::from_environment(environment)?,
            credential: CredentialConfig::from_environment(environment)?,
            sessions: SessionsConfig::from_environment(environment)?,
            step_up: StepUp::from_environment(environment, leeway)?,
            public_url: PublicUrl::from_environment(environment)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment::of([
            ("OIDC_ISSUER", "https://login.example/5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10/v2.0"),
            ("OIDC_CLIENT_ID", "web"),
            ("OIDC_CLIENT_SECRET", "secret"),
            ("OIDC_SCOPES", "api://todos/ToDoList.Read"),
            ("SESSIONS_TABLE", "sessions"),
        ])
    }

    fn fault(environment: &Environment) -> SettingError {
        Config::from_environment(environment).map(|_| ()).unwrap_err()
    }

    #[test]
    fn the_least_that_must_be_set_is_enough() {
        assert!(Config::from_environment(&environment()).is_ok());
    }

    #[test]
    fn whatever_has_no_default_ends_the_start_when_it_is_missing_or_empty() {
        let required = [
            "OIDC_ISSUER",
            "OIDC_CLIENT_ID",
            "OIDC_CLIENT_SECRET",
            "OIDC_SCOPES",
            "SESSIONS_TABLE",
        ];
        for name in required {
            for environment in [environment().without(name), environment().with(name, " ")] {
                let error = fault(&environment);
                assert_eq!(error.variable, name);
                assert!(error.to_string().contains("is not set; for example"), "{error}");
            }
        }
    }

    #[test]
    fn an_optional_setting_that_is_empty_counts_as_absent() {
        let names = [
            "OIDC_METADATA_URL",
            "OIDC_ALGORITHMS",
            "OIDC_LEEWAY_SECONDS",
            "OIDC_CLIENT_AUTH",
            "OIDC_CLIENT_SECRET_ARN",
            "OIDC_CLIENT_KEY",
            "OIDC_CLIENT_KEY_ARN",
            "PUBLIC_URL",
            "SESSION_IDLE_MINUTES",
            "SESSION_MAX_HOURS",
            "SESSION_FRESH_MINUTES",
            "SESSION_STEP_UP_ACR",
        ];
        let environment = names.iter().fold(environment(), |all, name| all.with(*name, ""));
        assert!(Config::from_environment(&environment).is_ok());
    }

    #[test]
    fn a_wrong_value_is_named_by_its_variable() {
        for (name, value) in [
            ("OIDC_ISSUER", "http://login.example"),
            ("OIDC_METADATA_URL", "http://login.example/x"),
            ("OIDC_ALGORITHMS", "RS256 none"),
            ("OIDC_LEEWAY_SECONDS", "-1"),
            ("OIDC_CLIENT_ID", "caf\u{e9}"),
            ("OIDC_CLIENT_AUTH", "none"),
            ("OIDC_SCOPES", "\"x\""),
            ("PUBLIC_URL", "https://todos.example.com/app"),
            ("SESSION_IDLE_MINUTES", "0"),
            ("SESSION_MAX_HOURS", "soon"),
            ("SESSION_FRESH_MINUTES", "1.5"),
            ("SESSION_STEP_UP_ACR", "caf\u{e9}"),
        ] {
            assert_eq!(fault(&environment().with(name, value)).variable, name, "{value}");
        }
    }
}
