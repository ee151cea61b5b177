//! How a request presents a token, and how one that is not let in is answered.

pub(crate) mod challenge;
pub(crate) mod credentials;
pub(crate) mod incoming;
pub(crate) mod refusal;
pub(crate) mod rejection;
pub(crate) mod resource;
