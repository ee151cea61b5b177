//! The value that ties an answer of the provider to a transaction.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::random::{self, Random};

/// A cookie is named after its state, so that two tabs can finish in either order.
pub(super) const COOKIE_PREFIX: &str = "__Host-signin-";
/// 96 bits of the state: two transactions of one browser never share a name.
pub(super) const NAME_LENGTH: usize = 16;

/// The `state` of an authorization request: it ties the answer to the browser that asked.
#[derive(Clone)]
pub struct OAuthState(String);

impl OAuthState {
    pub(super) fn generate(random: &dyn Random) -> Self {
        Self(random::text(random))
    }

    /// Takes what came back from the provider: 43 characters of base64url, as all of ours are.
    pub fn parse(text: &str) -> Option<Self> {
        random::is_text(text).then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn cookie_name(&self) -> String {
        format!("{COOKIE_PREFIX}{}", &self.0[..NAME_LENGTH])
    }
}

/// Nothing of the value.
impl fmt::Debug for OAuthState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OAuthState(..)")
    }
}

impl PartialEq for OAuthState {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl Eq for OAuthState {}
