//! ID tokens.

pub(crate) mod acr;
pub(crate) mod claims;
pub(crate) mod verifier;
