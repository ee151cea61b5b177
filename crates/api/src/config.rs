use std::{fmt, str::FromStr};

use auth::{AccessTokenRules, ConfigError, Policy, ProviderConfig, Resource, Role, Scope};
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
    /// The scopes that a session itself carries, if it needs no access token.
    pub session_scopes: Vec<Scope>,
    /// The API's identifier at the provider, if it isn't the origin that browsers see.
    pub resource: Option<Resource>,
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

const AUDIENCE_CLAIM: Setting = Setting::new(
    "API_AUDIENCE_CLAIM",
    "the claim that has the audience: `aud`, or `client_id` for tokens without `aud`",
    "aud",
)
.by_profile();

const ALLOWED_CLIENTS: Setting = Setting::new(
    "API_ALLOWED_CLIENTS",
    "accepted clients, separated by spaces",
    "22222222-bbbb-4bbb-8bbb-222222222222",
)
.optional("every client");

const CLIENT_CLAIMS: Setting = Setting::new(
    "API_CLIENT_CLAIMS",
    "the claims that name the client; the first one present counts",
    "\"azp client_id\"",
)
.by_profile();

const OWNER_CLAIMS: Setting = Setting::new(
    "API_OWNER_CLAIMS",
    "the claims that identify the user for good; the first one present counts",
    "\"oid sub\"",
)
.by_profile();

const SCOPE_CLAIMS: Setting = Setting::new(
    "API_SCOPE_CLAIMS",
    "the claims that list scopes; if several are present, they must agree",
    "\"scp scope\"",
)
.by_profile();

const ROLE_CLAIMS: Setting = Setting::new(
    "API_ROLE_CLAIMS",
    "the claims that list an application's roles; all that are present count",
    "roles",
)
.by_profile();

const APPLICATIONS_BY: Setting = Setting::new(
    "API_APPLICATIONS_BY",
    "what marks an application's token that has no `idtyp`: `roles` (roles, and no sign of a \
     user), `subject` (`sub` is the client), `claim:<name>` (it has the claim)",
    "subject",
)
.by_profile();

const SESSION_SCOPES: Setting = Setting::new(
    "API_SESSION_SCOPES",
    "scopes that every session has here without an access token, for a provider without API \
     scopes such as Google; never for bearer tokens",
    "ToDoList.ReadWrite",
)
.optional("none: a session has those of its access token");

const RESOURCE: Setting = Setting::new(
    "API_RESOURCE",
    "the API's identifier in its metadata (RFC 9728), as the provider knows it",
    "https://todos.example.com/api",
)
.optional("the origin that browsers see");

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
        let (provider, keys, rules, api, sessions, public_url) = all((
            settings::provider_config(environment),
            KeysConfig::from_environment(environment),
            access_token_rules(environment),
            all((environment.list(&SESSION_SCOPES), environment.optional(&RESOURCE))),
            SessionsConfig::from_environment(environment),
            PublicUrl::from_environment(environment),
        ))?;
        let (session_scopes, resource) = api;
        Ok(Self { provider, keys, rules, session_scopes, resource, sessions, public_url })
    }
}

/// Which access tokens the API accepts.
///
/// # Errors
/// All settings that are missing or wrong.
pub fn access_token_rules(environment: &Environment) -> Result<AccessTokenRules, SettingErrors> {
    let accepted = all((
        environment.required_list::<String>(&AUDIENCE),
        environment.list(&ALLOWED_CLIENTS),
        environment.list(&TOKEN_TYPES),
    ));
    let claims = all((
        environment.required(&AUDIENCE_CLAIM),
        environment.required_list(&CLIENT_CLAIMS),
        environment.required_list(&OWNER_CLAIMS),
        environment.required_list(&SCOPE_CLAIMS),
        environment.required_list(&ROLE_CLAIMS),
    ));
    let signs = environment.required_list::<ApplicationSign>(&APPLICATIONS_BY);
    let (accepted, claims, signs) = all((accepted, claims, signs))?;
    let (audiences, allowed_clients, token_types) = accepted;
    let mut rules = AccessTokenRules::new(audiences);
    (rules.allowed_clients, rules.token_types) = (allowed_clients, token_types);
    (
        rules.audience_claim,
        rules.client_claims,
        rules.owner_claims,
        rules.scope_claims,
        rules.role_claims,
    ) = claims;
    rules.applications_by_roles = false;
    for sign in signs {
        match sign {
            ApplicationSign::Roles => rules.applications_by_roles = true,
            ApplicationSign::Subject => rules.applications_by_subject = true,
            ApplicationSign::Claim(name) => rules.application_claims.push(name),
        }
    }
    Ok(rules)
}

