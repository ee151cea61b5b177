use std::sync::Arc;

use auth::{Clock, IdTokenVerifier, Provider, SystemClock};
use key_snapshot::KeySource;
use outbound::{Outbound, Timeouts};
use relying_party::{
    ClientConfig, ClientId, CredentialError, Endpoints, TokenEndpoint, sign_out_origin,
};
use serve::{PublicUrl, StartError, WarmUp};
use session::{Random, SessionContents, Sessions, SystemRandom, Token};
use settings::Environment;
use url::Origin;

use crate::{Config, RefreshTimeout, step_up::StepUp};

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Parts>);

struct Parts {
    provider: Provider,
    /// Loading the keys opens the connection to DynamoDB.
    keys_in_table: bool,
    id_tokens: IdTokenVerifier,
    token_endpoint: TokenEndpoint,
    client_id: ClientId,
    sessions: Sessions,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    step_up: StepUp,
    public_url: PublicUrl,
    refresh_timeout: RefreshTimeout,
    timeouts: Timeouts,
}

impl State {
    /// Makes the state and loads what the first request will need.
    ///
    /// # Errors
    /// When a setting of AWS is missing, or the client's credential can never be used.
    pub async fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let state =
            Self::new(config, environment, outbound, clock, random, RefreshTimeout::default())?;
        Box::pin(state.warm_up()).await?;
        Ok(state)
    }

    /// With all that a test wants to say itself. Nothing is asked yet.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub fn new(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        refresh_timeout: RefreshTimeout,
    ) -> Result<Self, StartError> {
        let Config { client, keys, credential, sessions, step_up, public_url } = config;
        let ClientConfig { provider, client_id } = client;
        let issuer = provider.issuer.clone();
        let dynamodb = outbound.dynamodb(environment)?;
        let source =
            KeySource::new(&keys, &provider, environment, outbound, &dynamodb, clock.clone())?;
        let keys_in_table = source.has_table();
        let provider = Provider::new(provider, source, Arc::clone(&clock));
        let id_tokens = IdTokenVerifier::new(provider.clone(), client_id.as_str())
            .map_err(|error| StartError::Dependency(error.to_string()))?;
        let sessions = Sessions::new(dynamodb, sessions, Arc::clone(&clock), Arc::clone(&random));
        let token_endpoint = TokenEndpoint::new(
            client_id.clone(),
            issuer,
            credential,
            environment,
            outbound,
            Arc::clone(&clock),
        );
        Ok(Self(Arc::new(Parts {
            provider,
            keys_in_table,
            id_tokens,
            token_endpoint,
            client_id,
            sessions,
            clock,
            random,
            step_up,
            public_url,
            refresh_timeout,
            timeouts: outbound.timeouts(),
        })))
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

    /// The provider's endpoints; `None`, and a line in the log, when its metadata is not to be had.
    pub(crate) async fn endpoints(&self) -> Option<Endpoints> {
        match self.provider().metadata().await {
            Ok(metadata) => Some(Endpoints::of(metadata.document())),
            Err(error) => {
                tracing::warn!(code = "no_metadata", %error, "the provider cannot be asked");
                None
            }
        }
    }

    /// The origin of the provider's sign-out page.
    pub(crate) async fn sign_out_origin(&self) -> Origin {
        sign_out_origin(self.provider(), self.timeouts().sign_out_origin).await
    }

    /// Gives back the refresh token of a session that is over.
    pub(crate) async fn revoke(&self, contents: &SessionContents) {
        let refresh_token = contents.refresh_token.as_ref().map(Token::as_str);
        self.token_endpoint().revoke(self.provider(), refresh_token).await;
    }

    pub(crate) fn provider(&self) -> &Provider {
        &self.0.provider
    }

    pub(crate) fn id_tokens(&self) -> &IdTokenVerifier {
        &self.0.id_tokens
    }

    pub(crate) fn token_endpoint(&self) -> &TokenEndpoint {
        &self.0.token_endpoint
    }

    pub(crate) fn client_id(&self) -> &ClientId {
        &self.0.client_id
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.0.random
    }

    pub(crate) fn step_up(&self) -> &StepUp {
        &self.0.step_up
    }

    pub(crate) fn public_url(&self) -> &PublicUrl {
        &self.0.public_url
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.0.timeouts
    }

    pub(crate) fn refresh_timeout(&self) -> RefreshTimeout {
        self.0.refresh_timeout
    }
}
