//! The `signin` function of Tollgate.
