//! A second reading of what the crate under test reads: none of its code, and
//! another JSON parser than it uses.

pub(crate) mod access;
pub(crate) mod jose;
pub(crate) mod json;
pub(crate) mod verdict;
