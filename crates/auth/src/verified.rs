//! Trust as a type.

use std::ops::Deref;

use crate::{
    Algorithm, Provider, TokenError, VerifyError,
    claims::Claims,
    unverified::{Header, UnverifiedToken},
};

/// Claims that stand in a token whose signature and facts were all judged good.
///
/// Only [`AccessTokens`](crate::AccessTokens), [`IdTokens`](crate::IdTokens) and
/// [`LogoutTokens`](crate::LogoutTokens) make one, all through one function of
/// this crate. A function that takes a
/// `Verified<T>` therefore cannot be called with unverified claims.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// The claims, out of their proof of trust.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What a token says, before anybody may believe it.
pub(crate) struct Presented<'t> {
    pub(crate) header: &'t Header,
    pub(crate) algorithm: Algorithm,
    pub(crate) claims: Claims<'t>,
    pub(crate) payload: &'t [u8],
}

/// Judges a token: the one place where claims become verified.
///
/// `judge` looks at what only this kind of token must have. The claims come
/// before the signature because they cost a hundredth of it, and so that a
/// token which is refused anyway never has the keys fetched; what they say is
/// returned only after the signature was found good.
pub(crate) async fn verify<T>(
    provider: &Provider,
    token: &str,
    judge: impl FnOnce(&Presented<'_>) -> Result<T, TokenError>,
) -> Result<Verified<T>, VerifyError> {
    let config = provider.config();
    let token = UnverifiedToken::split(token)?;
    let header = token.header()?;
    let algorithm = header.algorithm(&config.algorithms)?;
    let unverified = {
        let document = token.claims()?;
        let claims = Claims::new(&document, provider.clock().now(), config.leeway);
        claims.judge(config)?;
        judge(&Presented { header: &header, algorithm, claims, payload: token.payload() })?
    };
    provider.judge_signature(&token, &header, algorithm).await?;
    Ok(Verified(unverified))
}
