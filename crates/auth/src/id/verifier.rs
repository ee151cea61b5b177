//! Verifies ID tokens.

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512, digest};

use crate::{
    AcrClaim, AcrValues, Algorithm, ConfigError, IdClaims, Provider, TokenError, UntrustedText,
    Verified, VerifyError,
    token::{
        audience, base64url,
        claims::{Claims, missing},
        json::Json,
    },
    verified::{self, DecodedToken, TokenProfile},
};

/// Verifies ID tokens of one issuer for one client. Cheap to clone.
#[derive(Clone)]
pub struct IdTokenVerifier {
    provider: Provider,
    client_id: Arc<str>,
}

/// What the ID token of this sign-in must match.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IdTokenExpectations<'a> {
    /// The `nonce` that it must have, or may have.
    pub nonce: ExpectedNonce<'a>,
    /// The `max_age` of the authorization request, if it had one.
    pub max_age: Option<Duration>,
    /// The `acr_values` of the authorization request, if it had some. Providers may take them for
    /// a wish; here one of them must have been met.
    pub acr_values: Option<&'a AcrValues>,
    /// The claim that must have one of them.
    pub acr_claim: AcrClaim,
    /// The access token that came along. A token with `at_hash` is refused
    /// when there is none.
    pub access_token: Option<&'a str>,
}

/// The `nonce` of an ID token, by how it came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ExpectedNonce<'a> {
    /// With a sign-in: that of the attempt, which must be there.
    SignIn(&'a str),
    /// With a refresh: none, or again that of the sign-in (OpenID Connect Core, section
    /// 12.2). `None` when the sign-in had none.
    Refresh(Option<&'a str>),
}

/// The strictest: no `nonce` at all.
impl Default for ExpectedNonce<'_> {
    fn default() -> Self {
        Self::Refresh(None)
    }
}

/// Without the access token and the nonce, which no log may have.
impl fmt::Debug for IdTokenExpectations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenExpectations")
            .field("max_age", &self.max_age)
            .field("acr_values", &self.acr_values)
            .field("acr_claim", &self.acr_claim)
            .finish_non_exhaustive()
    }
}

impl IdTokenVerifier {
    /// A verifier for ID tokens of this provider that are for this client.
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

    /// Verifies an ID token (OpenID Connect Core, section 3.1.3.7).
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the fact that it fails, or
    /// [`VerifyError::Unavailable`] when the keys to verify it are not available.
    pub async fn verify(
        &self,
        token: &str,
        expected: &IdTokenExpectations<'_>,
    ) -> Result<Verified<IdClaims>, VerifyError> {
        let sign_in = SignIn { tokens: self, expected };
        verified::verify(&sign_in, token.as_bytes()).await.map(|(claims, _)| claims)
    }
}

/// An ID token's client and provider, and what this sign-in expects of it.
struct SignIn<'v> {
    tokens: &'v IdTokenVerifier,
    expected: &'v IdTokenExpectations<'v>,
}

impl TokenProfile for SignIn<'_> {
    type Claims = IdClaims;

    fn providers(&self) -> impl Iterator<Item = &Provider> {
        std::iter::once(&self.tokens.provider)
    }

    fn check(&self, _: usize, token: &DecodedToken<'_>) -> Result<IdClaims, TokenError> {
        let Self { tokens, expected } = self;
        let claims = &token.claims;
        token.header.check_type(&[Some("jwt"), None], "absent or JWT")?;
        audience::check_client_alone(claims, &tokens.client_id)?;
        let subject = claims.required_text("sub")?;
        if !claims.has("iat") {
            return Err(missing("iat"));
        }
        // With a refresh there may be no nonce, by which these would be told from it.
        if claims.has("events") || claims.has("scp") {
            return Err(TokenError::NotAnIdToken);
        }
        // A logout by an unreadable `sid` would miss the session.
        claims.text("sid")?;
        check_nonce(claims, expected.nonce)?;
        check_sign_in(claims, expected.max_age)?;
        check_strength(claims, expected)?;
        check_access_token(claims, token.header.algorithm, expected.access_token)?;
        Ok(IdClaims {
            issuer: token.issuer.clone(),
            subject: subject.to_owned(),
            document: claims.to_map(),
        })
    }
}

fn check_nonce(claims: &Claims<'_>, expected: ExpectedNonce<'_>) -> Result<(), TokenError> {
    let is_expected = match expected {
        ExpectedNonce::SignIn(expected) => claims.required_text("nonce")? == expected,
        ExpectedNonce::Refresh(expected) => {
            let actual = claims.text("nonce")?;
            actual.is_none() || actual == expected
        }
    };
    if is_expected { Ok(()) } else { Err(TokenError::WrongNonce) }
}

fn check_sign_in(claims: &Claims<'_>, max_age: Option<Duration>) -> Result<(), TokenError> {
    let auth_time = claims.past_time("auth_time")?;
    let Some(max_age) = max_age else { return Ok(()) };
    let auth_time = auth_time.ok_or_else(|| missing("auth_time"))?;
    match claims.older_than(auth_time, max_age) {
        Some(actual) => Err(TokenError::SignInTooOld { expected: max_age, actual }),
        None => Ok(()),
    }
}

fn check_strength(
    claims: &Claims<'_>,
    expected: &IdTokenExpectations<'_>,
) -> Result<(), TokenError> {
    let Some(values) = expected.acr_values else { return Ok(()) };
    let claim = expected.acr_claim.as_str();
    let actual = match (expected.acr_claim, claims.value(claim)) {
        (AcrClaim::Acrs, Some(value)) if !matches!(value, Json::Text(_)) => {
            claims.names(claim)?.unwrap_or_default()
        }
        (AcrClaim::Acr | AcrClaim::Acrs, _) => vec![claims.required_text(claim)?],
    };
    if actual.iter().any(|value| values.contain(value)) {
        return Ok(());
    }
    let actual = UntrustedText::list(&actual);
    Err(TokenError::WrongAcr { claim, expected: values.clone(), actual })
}

/// `at_hash` (OpenID Connect Core, section 3.1.3.6): the left half of the access
/// token's hash, by the hash function of the token's own algorithm.
fn check_access_token(
    claims: &Claims<'_>,
    algorithm: Algorithm,
    access_token: Option<&str>,
) -> Result<(), TokenError> {
    let Some(at_hash) = claims.text("at_hash")? else { return Ok(()) };
    let access_token = access_token.ok_or(TokenError::AccessTokenMissing)?;
    let hash = digest(hash_of(algorithm), access_token.as_bytes());
    let half = &hash.as_ref()[..hash.as_ref().len() / 2];
    if at_hash == base64url::encode(half) { Ok(()) } else { Err(TokenError::WrongAccessTokenHash) }
}

fn hash_of(algorithm: Algorithm) -> &'static digest::Algorithm {
    match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => &SHA256,
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => &SHA384,
        // Ed25519 hashes with SHA-512 itself.
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => &SHA512,
    }
}
