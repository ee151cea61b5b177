use auth::{AccessTokenRules, ConfigError, Policy, ProviderConfig, Role, Scope};
use key_snapshot::KeysConfig;
use serve::PublicUrl;
use session::SessionsConfig;
use settings::{Environment, SettingError};

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

const AUDIENCE: &str = "11111111-aaaa-4aaa-8aaa-111111111111";

impl Config {
    /// Reads the settings: `OIDC_ISSUER`, `OIDC_METADATA_URL`, `OIDC_ALGORITHMS` (RS256),
    /// `OIDC_LEEWAY_SECONDS` (60), `API_AUDIENCE`, `API_ALLOWED_CLIENTS`, `API_TOKEN_TYPES`
    /// (JWT at+jwt), `TODOS_READ_SCOPE`, `TODOS_WRITE_SCOPE`, `TODOS_READ_ROLE`,
    /// `TODOS_WRITE_ROLE`, `PUBLIC_URL`, `TODOS_TABLE`, those of the sessions table and of
    /// [`KeysConfig`]. Issuer, audience, scopes, roles and the tables of sessions and todos have
    /// no default.
    ///
    /// # Errors
    /// The first setting that is missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self {
            provider: trusted_provider::provider_config(environment)?,
            keys: KeysConfig::from_environment(environment)?,
            rules: rules(environment)?,
            permissions: Permissions::from_environment(environment)?,
            sessions: SessionsConfig::from_environment(environment)?,
            todos_table: environment.required("TODOS_TABLE", "tollgate-todos")?,
            public_url: PublicUrl::from_environment(environment)?,
        })
    }
}

fn rules(environment: &Environment) -> Result<AccessTokenRules, SettingError> {
    let audiences: Vec<String> = environment.required_list("API_AUDIENCE", AUDIENCE)?;
    let mut rules = AccessTokenRules::new(audiences);
    rules.allowed_clients = environment.list("API_ALLOWED_CLIENTS", AUDIENCE)?;
    rules.token_types = environment.list("API_TOKEN_TYPES", "JWT at+jwt")?;
    Ok(rules)
}

impl Permissions {
    fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let scope = |name, example| environment.required::<Scope>(name, example);
        let role = |name, example| environment.required::<Role>(name, example);
        let read_scope = scope("TODOS_READ_SCOPE", "ToDoList.Read")?;
        let write_scope = scope("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite")?;
        let read_role = role("TODOS_READ_ROLE", "ToDoList.Read.All")?;
        let write_role = role("TODOS_WRITE_ROLE", "ToDoList.ReadWrite.All")?;
        // The least powerful first: a refusal names that one.
        let scopes = vec![read_scope, write_scope.clone()];
        let roles = vec![read_role, write_role.clone()];
        let invalid =
            |name, example| move |error: ConfigError| SettingError::invalid(name, error, example);
        Ok(Self {
            read: Policy::any_of(scopes.clone(), roles)
                .map_err(invalid("TODOS_READ_SCOPE", "ToDoList.Read"))?,
            write: Policy::any_of(vec![write_scope], vec![write_role])
                .map_err(invalid("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite"))?,
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
            assert_eq!(error.variable, name, "{value}");
        }
    }
}
