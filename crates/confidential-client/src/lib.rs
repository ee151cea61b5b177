#![doc = include_str!("../README.md")]

use std::{sync::Arc, time::Duration};

use auth::{Clock, IdTokenVerifier, Provider};
use key_snapshot::{KeySource, KeysConfig};
use outbound::{Outbound, Timeouts};
use relying_party::{
    ClientConfig, ClientId, CredentialConfig, CredentialError, Discovery, RequestedScopes,
    TokenEndpoint,
};
use serve::{PublicUrl, StartError, WarmUp};
use session::{Random, SessionContents, Sessions, SessionsConfig, Token};
use settings::{Environment, SettingErrors, all};
use url::Origin;

/// The settings of a function with the client's credential.
#[derive(Clone)]
pub struct ConfidentialClientConfig {
    client: ClientConfig,
    keys: KeysConfig,
    credential: CredentialConfig,
    sessions: SessionsConfig,
    scopes: RequestedScopes,
    public_url: PublicUrl,
}

impl ConfidentialClientConfig {
    /// Reads the settings. A refresh uses the scopes of the sign-in, but without scopes the
    /// deployment is broken, so that every function requires them.
    ///
    /// # Errors
    /// All settings that are missing or invalid.
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

/// The client at the provider, and its users' sessions.
pub struct ConfidentialClient {
    /// The provider's keys, from their table if there is one.
    pub provider: Provider,
    /// Where secrets are sent.
    pub discovery: Discovery,
    keys_in_table: bool,
    /// Accepts ID tokens for this client.
    pub id_tokens: IdTokenVerifier,
    /// How far the provider's clock may differ from ours.
    pub leeway: Duration,
    /// The client's id at the provider.
    pub client_id: ClientId,
    /// What a sign-in requests.
    pub scopes: RequestedScopes,
    /// Redeems, refreshes and revokes.
    pub token_endpoint: TokenEndpoint,
    /// The sessions table.
    pub sessions: Sessions,
    /// The origin that browsers see.
    pub public_url: PublicUrl,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Of calls to the outside.
    pub timeouts: Timeouts,
}

impl ConfidentialClient {
    /// Calls nothing yet.
    ///
    /// # Errors
    /// When an AWS setting is missing.
    pub fn new(
        config: ConfidentialClientConfig,
        environment: &Environment,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, SettingErrors> {
        let ConfidentialClientConfig { client, keys, credential, sessions, scopes, public_url } =
            config;
        let ClientConfig { provider, client_id } = client;
        let (issuer, leeway) = (provider.issuer.clone(), provider.leeway);
        let table = outbound.dynamodb(environment)?;
        let source =
            KeySource::new(&keys, &provider, environment, outbound, &table, clock.clone())?;
        let keys_in_table = source.has_table();
        let config = provider;
        let provider = Provider::new(config.clone(), source, clock.clone());
        let discovery = if keys_in_table {
            Discovery::new(config, outbound, clock.clone())
        } else {
            Discovery::of(provider.clone())
        };
        let id_tokens = IdTokenVerifier::new(provider.clone(), client_id.as_str())
            .expect("a client id that was parsed is not empty");
        let token_endpoint = TokenEndpoint::new(
            client_id.clone(),
            issuer,
            credential,
            environment,
            outbound,
            clock.clone(),
        );
        Ok(Self {
            provider,
            discovery,
            keys_in_table,
            id_tokens,
            leeway,
            client_id,
            scopes,
            token_endpoint,
            sessions: Sessions::new(table, sessions, clock.clone(), random),
            public_url,
            clock,
            timeouts: outbound.timeouts(),
        })
    }

    /// Loads side by side what the first request will need.
    ///
    /// # Errors
    /// When the client's credential can never be used. Nothing else fails startup: the requests
    /// that need it try again.
    pub async fn warm_up(&self) -> Result<(), StartError> {
        let warm_up = WarmUp::new(self.timeouts.warm_up);
        // Loading the keys from their table opens the connection to DynamoDB.
        let table = async { if self.keys_in_table { Ok(()) } else { self.sessions.warm().await } };
        let credential = self.token_endpoint.warm();
        tokio::try_join!(
            warm_up.optional("keys", self.provider.warm()),
            warm_up.optional("endpoints", async { self.discovery.endpoints().await.map(drop) }),
            warm_up.optional("sessions table", table),
            warm_up.part("client credential", credential, CredentialError::is_permanent),
        )?;
        Ok(())
    }

    /// The origin of the provider's sign-out page.
    pub async fn sign_out_origin(&self) -> Origin {
        self.discovery.sign_out_origin(self.timeouts.sign_out_origin).await
    }

    /// Revokes the refresh token of a session that has ended.
    pub async fn revoke(&self, contents: &SessionContents) {
        let refresh_token = contents.refresh_token.as_ref().map(Token::as_str);
        self.token_endpoint.revoke(&self.discovery, refresh_token).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: [(&str, &str); 5] = [
        ("OIDC_ISSUER", "https://login.example/5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10/v2.0"),
        ("OIDC_CLIENT_ID", "web"),
        ("OIDC_CLIENT_SECRET", "secret"),
        ("SESSIONS_TABLE", "sessions"),
        ("OIDC_SCOPES", "api://todos/ToDoList.Read"),
    ];

    fn errors(environment: &Environment) -> SettingErrors {
        ConfidentialClientConfig::from_environment(environment).err().unwrap()
    }

    #[test]
    fn all_missing_settings_are_reported_at_once() {
        assert_eq!(errors(&Environment::default()).names(), REQUIRED.map(|(name, _)| name));
    }

    #[test]
    fn a_required_setting_that_is_missing_or_empty_fails_startup() {
        let good = Environment::of(REQUIRED);
        for (name, _) in REQUIRED {
            for environment in [good.clone().without(name), good.clone().with(name, " ")] {
                let error = errors(&environment);
                assert_eq!(error.names(), [name]);
                let expected = format!("{name} is not set; for example");
                assert!(error.to_string().starts_with(&expected), "{error}");
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
        ];
        let required = Environment::of(REQUIRED);
        let environment = names.iter().fold(required, |all, name| all.with(*name, ""));
        assert!(ConfidentialClientConfig::from_environment(&environment).is_ok());
    }

    #[test]
    fn an_invalid_value_is_named_by_its_variable() {
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
        ] {
            assert_eq!(
                errors(&Environment::of(REQUIRED).with(name, value)).names(),
                [name],
                "{value}"
            );
        }
    }
}
