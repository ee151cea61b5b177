use std::{sync::Arc, time::Duration};

use auth::{Clock, IdTokenVerifier, LogoutTokenVerifier, Provider, SystemClock};
use key_snapshot::KeySource;
use outbound::{Outbound, Timeouts};
use relying_party::{ClientId, CredentialError, RequestedScopes, TokenEndpoint, UserinfoEndpoint};
use serve::{PublicUrl, StartError, WarmUp};
use session::{Random, Sessions, SystemRandom};
use settings::{Environment, SettingErrors};

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
    pub(crate) timeouts: Timeouts,
}

impl State {
    /// Makes the state and loads what the first request will need.
    ///
    /// # Errors
    /// When an AWS setting is missing, or the client's credential can never be used.
    pub async fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let state = Self::new(config, environment, outbound, clock, random)?;
        Box::pin(state.warm_up()).await?;
        Ok(state)
    }

    /// Loads side by side what the first request will need.
    ///
    /// # Errors
    /// When the client's credential can never be used. Nothing else fails startup: the requests
    /// that need it try again.
    async fn warm_up(&self) -> Result<(), StartError> {
        let Parts { provider, keys_in_table, sessions, token_endpoint, timeouts, .. } = &*self.0;
        let warm_up = WarmUp::new(timeouts.warm_up);
        let table = async { if *keys_in_table { Ok(()) } else { sessions.warm().await } };
        let credential = token_endpoint.warm();
        tokio::try_join!(
            warm_up.optional("keys", provider.warm()),
            warm_up.optional("sessions table", table),
            warm_up.part("client credential", credential, CredentialError::is_permanent),
        )?;
        Ok(())
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
    ) -> Result<Self, SettingErrors> {
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
            timeouts: outbound.timeouts(),
        })))
    }
}
