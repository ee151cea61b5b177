#![doc = include_str!("../README.md")]

mod answer;
/// Test oracle: a second implementation of what the crate under test reads. It shares no code and no
/// JSON parser with it.
mod oracle {
    pub(crate) mod access;
    pub(crate) mod jose;
    pub(crate) mod json;
    pub(crate) mod verdict;
}
pub mod fixture;
pub mod signer;
/// What each target does with the bytes.
mod target {
    pub(crate) mod discovery;
    pub(crate) mod dpop_proof;
    pub(crate) mod header;
    pub(crate) mod key_set;
    pub(crate) mod payload;
    pub(crate) mod token;
}

pub use target::{
    discovery::discovery, dpop_proof::dpop_proof, header::header, key_set::key_set,
    payload::payload, token::token,
};

/// A target: what it makes of these bytes, and whether they were accepted. It
/// panics where an invariant breaks.
pub type Target = fn(&[u8]) -> bool;

/// Every target by its name, which is also that of its seeds and dictionary.
pub const TARGETS: [(&str, Target); 6] = [
    ("header", header),
    ("payload", payload),
    ("key_set", key_set),
    ("discovery", discovery),
    ("dpop_proof", dpop_proof),
    ("token", token),
];
