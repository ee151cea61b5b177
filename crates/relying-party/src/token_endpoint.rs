//! Redeems codes and refresh tokens.

mod client;
mod error;
mod pushed_authorization;
mod revocation;
mod token;
mod token_response;
pub(crate) mod transport;

use std::sync::Arc;

use auth::{Clock, Issuer};
use openidconnect::{AuthorizationCode, PkceCodeVerifier, RefreshToken};
use outbound::Outbound;
use settings::Environment;
use tokio::sync::OnceCell;
use url::Url;

use transport::Transport;

use crate::{
    ClientCredential, ClientId, CredentialConfig, CredentialError, EndpointName, Endpoints,
    WebIdentity,
    credential::{ASSERTION_TYPE, assertion},
};

pub use error::{OAuthError, TokenEndpointError, sanitized_code};
pub use pushed_authorization::RequestUri;
pub use token::{Token, Tokens};
pub use transport::TransportError;

/// The provider's token, revocation and pushed authorization request endpoints, as our client uses
/// them. Cheap to clone.
///
/// It verifies nothing: callers must verify the ID token with `auth::IdTokenVerifier`.
#[derive(Clone)]
pub struct TokenEndpoint {
    shared: Arc<Shared>,
}

struct Shared {
    client: ClientId,
    issuer: Issuer,
    config: CredentialConfig,
    credential: OnceCell<ClientCredential>,
    environment: Environment,
    outbound: Outbound,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// A code to redeem (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
#[derive(Clone, Copy)]
pub struct Redemption<'a> {
    /// The code that came back.
    pub code: &'a str,
    /// The verifier of the transaction.
    pub code_verifier: &'a str,
    /// The same redirect URI as in the authorization request.
    pub redirect_uri: &'a Url,
}

impl TokenEndpoint {
    /// Of this client at this provider. Nothing is asked yet.
    pub fn new(
        client: ClientId,
        issuer: Issuer,
        config: CredentialConfig,
        environment: &Environment,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let shared = Shared {
            client,
            issuer,
            config,
            credential: OnceCell::new(),
            environment: environment.clone(),
            outbound: outbound.clone(),
            http: outbound.unpooled(),
            clock,
        };
        Self { shared: Arc::new(shared) }
    }

    /// Gets the credential, so that the first request need not. A request that finds none tries
    /// again.
    ///
    /// # Errors
    /// When it is not to be had. A function should start all the same unless that is permanent.
    pub async fn warm(&self) -> Result<(), CredentialError> {
        if let ClientCredential::WebIdentity(identity) = self.credential().await? {
            self.web_identity_token(identity).await?;
        }
        Ok(())
    }

    /// Redeems a code.
    ///
    /// # Errors
    /// See [`TokenEndpointError`].
    pub async fn redeem(
        &self,
        endpoints: &Endpoints,
        redemption: Redemption<'_>,
    ) -> Result<Tokens, TokenEndpointError> {
        let endpoint = endpoints.url(EndpointName::Token)?;
        let client = client::of(&self.shared.client, self.credential().await?, endpoint);
        let code = AuthorizationCode::new(redemption.code.to_owned());
        let mut request = client
            .exchange_code(code)
            .set_pkce_verifier(PkceCodeVerifier::new(redemption.code_verifier.to_owned()))
            .set_redirect_uri(client::redirect_uri(redemption.redirect_uri));
        for (name, value) in self.assertion(endpoints, endpoint).await? {
            request = request.add_extra_param(name, value);
        }
        let http = self.transport(endpoint);
        Ok(request.request_async(&http).await?.into())
    }

    /// Redeems a refresh token (RFC 6749, section 6), for these scopes or those that it stands for,
    /// and for this resource (RFC 8707) or the provider's default.
    ///
    /// # Errors
    /// See [`TokenEndpointError`].
    pub async fn refresh(
        &self,
        endpoints: &Endpoints,
        refresh_token: &str,
        scopes: Option<&str>,
        resource: Option<&str>,
    ) -> Result<Tokens, TokenEndpointError> {
        let endpoint = endpoints.url(EndpointName::Token)?;
        let client = client::of(&self.shared.client, self.credential().await?, endpoint);
        let refresh_token = RefreshToken::new(refresh_token.to_owned());
        let mut request = client.exchange_refresh_token(&refresh_token);
        let params = [scopes.map(|it| ("scope", it)), resource.map(|it| ("resource", it))];
        for (name, value) in params.into_iter().flatten() {
            request = request.add_extra_param(name, value);
        }
        for (name, value) in self.assertion(endpoints, endpoint).await? {
            request = request.add_extra_param(name, value);
        }
        let http = self.transport(endpoint);
        Ok(request.request_async(&http).await?.into())
    }

    async fn credential(&self) -> Result<&ClientCredential, CredentialError> {
        let Shared { config, environment, outbound, credential, .. } = &*self.shared;
        credential.get_or_try_init(|| config.load(environment, outbound)).await
    }

    /// The further parameters of the methods that send an assertion; none with the others.
    async fn assertion(
        &self,
        endpoints: &Endpoints,
        endpoint: &Url,
    ) -> Result<Vec<(&'static str, String)>, TokenEndpointError> {
        let Shared { client, issuer, clock, .. } = &*self.shared;
        let assertion = match self.credential().await? {
            ClientCredential::Basic(_) | ClientCredential::Post(_) => return Ok(Vec::new()),
            ClientCredential::PrivateKeyJwt(key) => {
                assertion(key, client, issuer, endpoints, endpoint, clock.now())
                    .ok_or(TokenEndpointError::Signing)?
            }
            ClientCredential::WebIdentity(identity) => self.web_identity_token(identity).await?,
        };
        let kind = ASSERTION_TYPE.to_owned();
        Ok(vec![("client_assertion_type", kind), ("client_assertion", assertion)])
    }

    async fn web_identity_token(&self, identity: &WebIdentity) -> Result<String, CredentialError> {
        let Shared { environment, outbound, clock, .. } = &*self.shared;
        Ok(identity.token(environment, outbound, clock.now()).await?)
    }

    fn transport<'a>(&'a self, endpoint: &'a Url) -> Transport<'a> {
        let Shared { http, outbound, .. } = &*self.shared;
        Transport { http, endpoint, timeout: outbound.timeouts().token_endpoint }
    }
}
