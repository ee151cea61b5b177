use key_snapshot::KeysConfig;
use relying_party::{ClientConfig, CredentialConfig, RequestedScopes};
use serve::PublicUrl;
use session::SessionsConfig;
use settings::{Environment, SettingErrors, all};

/// What the function reads from its environment.
#[derive(Clone)]
pub struct Config {
    pub(crate) client: ClientConfig,
    pub(crate) keys: KeysConfig,
    pub(crate) credential: CredentialConfig,
    pub(crate) sessions: SessionsConfig,
    pub(crate) scopes: RequestedScopes,
    pub(crate) public_url: PublicUrl,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (client, keys, credential, sessions, scopes, public_url) = all((
            ClientConfig::from_environment(environment),
            KeysConfig::from_environment(environment),
            CredentialConfig::from_environment(environment),
            SessionsConfig::from_environment(environment),
            RequestedScopes::from_environment(environment),
            PublicUrl::from_environment(environment),
        ))?;
        Ok(Self { client, keys, credential, sessions, scopes, public_url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_client_credential_scope_or_table_that_is_missing_or_empty_ends_the_start() {
        let good = Environment::of([
            ("OIDC_ISSUER", "https://login.example"),
            ("OIDC_CLIENT_ID", "web"),
            ("OIDC_CLIENT_SECRET", "secret"),
            ("OIDC_SCOPES", "api://a/Read"),
            ("SESSIONS_TABLE", "sessions"),
        ]);
        assert!(Config::from_environment(&good).is_ok());
        for name in
            ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_SCOPES", "SESSIONS_TABLE"]
        {
            for bad in [good.clone().without(name), good.clone().with(name, " ")] {
                let error = Config::from_environment(&bad).err().unwrap().to_string();
                assert!(error.starts_with(&format!("{name} is not set")), "{error}");
            }
        }
    }
}
