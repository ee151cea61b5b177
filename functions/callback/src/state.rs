use std::{sync::Arc, time::Duration};

use auth::{Clock, IdTokenVerifier, LogoutTokenVerifier, Provider, SystemClock};
use key_snapshot::KeySource;
use outbound::Outbound;
use relying_party::{ClientId, RequestedScopes, TokenEndpoint, UserinfoEndpoint};
use serve::{PublicUrl, StartError};
use session::{Random, Sessions, SystemRandom};
use settings::{Environment, SettingError};

use crate::Config;

/// What the function's requests share. Cheap to clone.
#[derive(Clone)]
pub struct State(pub(crate) Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) provider: Provider,
    /// Loading the keys opens the connection to DynamoDB.
    keys_in_table: bool,
    pub(crate) id_tokens: IdTokenVerifier,
    pub(crate) logout_tokens: LogoutTokenVerifier,
    /// How far the provider's clock may be from ours.
    pub(crate) leeway: Duration,
    pub(crate) client_id: ClientId,
    pub(crate) scopes: RequestedScopes,
    pub(crate) token_endpoint: TokenEndpoint,
    pub(crate) userinfo: UserinfoEndpoint,
    pub(crate) sessions: Sessions,
    pub(crate) public_url: PublicUrl,
    pub(crate) clock: Arc<dyn Clock>,
}

/// How long the start waits for provider, table and Secrets Manager together. What is not there by
/// then is fetched when a request needs it.
const WARM_UP: Duration = Duration::from_secs(2);

impl State {
    /// Makes the state and loads side by side what the first request will need.
    ///
    /// # Errors
    /// When an AWS setting is missing, or the client's credential is there but cannot be used. A
    /// provider, table or Secrets Manager that does not answer now is no error.
    pub async fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let state = Self::new(config, environment, outbound, clock, random)?;
        state.0.warm().await?;
        Ok(state)
    }

    /// The state with another source of time and randomness. Asks nobody.
    ///
    /// # Errors
    /// When an AWS setting is missing.
    pub fn new(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, SettingError> {
        let Config { client, keys, credential, sessions, scopes, public_url } = config;
        let issuer = client.provider.issuer.clone();
        let leeway = client.provider.leeway;
        let table = outbound.dynamodb(environment)?;
        let source =
            KeySource::new(&keys, &client.provider, environment, outbound, &table, clock.clone())?;
        let keys_in_table = source.has_table();
        let provider = Provider::new(client.provider, source, clock.clone());
        let id_tokens = IdTokenVerifier::new(provider.clone(), client.client_id.as_str())
            .expect("a client id that was parsed is not empty");
        let logout_tokens = LogoutTokenVerifier::new(provider.clone(), client.client_id.as_str())
            .expect("a client id that was parsed is not empty");
        let token_endpoint = TokenEndpoint::new(
            client.client_id.clone(),
            issuer,
            credential,
            environment,
            outbound,
            clock.clone(),
        );
        let sessions = Sessions::new(table, sessions, clock.clone(), random);
        Ok(Self(Arc::new(Parts {
            provider,
            keys_in_table,
            id_tokens,
            logout_tokens,
            leeway,
            client_id: client.client_id,
            scopes,
            token_endpoint,
            userinfo: UserinfoEndpoint::new(outbound),
            sessions,
            public_url,
            clock,
        })))
    }
}

impl Parts {
    async fn warm(&self) -> Result<(), StartError> {
        let table = async { if self.keys_in_table { Ok(()) } else { self.sessions.warm().await } };
        let (keys, table, credential) = tokio::join!(
            tokio::time::timeout(WARM_UP, self.provider.warm()),
            tokio::time::timeout(WARM_UP, table),
            tokio::time::timeout(WARM_UP, self.token_endpoint.warm()),
        );
        if let Ok(Err(cause)) = &credential
            && cause.is_permanent()
        {
            return Err(StartError::Needed(cause.to_string()));
        }
        told("keys", keys);
        told("sessions table", table);
        told("client credential", credential);
        Ok(())
    }
}

fn told<E: std::fmt::Display>(
    what: &str,
    done: Result<Result<(), E>, tokio::time::error::Elapsed>,
) {
    match done {
        Ok(Ok(())) => {}
        Ok(Err(cause)) => tracing::warn!(code = "warm_up_failed", what, %cause, "not loaded yet"),
        Err(_) => tracing::warn!(code = "warm_up_failed", what, "not loaded yet: too slow"),
    }
}
