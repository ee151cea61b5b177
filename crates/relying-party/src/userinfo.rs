//! The userinfo endpoint.

use std::time::Duration;

use http::{StatusCode, header};
use outbound::Outbound;
use serde_json::{Map, Value};

use crate::{EndpointError, EndpointName, Endpoints, TransportError, token_endpoint::transport};

/// The provider's userinfo endpoint (`OpenID` Connect Core, section 5.3). Cheap to clone.
#[derive(Debug, Clone)]
pub struct UserinfoEndpoint {
    http: reqwest::Client,
    timeout: Duration,
}

/// In bytes. It is stored in the session next to the tokens.
const MAX_BYTES: usize = 16 * 1024;

/// Why there is no userinfo. Contains nothing of the response, so it can be logged.
#[derive(Debug, thiserror::Error)]
pub enum UserinfoError {
    /// The provider's metadata has no such endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// It cannot be asked, or cannot answer, now.
    #[error("the userinfo endpoint cannot answer: {0}")]
    Transport(#[from] TransportError),
    /// It does not take the access token (401), which may be for the API alone, or says no.
    #[error("the userinfo endpoint says no: status {0}")]
    Refused(u16),
    /// The answer is no JSON object, a signed one for example.
    #[error("the userinfo is no JSON object")]
    Malformed,
    /// The answer is about somebody else, or does not say about whom.
    #[error("the userinfo is not about the user of the ID token")]
    AnotherSubject,
}

impl UserinfoEndpoint {
    /// Over this way out. Nothing is asked yet.
    pub fn new(outbound: &Outbound) -> Self {
        Self { http: outbound.http().clone(), timeout: outbound.timeouts().userinfo }
    }

    /// The claims about the user whose ID token has this `sub`.
    ///
    /// # Errors
    /// [`UserinfoError::AnotherSubject`] when they are about another user, which no caller may
    /// overlook: an access token of somebody else was put in (`OpenID` Connect Core, section
    /// 5.3.2). All other errors mean that nothing is known.
    pub async fn claims(
        &self,
        endpoints: &Endpoints,
        access_token: &str,
        subject: &str,
    ) -> Result<Map<String, Value>, UserinfoError> {
        let endpoint = endpoints.url(EndpointName::Userinfo)?;
        let send = || {
            let request = self.http.get(endpoint.clone()).bearer_auth(access_token);
            request.header(header::ACCEPT, "application/json").send()
        };
        let work = async {
            let answer = match send().await {
                // To read twice does no harm, and a connection of the pool may have died.
                Err(error) if !error.is_timeout() => send().await,
                first => first,
            };
            transport::read(answer.map_err(|error| TransportError::of(&error))?, MAX_BYTES).await
        };
        let answer = tokio::time::timeout(self.timeout, work).await;
        let answer = answer.map_err(|_| TransportError::Timeout)??;
        if answer.status() != StatusCode::OK {
            return Err(UserinfoError::Refused(answer.status().as_u16()));
        }
        let claims: Map<String, Value> =
            serde_json::from_slice(answer.body()).map_err(|_| UserinfoError::Malformed)?;
        if claims.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(UserinfoError::AnotherSubject);
        }
        Ok(claims)
    }
}
