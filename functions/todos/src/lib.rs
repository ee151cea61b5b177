//! The `todos` function of Tollgate.
