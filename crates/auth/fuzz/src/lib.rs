#![doc = include_str!("../README.md")]

mod answer;
mod reading;
pub mod signer;
pub mod stage;
mod target;

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
