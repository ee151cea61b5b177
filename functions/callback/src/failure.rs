//! Why nobody is signed in.

use std::time::Duration;

use auth::{TokenError, VerifyError};
use relying_party::{EndpointError, TokenEndpointError};
use session::AttemptError;

/// One variant for each way in which a sign-in fails. None holds a code or a token, and of the
/// provider's words only what decides between variants: each can be logged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("a parameter is there twice, or there is neither code nor error")]
    MalformedResponse,
    #[error("the request for a sign-in cannot be passed on: {0}")]
    InvalidParameter(&'static str),
    #[error("the provider does not take our request: {0}")]
    RequestRefused(TokenEndpointError),
    #[error("there is no state, or none of ours")]
    StateMissing,
    #[error("no attempt of this browser has that state: {0:?}")]
    Attempt(AttemptError),
    #[error("iss is missing or names another issuer")]
    IssuerMismatch,
    #[error("the provider says: access_denied")]
    AccessDenied,
    #[error("the provider says that it must show a page")]
    InteractionRequired,
    #[error("the provider says: {0}")]
    ProviderError(String),
    #[error("the attempt was used before")]
    AlreadyUsed,
    #[error("the code was refused: {0}")]
    CodeRefused(TokenEndpointError),
    #[error("we were refused: {0}")]
    ClientRefused(TokenEndpointError),
    #[error("{0}")]
    ProviderMalformed(String),
    #[error("the ID token was refused: {0}")]
    IdTokenRefused(TokenError),
    #[error("the sign-in is not as strong as was asked for: {0}")]
    SignInTooWeak(String),
    #[error("the userinfo is about somebody else")]
    UserinfoRefused,
    #[error("the user was signed out while the sign-in was under way")]
    EndedMeanwhile,
    #[error("the provider cannot be asked: {cause}")]
    ProviderUnavailable { cause: String, retry_after: Duration },
    #[error("{0}")]
    StoreUnavailable(#[from] session::Unavailable),
}

/// `OpenID` Connect Core Error Code `unmet_authentication_requirements` 1.0.
const UNMET: &str = "unmet_authentication_requirements";

/// What to say in `Retry-After` when nobody knows better.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Failure {
    /// The failure that an `error` parameter means (RFC 6749, section 4.1.2.1; `OpenID` Connect
    /// Core, section 3.1.2.6). It came through the browser, so it never counts as our own
    /// observation that the provider is down.
    pub(crate) fn of_error(error: &str) -> Self {
        match error {
            "access_denied" => Self::AccessDenied,
            "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required" => Self::InteractionRequired,
            UNMET => Self::SignInTooWeak(format!("the provider says: {UNMET}")),
            other => Self::ProviderError(cleaned(other)),
        }
    }

    /// The failure that an error of the endpoint for pushed requests means: as at the token endpoint,
    /// but there is no code yet that could be refused.
    pub(crate) fn of_push(error: TokenEndpointError) -> Self {
        match Self::from(error) {
            Self::CodeRefused(error) => Self::RequestRefused(error),
            other => other,
        }
    }

    /// The stable code that is on the page and in the log.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::MalformedResponse => "malformed_response",
            Self::InvalidParameter(_) => "invalid_parameter",
            Self::RequestRefused(_) => "request_refused",
            Self::StateMissing => "state_missing",
            Self::Attempt(AttemptError::Missing) => "state_unknown",
            Self::Attempt(AttemptError::Malformed) => "state_malformed",
            Self::Attempt(AttemptError::Expired) => "state_expired",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::AccessDenied => "access_denied",
            Self::InteractionRequired => "interaction_required",
            Self::ProviderError(_) => "provider_error",
            Self::AlreadyUsed => "already_used",
            Self::CodeRefused(_) => "code_refused",
            Self::ClientRefused(_) => "client_refused",
            Self::ProviderMalformed(_) => "provider_malformed",
            Self::IdTokenRefused(_) => "id_token_refused",
            Self::SignInTooWeak(_) => "sign_in_too_weak",
            Self::UserinfoRefused => "userinfo_refused",
            Self::EndedMeanwhile => "ended_meanwhile",
            Self::ProviderUnavailable { .. } => "provider_unavailable",
            Self::StoreUnavailable(_) => "store_unavailable",
        }
    }

    /// When it makes sense to come back, for what passes by itself.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ProviderUnavailable { retry_after, .. } => Some(*retry_after),
            Self::StoreUnavailable(_) => Some(RETRY_AFTER),
            _ => None,
        }
    }

    /// Logs it, once: a warning when somebody may have to repair something.
    pub(crate) fn log(&self) {
        let code = self.code();
        match self {
            Self::ClientRefused(_) | Self::ProviderMalformed(_) => {
                tracing::error!(code, cause = %self, "a sign-in failed");
            }
            Self::ProviderError(_)
            | Self::CodeRefused(_)
            | Self::RequestRefused(_)
            | Self::IdTokenRefused(_)
            | Self::UserinfoRefused
            | Self::IssuerMismatch
            | Self::ProviderUnavailable { .. }
            | Self::StoreUnavailable(_) => {
                tracing::warn!(code, cause = %self, "a sign-in failed");
            }
            _ => tracing::info!(code, cause = %self, "a sign-in failed"),
        }
    }
}

impl From<auth::UnavailableError> for Failure {
    fn from(error: auth::UnavailableError) -> Self {
        Self::ProviderUnavailable { retry_after: error.retry_after, cause: error.to_string() }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Refused(error) if is_about_strength(&error) => {
                Self::SignInTooWeak(error.to_string())
            }
            VerifyError::Refused(error) => Self::IdTokenRefused(error),
            VerifyError::Unavailable(error) => error.into(),
        }
    }
}

impl From<EndpointError> for Failure {
    fn from(error: EndpointError) -> Self {
        Self::ProviderMalformed(error.to_string())
    }
}

impl From<TokenEndpointError> for Failure {
    fn from(error: TokenEndpointError) -> Self {
        use TokenEndpointError as E;
        match error {
            error if error.is_transient() => {
                Self::ProviderUnavailable { cause: error.to_string(), retry_after: RETRY_AFTER }
            }
            E::Refused(ref code) if is_about_the_client(code) => Self::ClientRefused(error),
            // Entra calls a code that it cannot read an `invalid_request`.
            E::InvalidGrant | E::Refused(_) => Self::CodeRefused(error),
            E::Credential(_) | E::Signing => Self::ClientRefused(error),
            E::Malformed(_) | E::Endpoint(_) | E::Transient(_) => {
                Self::ProviderMalformed(error.to_string())
            }
        }
    }
}

fn is_about_strength(error: &TokenError) -> bool {
    match error {
        TokenError::WrongAcr { .. } => true,
        TokenError::ClaimMissing { claim } => claim == "acr",
        _ => false,
    }
}

fn is_about_the_client(code: &str) -> bool {
    matches!(code, "invalid_client" | "unauthorized_client" | "unsupported_grant_type")
}

/// At most 64 characters, of those that error codes are made of.
fn cleaned(code: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    code.chars().filter(allowed).take(64).collect()
}
