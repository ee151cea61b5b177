use auth::{AccessTokenRules, ConfigError, Policy, ProviderConfig, Role, Scope};
use key_snapshot::KeysConfig;
use permissions::Permission;
use serve::PublicUrl;
use session::SessionsConfig;
use settings::{Environment, Setting, SettingError, SettingErrors, all};

/// What every API function reads from its environment.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// The trusted provider.
    pub provider: ProviderConfig,
    /// Where copies of its keys are.
    pub keys: KeysConfig,
    /// Which access tokens are accepted.
    pub rules: AccessTokenRules,
    /// Where the page's sessions are, and when they end.
    pub sessions: SessionsConfig,
    /// `PUBLIC_URL`.
    pub public_url: PublicUrl,
}

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

impl ApiConfig {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (provider, keys, rules, sessions, public_url) = all((
            settings::provider_config(environment),
            KeysConfig::from_environment(environment),
            access_token_rules(environment),
            SessionsConfig::from_environment(environment),
            PublicUrl::from_environment(environment),
        ))?;
        Ok(Self { provider, keys, rules, sessions, public_url })
    }
}

/// Which access tokens the API accepts.
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

/// The permissions of a function, with the names of scopes and roles that the settings give.
#[derive(Debug, Clone)]
pub struct Policies<const N: usize> {
    /// What each permission requires: its own scope or role, or a more powerful one.
    pub policies: [Policy; N],
    /// The scopes that a user's client can request, the least powerful first.
    pub scopes: Vec<Scope>,
}

impl<const N: usize> Policies<N> {
    /// Reads the names of these permissions, the least powerful first. A more powerful permission
    /// includes those before it; an error names the least powerful that is sufficient.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(
        environment: &Environment,
        permissions: &'static [Permission; N],
    ) -> Result<Self, SettingErrors> {
        let (mut scopes, mut roles) = (Vec::<Scope>::new(), Vec::<Role>::new());
        settings::combine(permissions.iter().map(|permission| {
            let (scope, role) = all((
                environment.required(&permission.scope_setting),
                environment.required(&permission.role_setting),
            ))?;
            scopes.push(scope);
            roles.push(role);
            Ok(())
        }))?;
        let policy = |at: usize| Policy::any_of(scopes[at..].to_vec(), roles[at..].to_vec());
        let invalid =
            |error: ConfigError| SettingError::invalid(&permissions[0].scope_setting, error);
        let policies = (0..N).map(policy).collect::<Result<Vec<_>, _>>().map_err(invalid)?;
        let policies = policies.try_into().expect("one policy for each permission");
        Ok(Self { policies, scopes })
    }
}
