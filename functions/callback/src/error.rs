//! Why a sign-in failed.

use std::time::Duration;

use auth::{TokenError, VerifyError};
use relying_party::{EndpointError, TokenEndpointError, sanitized_code};
use session::TransactionError;

/// Why a sign-in failed. No variant contains a code or token, so each can be logged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    #[error("a parameter is repeated, or code and error are both missing")]
    MalformedResponse,
    #[error("the request for a sign-in has an invalid parameter: {0}")]
    InvalidParameter(&'static str),
    #[error("the provider refused our request: {0}")]
    RequestRefused(TokenEndpointError),
    #[error("state is missing or not one of ours")]
    StateMissing,
    #[error("this browser has no usable transaction for the state: {0:?}")]
    Transaction(TransactionError),
    #[error("iss is missing or names another issuer")]
    IssuerMismatch,
    #[error("the provider says: access_denied")]
    AccessDenied,
    #[error("the provider says that it must show a page")]
    InteractionRequired,
    #[error("the provider says: {0}")]
    ProviderError(String),
    #[error("the transaction was already used")]
    AlreadyUsed,
    #[error("the code was refused: {0}")]
    CodeRefused(TokenEndpointError),
    #[error("the provider refused our client: {0}")]
    ClientRefused(TokenEndpointError),
    #[error("{0}")]
    ProviderMalformed(String),
    #[error("the ID token was refused: {0}")]
    IdTokenRefused(TokenError),
    #[error("the sign-in is not as strong as was asked for: {0}")]
    SignInTooWeak(String),
    #[error("the userinfo is about another user")]
    UserinfoRefused,
    #[error("the user was signed out during the sign-in")]
    EndedMeanwhile,
    #[error("the provider is unavailable: {cause}")]
    ProviderUnavailable { cause: String, retry_after: Duration },
    #[error("{0}")]
    StoreUnavailable(#[from] session::StoreError),
}

/// `OpenID` Connect Core Error Code `unmet_authentication_requirements` 1.0.
const UNMET: &str = "unmet_authentication_requirements";

/// The default of `Retry-After`.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl SignInError {
    /// The meaning of an `error` parameter (RFC 6749, section 4.1.2.1; `OpenID` Connect Core,
    /// section 3.1.2.6). It comes from the browser, so it never means that the provider is down.
    pub(crate) fn from_error_parameter(error: &str) -> Self {
        match error {
            "access_denied" => Self::AccessDenied,
            "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required" => Self::InteractionRequired,
            UNMET => Self::SignInTooWeak(format!("the provider says: {UNMET}")),
            other => Self::ProviderError(sanitized_code(other)),
        }
    }

    /// The meaning of an error of the pushed authorization request endpoint: as at the token
    /// endpoint, but without a code to refuse.
    pub(crate) fn from_pushed_request(error: TokenEndpointError) -> Self {
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
            Self::Transaction(TransactionError::Missing) => "state_unknown",
            Self::Transaction(TransactionError::Malformed) => "state_malformed",
            Self::Transaction(TransactionError::Expired) => "state_expired",
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

    /// The delay before a retry, for temporary errors.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ProviderUnavailable { retry_after, .. } => Some(*retry_after),
            Self::StoreUnavailable(_) => Some(RETRY_AFTER),
            _ => None,
        }
    }

    /// Logs the error: as information if any visitor can cause it, so that alarms and `LogLevel=WARN`
    /// pass over it, and otherwise as a warning or an error.
    pub(crate) fn log(&self) {
        let code = self.code();
        match self {
            Self::ClientRefused(_) | Self::ProviderMalformed(_) => {
                tracing::error!(code, cause = %self, "a sign-in failed");
            }
            Self::UserinfoRefused
            | Self::ProviderUnavailable { .. }
            | Self::StoreUnavailable(_) => {
                tracing::warn!(code, cause = %self, "a sign-in failed");
            }
            _ => tracing::info!(code, cause = %self, "a sign-in failed"),
        }
    }
}

impl From<auth::UnavailableError> for SignInError {
    fn from(error: auth::UnavailableError) -> Self {
        Self::ProviderUnavailable { retry_after: error.retry_after, cause: error.to_string() }
    }
}

impl From<VerifyError> for SignInError {
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

impl From<EndpointError> for SignInError {
    fn from(error: EndpointError) -> Self {
        Self::ProviderMalformed(error.to_string())
    }
}

impl From<TokenEndpointError> for SignInError {
    fn from(error: TokenEndpointError) -> Self {
        use TokenEndpointError as E;
        match error {
            error if error.is_transient() => {
                Self::ProviderUnavailable { cause: error.to_string(), retry_after: RETRY_AFTER }
            }
            E::Refused(ref refusal) if is_about_the_client(&refusal.code) => {
                Self::ClientRefused(error)
            }
            // Entra calls a code that it cannot read an `invalid_request`.
            E::Refused(_) => Self::CodeRefused(error),
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
        TokenError::ClaimMissing { claim } => claim == "acr" || claim == "acrs",
        _ => false,
    }
}

fn is_about_the_client(code: &str) -> bool {
    matches!(code, "invalid_client" | "unauthorized_client" | "unsupported_grant_type")
}
