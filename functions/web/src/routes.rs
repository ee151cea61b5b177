//! One module for each route.

pub(crate) mod asset;
pub(crate) mod not_found;
pub(crate) mod page;
pub(crate) mod refresh;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod signed_out;
pub(crate) mod signout;
