//! Token revocation (RFC 7009).

use openidconnect::{RefreshToken, core::CoreRevocableToken};

use super::{TokenEndpoint, TokenEndpointError, client};
use crate::{Discovery, EndpointName, Endpoints};

impl TokenEndpoint {
    /// Revokes the refresh token of an ended session if the provider has a revocation endpoint that
    /// answers within two seconds. A failure is only logged, without the token: the session has
    /// ended in any case, and the token expires.
    ///
    /// Providers may revoke everything of the same grant with it (RFC 7009, section 2.1), so the
    /// caller must know that nothing else of the grant is needed.
    pub async fn revoke(&self, discovery: &Discovery, refresh_token: Option<&str>) {
        let Some(refresh_token) = refresh_token else { return };
        // Boxed to keep the futures that are joined with this one small.
        let revoked = Box::pin(self.try_revoke(discovery, refresh_token));
        let timeout = self.shared.outbound.timeouts().revocation;
        let revoked = tokio::time::timeout(timeout, revoked).await;
        if let Err(cause) =
            revoked.unwrap_or_else(|_| Err("no response before the timeout".to_owned()))
        {
            tracing::warn!(code = "not_revoked", cause, "a refresh token was not revoked");
        }
    }

    async fn try_revoke(&self, discovery: &Discovery, refresh_token: &str) -> Result<(), String> {
        let endpoints = discovery.endpoints().await.map_err(|error| error.to_string())?;
        match self.request_revocation(&endpoints, refresh_token).await {
            // Many providers have no revocation endpoint, for example Entra.
            Ok(()) | Err(TokenEndpointError::Endpoint(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn request_revocation(
        &self,
        endpoints: &Endpoints,
        refresh_token: &str,
    ) -> Result<(), TokenEndpointError> {
        let endpoint = endpoints.url(EndpointName::Revocation)?;
        let client = client::of(&self.shared.client, self.credential().await?, endpoint);
        let token = CoreRevocableToken::from(RefreshToken::new(refresh_token.to_owned()));
        let mut request = client
            .revoke_token(token)
            .map_err(|_| TokenEndpointError::Malformed("revocation endpoint".to_owned()))?;
        for (name, value) in self.assertion(endpoints, endpoint).await? {
            request = request.add_extra_param(name, value);
        }
        let http = self.transport(endpoint);
        Ok(request.request_async(&http).await?)
    }
}
