//! Why a token could not be verified.

use std::time::Duration;

use thiserror::Error;

use crate::{FetchError, Issuer, TokenError};

/// Why no verified token came out.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum VerifyError {
    /// The token was checked and is invalid: 401.
    #[error(transparent)]
    Refused(#[from] TokenError),
    /// The token could not be verified: 503.
    #[error(transparent)]
    Unavailable(#[from] UnavailableError),
}

/// The provider's metadata or keys are not available: it does not answer, and
/// nothing recent enough is cached. The token was **not** verified, so the
/// answer is 503, never 401.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the metadata or keys of {issuer} are not available: {cause}")]
#[non_exhaustive]
pub struct UnavailableError {
    /// Whose they are.
    pub issuer: Issuer,
    /// How long until the provider is asked again, at least one second.
    pub retry_after: Duration,
    /// Why the last attempt failed.
    pub cause: FetchError,
}

impl UnavailableError {
    /// It is unknown when the provider recovers; it may be at once.
    pub(crate) fn soon(issuer: Issuer, cause: FetchError) -> Self {
        Self { issuer, retry_after: Duration::from_secs(1), cause }
    }
}
