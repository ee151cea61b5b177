//! Reading a token: bytes, JSON, claims. Nothing here is believed yet.

pub(crate) mod audience;
pub(crate) mod base64url;
pub(crate) mod claims;
pub(crate) mod error;
pub(crate) mod header;
pub(crate) mod json;
pub(crate) mod said;
pub(crate) mod unverified;
