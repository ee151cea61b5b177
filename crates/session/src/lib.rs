//! Sign-in attempts, session records and their cookies.
