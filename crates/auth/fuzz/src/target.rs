//! What is done with the bytes, one file for each target.

pub(crate) mod discovery;
pub(crate) mod dpop_proof;
pub(crate) mod header;
pub(crate) mod key_set;
pub(crate) mod payload;
pub(crate) mod token;
