use auth::{AccessTokenRules, ConfigError, Policy, ProviderConfig, Role, Scope};
use key_snapshot::KeysConfig;
use permissions::{TODOS_READ, TODOS_WRITE};
use serve::PublicUrl;
use session::SessionsConfig;
use settings::{Environment, Setting, SettingError, SettingErrors, all};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) provider: ProviderConfig,
    pub(crate) keys: KeysConfig,
    pub(crate) rules: AccessTokenRules,
    pub(crate) permissions: Permissions,
    pub(crate) sessions: SessionsConfig,
    /// `TODOS_TABLE`.
    pub(crate) todos_table: String,
    pub(crate) public_url: PublicUrl,
}

/// The scopes and roles of the API.
#[derive(Debug, Clone)]
pub(crate) struct Permissions {
    pub(crate) read: Policy,
    pub(crate) write: Policy,
    /// The scopes that a user's client can ask for, the least powerful first.
    pub(crate) scopes: Vec<Scope>,
}

const TODOS_TABLE: Setting =
    Setting::new("TODOS_TABLE", "the DynamoDB table of the todos", "tollgate-todos");

const AUDIENCE: Setting = Setting::new(
    "API_AUDIENCE",
    "accepted `aud` values, separated by spaces",
    "11111111-aaaa-4aaa-8aaa-111111111111",
);

const ALLOWED_CLIENTS: Setting = Setting::new(
    "API_ALLOWED_CLIENTS",
    "accepted `azp` values, separated by spaces",
    "22222222-bbbb-4bbb-8bbb-222222222222",
)
.optional("every client");

const TOKEN_TYPES: Setting = Setting::new(
    "API_TOKEN_TYPES",
    "accepted `typ` of access tokens besides an absent one; `at+jwt` alone requires RFC 9068",
    "JWT at+jwt",
)
.optional("`JWT at+jwt`, or none");

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (provider, keys, rules, permissions, sessions, todos_table, public_url) = all((
            settings::provider_config(environment),
            KeysConfig::from_environment(environment),
            access_token_rules(environment),
            Permissions::from_environment(environment),
            SessionsConfig::from_environment(environment),
            environment.required(&TODOS_TABLE),
            PublicUrl::from_environment(environment),
        ))?;
        Ok(Self { provider, keys, rules, permissions, sessions, todos_table, public_url })
    }
}

/// Which access tokens the API accepts, as its settings say.
///
/// # Errors
/// All settings that are missing or wrong.
pub fn access_token_rules(environment: &Environment) -> Result<AccessTokenRules, SettingErrors> {
    let (audiences, allowed_clients, token_types) = all((
        environment.required_list::<String>(&AUDIENCE),
        environment.list(&ALLOWED_CLIENTS),
        environment.list(&TOKEN_TYPES),
    ))?;
    let mut rules = AccessTokenRules::new(audiences);
    rules.allowed_clients = allowed_clients;
    rules.token_types = token_types;
    Ok(rules)
}

impl Permissions {
    fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (read_scope, write_scope, read_role, write_role) = all((
            environment.required::<Scope>(&TODOS_READ.scope_setting),
            environment.required::<Scope>(&TODOS_WRITE.scope_setting),
            environment.required::<Role>(&TODOS_READ.role_setting),
            environment.required::<Role>(&TODOS_WRITE.role_setting),
        ))?;
        // The least powerful first: a refusal names that one.
        let scopes = vec![read_scope, write_scope.clone()];
        let roles = vec![read_role, write_role.clone()];
        let invalid = |setting| move |error: ConfigError| SettingError::invalid(setting, error);
        Ok(Self {
            read: Policy::any_of(scopes.clone(), roles)
                .map_err(invalid(&TODOS_READ.scope_setting))?,
            write: Policy::any_of(vec![write_scope], vec![write_role])
                .map_err(invalid(&TODOS_WRITE.scope_setting))?,
            scopes,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use auth::Algorithm;

    use super::*;

    fn environment() -> Environment {
        Environment::of([
            ("OIDC_ISSUER", "https://login.example/5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10/v2.0"),
            ("API_AUDIENCE", "api one"),
            ("TODOS_READ_SCOPE", "ToDoList.Read"),
            ("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite"),
            ("TODOS_READ_ROLE", "ToDoList.Read.All"),
            ("TODOS_WRITE_ROLE", "ToDoList.ReadWrite.All"),
            ("SESSIONS_TABLE", "sessions"),
            ("TODOS_TABLE", "todos"),
        ])
    }

    #[test]
    fn the_defaults_are_those_of_the_design() {
        let config = Config::from_environment(&environment()).unwrap();
        assert_eq!(config.provider.algorithms, [Algorithm::RS256]);
        assert_eq!(config.provider.leeway, Duration::from_mins(1));
        assert_eq!(config.rules.audiences, ["api", "one"]);
        assert_eq!(config.rules.allowed_clients, [""; 0]);
    }

    #[test]
    fn an_issuer_audience_scope_role_or_table_that_is_missing_or_empty_ends_the_start() {
        for name in [
            "OIDC_ISSUER",
            "API_AUDIENCE",
            "TODOS_READ_SCOPE",
            "TODOS_WRITE_SCOPE",
            "TODOS_READ_ROLE",
            "TODOS_WRITE_ROLE",
            "SESSIONS_TABLE",
            "TODOS_TABLE",
        ] {
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
            ("TODOS_READ_SCOPE", "two scopes"),
            ("TODOS_WRITE_ROLE", "\"x\""),
            ("PUBLIC_URL", "https://todos.example.com/app"),
        ] {
            let environment = environment().with(name, value);
            let error = Config::from_environment(&environment).unwrap_err();
            assert_eq!(error.names(), [name], "{value}");
        }
    }
}
