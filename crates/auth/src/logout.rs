//! Verifies logout tokens.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{
    ConfigError, Issuer, Provider, TokenError, Verified, VerifyError,
    token::{
        audience,
        claims::{Claims, missing},
        json::Json,
    },
    verified::{self, DecodedToken, TokenProfile},
};

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long a logout token may be under way: longer than any provider tries again after an outage
/// of ours, short enough to remember every token that could come a second time.
///
/// # What breaks if this changes
/// A receiver that detects repeated tokens must remember each one as long as it is accepted. Without a
/// bound, a provider that writes an `exp` of years would have it kept for years.
const MAX_TOKEN_AGE: Duration = Duration::from_hours(1);

/// Verifies the logout tokens that an issuer sends to one client (OpenID
/// Connect Back-Channel Logout, section 2.6). Cheap to clone.
///
/// Whether a token was seen before is for the caller to know, by
/// [`LogoutClaims::token_id`].
#[derive(Clone)]
pub struct LogoutTokenVerifier {
    provider: Provider,
    client_id: Arc<str>,
}

/// What a logout token says: which sessions end. At least one of
/// [`subject`](Self::subject) and [`session_id`](Self::session_id) is there.
#[derive(Clone, Debug, PartialEq)]
pub struct LogoutClaims {
    issuer: Issuer,
    subject: Option<String>,
    session_id: Option<String>,
    token_id: String,
    issued_at: SystemTime,
    expires: SystemTime,
}

impl LogoutTokenVerifier {
    /// A verifier for logout tokens of this provider that are for this client.
    ///
    /// # Errors
    /// When the client id is empty; when the provider's configuration cannot work, as
    /// with [`Verifier::new`](crate::Verifier::new).
    pub fn new(provider: Provider, client_id: &str) -> Result<Self, ConfigError> {
        if client_id.is_empty() {
            return Err(ConfigError::ClientId);
        }
        provider.config().check()?;
        Ok(Self { provider, client_id: client_id.into() })
    }

    /// Verifies a logout token.
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the fact that it fails, or
    /// [`VerifyError::Unavailable`] when the keys to verify it are not available.
    pub async fn verify(&self, token: &str) -> Result<Verified<LogoutClaims>, VerifyError> {
        verified::verify(self, token.as_bytes()).await.map(|(claims, _)| claims)
    }
}

impl TokenProfile for LogoutTokenVerifier {
    type Claims = LogoutClaims;

    fn providers(&self) -> impl Iterator<Item = &Provider> {
        std::iter::once(&self.provider)
    }

    fn check(&self, _: usize, decoded: &DecodedToken<'_>) -> Result<LogoutClaims, TokenError> {
        let claims = &decoded.claims;
        let types = [None, Some("jwt"), Some("logout+jwt")];
        decoded.header.check_type(&types, "absent, JWT or logout+jwt")?;
        audience::check_client_alone(claims, &self.client_id)?;
        check_event(claims)?;
        // An ID token has `nonce`; a logout token must not, so that neither
        // passes for the other.
        if claims.has("nonce") {
            return Err(TokenError::NotALogoutToken);
        }
        let issued_at = check_age(claims)?;
        let subject = claims.text("sub")?;
        let session_id = claims.text("sid")?;
        if subject.is_none() && session_id.is_none() {
            return Err(missing("sub"));
        }
        Ok(LogoutClaims {
            issuer: decoded.issuer.clone(),
            subject: subject.map(str::to_owned),
            session_id: session_id.map(str::to_owned),
            token_id: claims.required_text("jti")?.to_owned(),
            issued_at,
            expires: time(claims.expires()?).min(issued_at + MAX_TOKEN_AGE),
        })
    }
}

impl LogoutClaims {
    /// `iss`.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// `sub`: without a session id, all sessions of this user end.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// `sid`: the provider's session that ends.
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// `jti`, by which a repeated token is known.
    pub fn token_id(&self) -> &str {
        &self.token_id
    }

    /// `iat`: sessions that began later are not meant.
    pub fn issued_at(&self) -> SystemTime {
        self.issued_at
    }

    /// `exp`, or an hour after `iat` if that comes first: until then (and the
    /// leeway) the token could be repeated.
    pub fn expires(&self) -> SystemTime {
        self.expires
    }
}

fn check_age(claims: &Claims<'_>) -> Result<SystemTime, TokenError> {
    let iat = claims.time("iat")?.ok_or_else(|| missing("iat"))?;
    match claims.older_than(iat, MAX_TOKEN_AGE) {
        Some(actual) => Err(TokenError::LogoutTooOld { expected: MAX_TOKEN_AGE, actual }),
        None => Ok(time(iat)),
    }
}

/// The time of a claim that was found to be one.
fn time(seconds: f64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs_f64(seconds)
}

fn check_event(claims: &Claims<'_>) -> Result<(), TokenError> {
    match claims.value("events") {
        Some(Json::Object(events)) if matches!(events.get(EVENT), Some(Json::Object(_))) => Ok(()),
        _ => Err(TokenError::NotALogoutToken),
    }
}
