use api::ApiConfig;
use settings::{Environment, Setting, SettingErrors, all};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) api: ApiConfig,
    pub(crate) policies: Policies,
    /// `TODOS_TABLE`.
    pub(crate) todos_table: String,
}

/// The policies of the function's permissions.
pub(crate) type Policies = api::Policies<{ permissions::TODOS.len() }>;

const TODOS_TABLE: Setting =
    Setting::new("TODOS_TABLE", "the DynamoDB table of the todos", "tollgate-todos");

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (api, policies, todos_table) = all((
            ApiConfig::from_environment(environment),
            Policies::from_environment(environment, &permissions::TODOS),
            environment.required(&TODOS_TABLE),
        ))?;
        Ok(Self { api, policies, todos_table })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use auth::{AccessTokenRules, Algorithm};

    use super::*;

    /// The settings that are required, with values.
    fn required() -> Vec<(&'static str, &'static str)> {
        let permissions = permissions::TODOS.iter().flat_map(|permission| {
            [
                (permission.scope_setting.name, permission.scope),
                (permission.role_setting.name, permission.role),
            ]
        });
        let others = [
            ("OIDC_ISSUER", "https://login.example/5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10/v2.0"),
            ("API_AUDIENCE", "api one"),
            ("SESSIONS_TABLE", "sessions"),
            ("TODOS_TABLE", "todos"),
        ];
        permissions.chain(others).collect()
    }

    fn environment() -> Environment {
        Environment::of(required())
    }

    #[test]
    fn the_defaults_are_those_of_the_design() {
        let config = Config::from_environment(&environment()).unwrap();
        assert_eq!(config.api.provider.algorithms, [Algorithm::RS256]);
        assert_eq!(config.api.provider.leeway, Duration::from_mins(1));
        assert_eq!(config.api.rules.audiences, ["api", "one"]);
        assert_eq!(config.api.rules.allowed_clients, [""; 0]);
        // Those of the specifications are those of the verifier.
        assert_eq!(config.api.rules, AccessTokenRules::new(["api", "one"]));
    }

    #[test]
    fn an_issuer_audience_scope_role_or_table_that_is_missing_or_empty_ends_the_start() {
        for (name, _) in required() {
            for environment in [environment().without(name), environment().with(name, " ")] {
                let error = Config::from_environment(&environment).unwrap_err();
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
            "API_ALLOWED_CLIENTS",
            "API_TOKEN_TYPES",
            "API_AUDIENCE_CLAIM",
            "API_CLIENT_CLAIMS",
            "API_OWNER_CLAIMS",
            "API_SCOPE_CLAIMS",
            "API_ROLE_CLAIMS",
            "API_APPLICATIONS_BY",
            "API_SESSION_SCOPES",
            "API_RESOURCE",
            "OIDC_SCOPES",
            "PUBLIC_URL",
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
            ("OIDC_ALGORITHMS", "HS256"),
            ("OIDC_LEEWAY_SECONDS", "-1"),
            ("API_TOKEN_TYPES", "dpop+jwt"),
            ("API_AUDIENCE_CLAIM", "azp"),
            ("API_APPLICATIONS_BY", "subject sub"),
            ("API_APPLICATIONS_BY", "claim:"),
            ("API_SESSION_SCOPES", "\"x\""),
            ("API_RESOURCE", "http://todos.example.com"),
            ("API_RESOURCE", "api://todos"),
            ("OIDC_SCOPES", "\"x\""),
            ("TODOS_READ_SCOPE", "two scopes"),
            ("TODOS_WRITE_ROLE", "\"x\""),
            ("TODOS_READ_ROLE", "ToDoList.ReadWrite"),
            ("PUBLIC_URL", "https://todos.example.com/app"),
        ] {
            let environment = environment().with(name, value);
            let error = Config::from_environment(&environment).unwrap_err();
            assert_eq!(error.names(), [name], "{value}");
        }
    }
}
