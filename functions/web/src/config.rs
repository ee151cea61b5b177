use key_snapshot::KeysConfig;
use relying_party::{ClientConfig, CredentialConfig, RequestedScopes};
use serve::PublicUrl;
use session::SessionsConfig;
use settings::{Environment, SettingErrors, all};

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
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (client, keys, credential, sessions, step_up, public_url, _) = all((
            ClientConfig::from_environment(environment),
            KeysConfig::from_environment(environment),
            CredentialConfig::from_environment(environment),
            SessionsConfig::from_environment(environment),
            StepUp::from_environment(environment),
            PublicUrl::from_environment(environment),
            // A refresh uses the scopes of the sign-in. Without scopes the installation is broken
            // all the same, so every function that has to do with it says so.
            RequestedScopes::from_environment(environment),
        ))?;
        Ok(Self { client, keys, credential, sessions, step_up, public_url })
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

    fn errors(environment: &Environment) -> SettingErrors {
        Config::from_environment(environment).map(|_| ()).unwrap_err()
    }

    #[test]
    fn all_missing_settings_are_reported_at_once() {
        let required = [
            "OIDC_ISSUER",
            "OIDC_CLIENT_ID",
            "OIDC_CLIENT_SECRET",
            "SESSIONS_TABLE",
            "OIDC_SCOPES",
        ];
        assert_eq!(errors(&Environment::default()).names(), required);
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
                let error = errors(&environment);
                assert_eq!(error.names(), [name]);
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
            assert_eq!(errors(&environment().with(name, value)).names(), [name], "{value}");
        }
    }
}