/// What marks an application's token.
enum ApplicationSign {
    Roles,
    Subject,
    Claim(String),
}

impl FromStr for ApplicationSign {
    type Err = ApplicationSignError;

    fn from_str(sign: &str) -> Result<Self, ApplicationSignError> {
        match sign {
            "roles" => Ok(Self::Roles),
            "subject" => Ok(Self::Subject),
            _ => match sign.strip_prefix("claim:") {
                Some(name) if !name.is_empty() => Ok(Self::Claim(name.to_owned())),
                _ => Err(ApplicationSignError),
            },
        }
    }
}

struct ApplicationSignError;

impl fmt::Display for ApplicationSignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it must be a list of `roles`, `subject` and `claim:<name>`")
    }
}

/// The permissions of a function, with the names of scopes and roles that the settings give.
#[derive(Debug, Clone)]
pub struct Policies<const N: usize> {
    /// What each permission requires: its own scope or role, or a more powerful one.
    pub policies: [Policy; N],
    /// The scopes as a user's client requests them, the least powerful first.
    pub requested_scopes: Vec<Scope>,
}

impl<const N: usize> Policies<N> {
    /// Reads the names of these permissions, the least powerful first. A more powerful permission
    /// includes those before it; an error names the least powerful that is sufficient, as
    /// `OIDC_SCOPES` does.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(
        environment: &Environment,
        permissions: &'static [Permission; N],
    ) -> Result<Self, SettingErrors> {
        let (mut scopes, mut roles) = (Vec::<Scope>::new(), Vec::<Role>::new());
        let names = settings::combine(permissions.iter().map(|permission| {
            let (scope, role) = all((
                environment.required(&permission.scope_setting),
                environment.required(&permission.role_setting),
            ))?;
            scopes.push(scope);
            roles.push(role);
            Ok(())
        }));
        let ((), requested) = all((names, environment.list(&settings::SCOPES)))?;
        for (permission, role) in permissions.iter().zip(&roles) {
            if scopes.iter().any(|scope| scope.as_str() == role.as_str()) {
                let reason = "a scope has this name; a role, which opens every user's data, needs \
                              its own";
                return Err(SettingError::invalid(&permission.role_setting, reason).into());
            }
        }
        let requested_scopes = requested_names(&scopes, &requested);
        let policy = |at: usize| {
            let policy = Policy::any_of(scopes[at..].to_vec(), roles[at..].to_vec())?;
            Ok(policy.with_requested_scope(requested_scopes[at].clone()))
        };
        let invalid =
            |error: ConfigError| SettingError::invalid(&permissions[0].scope_setting, error);
        let policies = (0..N).map(policy).collect::<Result<Vec<_>, _>>().map_err(invalid)?;
        let policies = policies.try_into().expect("one policy for each permission");
        Ok(Self { policies, requested_scopes })
    }
}

/// These scopes as clients request them. Entra has an API's address before each
/// (`api://…/ToDoList.Read`) and takes it off in the token: the one that the web app's scopes have.
fn requested_names(scopes: &[Scope], web_app: &[Scope]) -> Vec<Scope> {
    let prefix = scopes.iter().find_map(|scope| {
        let prefixes = web_app.iter().filter_map(|full| full.as_str().strip_suffix(scope.as_str()));
        prefixes.into_iter().find(|prefix| prefix.is_empty() || prefix.ends_with('/'))
    });
    let full = |scope: &Scope| Scope::parse(&format!("{}{scope}", prefix.unwrap_or_default()));
    scopes.iter().map(|scope| full(scope).expect("two parts of scopes are a scope")).collect()
}
