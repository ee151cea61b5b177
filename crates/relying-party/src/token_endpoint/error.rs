//! What can go wrong at the token endpoint.

use std::fmt;

use openidconnect::{ErrorResponse, RequestTokenError, StandardErrorResponse};

use super::transport::TransportError;
use crate::{CredentialError, EndpointError};

/// Why there are no tokens. Holds no token, code or secret, and of the provider's words only codes:
/// it can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TokenEndpointError {
    /// The provider refused. `invalid_grant`: the code or refresh token is used up, revoked, expired
    /// or somebody else's. Others, such as `invalid_client`, are mostly a fault of our settings.
    #[error("the provider refused: {0}")]
    Refused(OAuthError),
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
            Self::Refused(_) | Self::Malformed(_) | Self::Endpoint(_) | Self::Signing => false,
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
            RequestTokenError::ServerResponse(document) => {
                let description = document.error_description().map(String::as_str);
                of_codes(document.error().as_ref(), description)
            }
            RequestTokenError::Request(failure) => Self::Transient(failure),
            // The message could quote the answer; its path names only our own fields.
            RequestTokenError::Parse(error, _) => Self::Malformed(error.path().to_string()),
            RequestTokenError::Other(_) => Self::Malformed("no JSON document".to_owned()),
        }
    }
}

pub(super) fn of_codes(code: &str, description: Option<&str>) -> TokenEndpointError {
    match code {
        "temporarily_unavailable" | "server_error" | "slow_down" => {
            TokenEndpointError::Transient(TransportError::TemporarilyUnavailable)
        }
        code => TokenEndpointError::Refused(OAuthError {
            code: sanitized_code(code),
            entra_code: description.and_then(entra_code),
        }),
    }
}

/// An error response (RFC 6749, section 5.2), safe to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthError {
    /// `error`, cleaned.
    pub code: String,
    /// The first code of Microsoft Entra in `error_description`, such as `AADSTS90009`, which says
    /// more than `error`. Nothing else of the description is kept.
    pub entra_code: Option<String>,
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        self.entra_code.iter().try_for_each(|code| write!(f, " ({code})"))
    }
}

fn entra_code(description: &str) -> Option<String> {
    const PREFIX: &str = "AADSTS";
    /// The longest today has seven.
    const MOST_DIGITS: usize = 10;
    let (_, rest) = description.split_once(PREFIX)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (1..=MOST_DIGITS).contains(&digits).then(|| format!("{PREFIX}{}", &rest[..digits]))
}

/// An error code that is safe to log: at most 64 characters, those that error codes consist of.
pub fn sanitized_code(code: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    code.chars().filter(allowed).take(64).collect()
}
