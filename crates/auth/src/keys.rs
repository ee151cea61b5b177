//! Keys, and the signatures that they verify.

pub(crate) mod key;
pub(crate) mod key_set;
mod roca;
