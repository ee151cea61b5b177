//! What can go wrong at the token endpoint.

use openidconnect::{ErrorResponse, RequestTokenError, StandardErrorResponse};

use super::transport::TransportError;
use crate::{CredentialError, EndpointError};

/// Why there are no tokens. Holds no token, code or secret, and of the provider's words only the
/// error code, cleaned: it can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TokenEndpointError {
    /// The code or refresh token is used up, revoked, expired or somebody else's (RFC 6749, 5.2).
    #[error("the provider refused the grant")]
    InvalidGrant,
    /// Another error of the provider, such as `invalid_client`: mostly a fault of our settings.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The provider cannot be asked, or cannot answer, now. Nothing is decided.
    #[error("the provider cannot answer: {0}")]
    Transient(TransportError),
    /// The provider's answer is not what the specification says. The text says where, not what.
    #[error("the provider's answer makes no sense: {0}")]
    Malformed(String),
    /// The provider's metadata has no such endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Our own credential is not to be had.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// Our key did not sign.
    #[error("the client's key did not sign")]
    Signing,
}

impl TokenEndpointError {
    /// Whether the same may work in a moment.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transient(_) => true,
            Self::Credential(error) => !error.is_permanent(),
            Self::InvalidGrant
            | Self::Refused(_)
            | Self::Malformed(_)
            | Self::Endpoint(_)
            | Self::Signing => false,
        }
    }
}

impl<K> From<RequestTokenError<TransportError, StandardErrorResponse<K>>> for TokenEndpointError
where
    K: openidconnect::ErrorResponseType + AsRef<str>,
    StandardErrorResponse<K>: ErrorResponse,
{
    fn from(error: RequestTokenError<TransportError, StandardErrorResponse<K>>) -> Self {
        match error {
            RequestTokenError::ServerResponse(document) => of_code(document.error().as_ref()),
            RequestTokenError::Request(failure) => Self::Transient(failure),
            // The message could quote the answer; its path names only our own fields.
            RequestTokenError::Parse(error, _) => Self::Malformed(error.path().to_string()),
            RequestTokenError::Other(_) => Self::Malformed("no JSON document".to_owned()),
        }
    }
}

pub(super) fn of_code(code: &str) -> TokenEndpointError {
    match code {
        "invalid_grant" => TokenEndpointError::InvalidGrant,
        "temporarily_unavailable" | "server_error" | "slow_down" => {
            TokenEndpointError::Transient(TransportError::TemporarilyUnavailable)
        }
        other => TokenEndpointError::Refused(sanitized_code(other)),
    }
}

/// An error code that is safe to log: at most 64 characters, those that error codes consist of.
pub fn sanitized_code(code: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    code.chars().filter(allowed).take(64).collect()
}
