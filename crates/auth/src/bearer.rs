//! The bearer token of a request.

use http::{HeaderMap, header::AUTHORIZATION};
use thiserror::Error;

use crate::Refusal;

/// The token of the `Authorization` header (RFC 6750, section 2.1): from there
/// alone, never from a query or a body.
///
/// # Errors
/// [`Refusal::NoCredentials`] without the header or with another scheme,
/// [`Refusal::InvalidRequest`] with two headers, an empty token, or one with
/// characters that no token has.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Refusal::NoCredentials)?;
    if values.next().is_some() {
        return Err(BearerFault::Repeated.into());
    }
    let value = value.to_str().map_err(|_| BearerFault::Characters)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::NoCredentials);
    }
    let token = token.trim_matches(' ');
    if token.is_empty() {
        return Err(BearerFault::Empty.into());
    }
    if !token.bytes().all(is_token_byte) {
        return Err(BearerFault::Characters.into());
    }
    Ok(token)
}

/// What is wrong with an `Authorization` header: 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BearerFault {
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

/// RFC 6750's `b64token`.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}
