//! The permissions that handlers require of their callers, as `Authorized<Read>`.

use auth::{Policy, axum::Permission};

use crate::State;

/// To read: any scope or role of the function.
#[derive(Debug)]
pub(crate) enum Read {}

impl Permission<State> for Read {
    fn policy(state: &State) -> &Policy {
        &state.policies().policies[0]
    }
}

/// To write: the write scope or role.
#[derive(Debug)]
pub(crate) enum Write {}

impl Permission<State> for Write {
    fn policy(state: &State) -> &Policy {
        &state.policies().policies[1]
    }
}
