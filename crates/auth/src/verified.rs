//! Trust as a type.

use std::ops::Deref;

use crate::{
    Issuer, Provider, TokenError, UntrustedText, VerifyError,
    token::{claims::Claims, header::Header, unverified::UnverifiedToken},
};

/// The claims of a token that passed every check, its signature included.
///
/// Only [`Verifier`](crate::Verifier), [`IdTokenVerifier`](crate::IdTokenVerifier) and
/// [`LogoutTokenVerifier`](crate::LogoutTokenVerifier) make one, all through one function of
/// this crate. A function that takes a
/// `Verified<T>` therefore cannot be called with unverified claims.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// The claims, out of their proof of trust.
    pub fn into_inner(self) -> T {
        self.0
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Verified<U> {
        Verified(change(self.0))
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A token that is decoded and not verified yet.
pub(crate) struct DecodedToken<'t> {
    pub(crate) header: &'t Header<'t>,
    /// The trusted issuer that it names.
    pub(crate) issuer: &'t Issuer,
    pub(crate) claims: Claims<'t>,
}

/// Who is trusted to issue a kind of token, and what else such a token must say.
pub(crate) trait TokenProfile {
    /// What becomes of the claims.
    type Claims;

    /// The providers that are trusted.
    fn providers(&self) -> impl Iterator<Item = &Provider>;

    /// Checks what only this kind of token must have. `provider` is the index
    /// of the one whose issuer the token names.
    fn check(&self, provider: usize, token: &DecodedToken<'_>) -> Result<Self::Claims, TokenError>;
}

/// Verifies a token: the one place where claims become verified. Comes with the
/// payload's bytes.
///
/// The claims come before the signature because they cost a tenth of it, and so
/// that a token which is refused anyway never has the keys fetched; what they
/// say is returned only after the signature was found good.
pub(crate) async fn verify<T: TokenProfile>(
    trust: &T,
    token: &[u8],
) -> Result<(Verified<T::Claims>, Vec<u8>), VerifyError> {
    let token = UnverifiedToken::split(token)?;
    let header = token.header()?;
    let header = Header::parse(&header)?;
    let (provider, issuer, unverified) = {
        let document = token.claims()?;
        let claims = Claims::new(&document);
        let (at, provider, issuer) = find(trust, claims.required_text("iss")?)?;
        let config = provider.config();
        header.allowed(&config.algorithms)?;
        let claims = claims.at(provider.clock().now(), config.leeway);
        claims.check(issuer)?;
        (provider, issuer, trust.check(at, &DecodedToken { header: &header, issuer, claims })?)
    };
    provider.check_signature(&token, &header, issuer).await?;
    Ok((Verified(unverified), token.into_payload()))
}

/// The trusted issuer of that exact name. Nothing else decides which keys are
/// looked at.
pub(crate) fn find<'p, T: TokenProfile>(
    trust: &'p T,
    iss: &str,
) -> Result<(usize, &'p Provider, &'p Issuer), TokenError> {
    trust
        .providers()
        .enumerate()
        .find_map(|(at, provider)| Some((at, provider, provider.trusted(iss)?)))
        .ok_or_else(|| TokenError::WrongIssuer {
            // The first: thousands of tenants must not flood a log.
            expected: trust
                .providers()
                .flat_map(Provider::issuers)
                .take(8)
                .map(Issuer::to_string)
                .collect(),
            actual: UntrustedText::new(iss),
        })
}
