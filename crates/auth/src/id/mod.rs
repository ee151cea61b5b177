//! ID tokens.

pub(crate) mod claims;
pub(crate) mod verifier;
