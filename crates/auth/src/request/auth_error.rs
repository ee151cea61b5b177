//! Refusals as HTTP knows them.

use http::StatusCode;
use thiserror::Error;

use crate::{
    InsufficientScopeError, ProofError, ReplayStoreError, StepUpError, TokenError,
    UnavailableError, VerifyError,
};

/// Why a request is not let in, by what its caller can do about it (RFC 6750).
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AuthError {
    /// No token: 401, and where to get one.
    #[error("the request has no token")]
    NoCredentials,
    /// A token with the scheme `DPoP`, which is not enabled here: 401, as without one.
    #[error("the token came with the scheme DPoP, which is not enabled (Verifier::with_dpop)")]
    DpopNotEnabled,
    /// A malformed `Authorization` header: 400.
    #[error(transparent)]
    InvalidRequest(#[from] CredentialsError),
    /// A bad token: 401.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A good token without a good DPoP proof of its key: 401 (RFC 9449, section 7.1).
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A good token of a sign-in that is too old or too weak: 401 (RFC 9470, section 3).
    #[error(transparent)]
    StepUp(#[from] StepUpError),
    /// A good token without a sufficient permission: 403.
    #[error(transparent)]
    InsufficientScope(#[from] InsufficientScopeError),
    /// A token that could not be verified: 503.
    #[error(transparent)]
    Unavailable(#[from] UnavailableError),
    /// The replay store failed, so a DPoP proof may have been used before: 503.
    #[error(transparent)]
    ReplayStore(#[from] ReplayStoreError),
}

impl From<VerifyError> for AuthError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Refused(error) => Self::Token(error),
            VerifyError::Unavailable(error) => Self::Unavailable(error),
        }
    }
}

impl AuthError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoCredentials
            | Self::DpopNotEnabled
            | Self::Token(_)
            | Self::Proof(_)
            | Self::StepUp(_) => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Self::Unavailable(_) | Self::ReplayStore(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the request had no token that is accepted here.
    pub(crate) fn lacks_credentials(&self) -> bool {
        matches!(self, Self::NoCredentials | Self::DpopNotEnabled)
    }

    /// The stable code for the caller; where RFC 6750, RFC 9449 or RFC 9470 has one, that.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCredentials | Self::DpopNotEnabled => "no_credentials",
            Self::InvalidRequest(_) => "invalid_request",
            Self::Token(_) => "invalid_token",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::StepUp(_) => "insufficient_user_authentication",
            Self::Proof(ProofError::NonceNeeded) => "use_dpop_nonce",
            Self::Proof(_) => "invalid_dpop_proof",
            Self::Unavailable(_) => "keys_unavailable",
            Self::ReplayStore(_) => "replay_store_unavailable",
        }
    }

    /// The stable name of what exactly was wrong, for logs and metrics.
    pub fn variant(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::DpopNotEnabled => "dpop_not_enabled",
            Self::InvalidRequest(CredentialsError::Repeated) => "repeated_header",
            Self::InvalidRequest(CredentialsError::Empty) => "empty_token",
            Self::InvalidRequest(CredentialsError::Characters) => "token_characters",
            Self::NoCredentials
            | Self::InsufficientScope(_)
            | Self::StepUp(_)
            | Self::Unavailable(_)
            | Self::ReplayStore(_) => self.code(),
        }
    }

    /// A sentence for the caller.
    pub fn detail(&self) -> String {
        match self {
            Self::NoCredentials | Self::DpopNotEnabled => "This needs an access token.".to_owned(),
            Self::InvalidRequest(_) => "The Authorization header is malformed.".to_owned(),
            Self::Token(error) => error.detail().to_owned(),
            Self::Proof(error) => error.detail().to_owned(),
            Self::StepUp(_) => {
                "This needs a sign-in that is newer or stronger. Sign in again first.".to_owned()
            }
            Self::InsufficientScope(lack) if lack.needed.is_empty() => {
                "Tokens of this kind cannot do this.".to_owned()
            }
            Self::InsufficientScope(lack) => format!("This needs {}.", lack.needed.join(" or ")),
            Self::Unavailable(_) | Self::ReplayStore(_) => {
                "Tokens cannot be checked at the moment.".to_owned()
            }
        }
    }

    /// Logs the exact fact, once, where the answer is made.
    pub(crate) fn log(&self) {
        let (code, variant) = (self.code(), self.variant());
        if self.status().is_server_error() {
            tracing::error!(code, variant, reason = %self, "request not judged");
        } else {
            tracing::info!(code, variant, reason = %self, "request refused");
        }
    }

    /// The seconds of the `Retry-After` header, on 503 only.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Unavailable(unavailable) => {
                let milliseconds = unavailable.retry_after.as_millis();
                Some(u64::try_from(milliseconds.div_ceil(1000)).unwrap_or(u64::MAX).max(1))
            }
            Self::ReplayStore(_) => Some(1),
            _ => None,
        }
    }
}

/// What is wrong with an `Authorization` header: 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// There are two.
    #[error("the request has more than one Authorization header")]
    Repeated,
    /// It has the scheme and no token.
    #[error("the Authorization header has no token")]
    Empty,
    /// It has spaces or other characters that RFC 6750's `b64token` has not.
    #[error("the Authorization header's token has characters that no token has")]
    Characters,
}
