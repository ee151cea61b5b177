//! The token of a request.

use http::{HeaderMap, header::AUTHORIZATION};

use crate::{AuthError, CredentialsError};

/// How a token is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// `Bearer` (RFC 6750): the holder of the token may use it.
    Bearer,
    /// `DPoP` (RFC 9449): the holder of the key that it is bound to may use it.
    Dpop,
}

/// What stands in the `Authorization` header.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials<'r> {
    /// How the token is presented.
    pub scheme: Scheme,
    /// The token, not verified yet.
    pub token: &'r str,
}

/// Without the token, which no log may have.
impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// The same before the token's characters are checked. Decoding checks them
/// too, so only of a token that was refused must more be known.
pub(crate) struct RawCredentials<'r> {
    pub(crate) scheme: Scheme,
    pub(crate) token: &'r [u8],
}

impl<'r> RawCredentials<'r> {
    /// The token as text. Refuses characters outside RFC 6750's `b64token`.
    pub(crate) fn text(&self) -> Result<&'r str, CredentialsError> {
        let is_good = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
        };
        match str::from_utf8(self.token) {
            Ok(token) if token.bytes().all(is_good) => Ok(token),
            _ => Err(CredentialsError::Characters),
        }
    }
}

impl Scheme {
    /// Its name as challenges write it. In requests any case is taken.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }

    /// The scheme that a request names, even if all else in the header is wrong.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(AUTHORIZATION)?.as_bytes();
        let name = value.split(|byte| *byte == b' ').next()?;
        Self::named(name)
    }

    fn named(name: &[u8]) -> Option<Self> {
        [Self::Bearer, Self::Dpop]
            .into_iter()
            .find(|scheme| name.eq_ignore_ascii_case(scheme.as_str().as_bytes()))
    }
}

/// The token of the `Authorization` header (RFC 6750, section 2.1; RFC 9449,
/// section 7.1): from there alone, never from a query or a body.
///
/// # Errors
/// [`AuthError::NoCredentials`] without the header or with another scheme,
/// [`AuthError::InvalidRequest`] with two headers, an empty token, or one with
/// characters that no token has.
pub fn credentials(headers: &HeaderMap) -> Result<Credentials<'_>, AuthError> {
    let raw = raw_credentials(headers)?;
    Ok(Credentials { scheme: raw.scheme, token: raw.text()? })
}

pub(crate) fn raw_credentials(headers: &HeaderMap) -> Result<RawCredentials<'_>, AuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthError::NoCredentials)?;
    if values.next().is_some() {
        return Err(CredentialsError::Repeated.into());
    }
    let mut parts = value.as_bytes().splitn(2, |byte| *byte == b' ');
    let (name, token) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let scheme = Scheme::named(name).ok_or(AuthError::NoCredentials)?;
    let token = token.trim_ascii();
    if token.is_empty() {
        return Err(CredentialsError::Empty.into());
    }
    Ok(RawCredentials { scheme, token })
}
