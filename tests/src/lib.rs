//! The black-box suite: takes a base URL, knows no internals.
