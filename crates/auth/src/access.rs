//! Access tokens: what they must say, and what their callers may do.

pub(crate) mod claims;
pub(crate) mod granted;
pub(crate) mod policy;
pub(crate) mod rules;
pub(crate) mod scope;
pub(crate) mod verifier;
