//! Trust as a type.

use std::ops::Deref;

/// Claims that stand in a token whose signature and facts were all judged good.
///
/// Only [`AccessTokens`](crate::AccessTokens) and [`IdTokens`](crate::IdTokens)
/// make one, both through one function of this crate. A function that takes a
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
