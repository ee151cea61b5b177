//! The `web` function of Tollgate.
