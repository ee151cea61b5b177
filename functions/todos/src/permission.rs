//! The permissions that handlers require of their callers, as `Authorized<Read>` or `<Write>`.

use auth::{Policy, axum::Permission};

use crate::State;

/// To read todos: any of the read and write scopes or roles.
#[derive(Debug)]
pub(crate) enum Read {}

/// To create, change and delete todos: the write scope or role.
#[derive(Debug)]
pub(crate) enum Write {}

impl Permission<State> for Read {
    fn policy(state: &State) -> &Policy {
        &state.policies().policies[0]
    }
}

impl Permission<State> for Write {
    fn policy(state: &State) -> &Policy {
        &state.policies().policies[1]
    }
}
