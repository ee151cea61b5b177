//! What a handler can ask of its caller.

/// To read todos: any of the read and write scopes or roles.
#[derive(Debug)]
pub(crate) enum Read {}

/// To create, change and delete todos: the write scope or role.
#[derive(Debug)]
pub(crate) enum Write {}
