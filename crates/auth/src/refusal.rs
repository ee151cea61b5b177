//! Refusals as HTTP knows them.

use http::{HeaderValue, StatusCode};
use thiserror::Error;

use crate::{BearerFault, InsufficientScope, TokenError, Unavailable, VerifyError};

/// Why a request is not let in, by what its caller can do about it (RFC 6750).
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    /// No bearer token: 401, and where to get one.
    #[error("the request has no bearer token")]
    NoCredentials,
    /// A malformed `Authorization` header: 400.
    #[error(transparent)]
    InvalidRequest(#[from] BearerFault),
    /// A bad token: 401.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A good token without a permission that would do: 403.
    #[error(transparent)]
    InsufficientScope(#[from] InsufficientScope),
    /// A token that could not be judged: 503.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Refused(error) => Self::Token(error),
            VerifyError::Unavailable(error) => Self::Unavailable(error),
        }
    }
}

impl Refusal {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoCredentials | Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The stable code for the caller; where RFC 6750 has one, that.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::InvalidRequest(_) => "invalid_request",
            Self::Token(_) => "invalid_token",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::Unavailable(_) => "keys_unavailable",
        }
    }

    /// The stable name of what exactly was wrong, for logs and metrics.
    pub fn variant(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::InvalidRequest(BearerFault::Repeated) => "repeated_header",
            Self::InvalidRequest(BearerFault::Empty) => "empty_token",
            Self::InvalidRequest(BearerFault::Characters) => "token_characters",
            Self::NoCredentials | Self::InsufficientScope(_) | Self::Unavailable(_) => self.code(),
        }
    }

    /// A sentence for the caller.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoCredentials => "This needs a bearer token.".to_owned(),
            Self::InvalidRequest(_) => "The Authorization header is malformed.".to_owned(),
            Self::Token(error) => error.sentence().to_owned(),
            Self::InsufficientScope(lack) if lack.needed.is_empty() => {
                "Tokens of this kind cannot do this.".to_owned()
            }
            Self::InsufficientScope(lack) => format!("This needs {}.", lack.needed.join(" or ")),
            Self::Unavailable(_) => "Tokens cannot be checked at the moment.".to_owned(),
        }
    }

    /// The `WWW-Authenticate` header (RFC 6750, section 3), with the address of
    /// the protected resource's metadata (RFC 9728, section 5.1) if given.
    /// `None` when the token was not judged: a client must not throw it away.
    pub fn www_authenticate(&self, resource_metadata: Option<&str>) -> Option<HeaderValue> {
        let mut parameters = Vec::new();
        match self {
            Self::Unavailable(_) => return None,
            Self::NoCredentials => {}
            Self::InvalidRequest(_) | Self::Token(_) | Self::InsufficientScope(_) => {
                parameters.push(("error", self.code().to_owned()));
                parameters.push(("error_description", self.sentence()));
            }
        }
        if let Self::InsufficientScope(lack) = self
            && let Some(least) = lack.needed.first()
        {
            parameters.push(("scope", least.clone()));
        }
        if let Some(address) = resource_metadata {
            parameters.push(("resource_metadata", address.to_owned()));
        }
        Some(challenge(&parameters))
    }

    /// The seconds of the `Retry-After` header, on 503 only.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Unavailable(unavailable) => Some(
                unavailable
                    .retry_after
                    .as_millis()
                    .div_ceil(1000)
                    .try_into()
                    .unwrap_or(u64::MAX)
                    .max(1),
            ),
            _ => None,
        }
    }
}

fn challenge(parameters: &[(&str, String)]) -> HeaderValue {
    let mut header = String::from("Bearer");
    for (at, (name, value)) in parameters.iter().enumerate() {
        header.push_str(if at == 0 { " " } else { ", " });
        header.push_str(name);
        header.push_str("=\"");
        // RFC 6750 allows no quote, backslash or control character in a value.
        header.extend(value.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')));
        header.push('"');
    }
    HeaderValue::try_from(header).expect("only printable ASCII was let into the header")
}
