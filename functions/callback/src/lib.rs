//! The `callback` function of Tollgate.
