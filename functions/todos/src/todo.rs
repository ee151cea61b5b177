//! What a todo is.

mod description;
mod id;
mod owner;
mod timestamp;
mod version;

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use description::{Description, DescriptionError};
pub(crate) use id::{Ids, TodoId};
pub(crate) use owner::{Owner, OwnerError, OwnerKey};
pub(crate) use timestamp::Timestamp;
pub(crate) use version::Version;

/// A todo as a caller sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Todo {
    pub(crate) id: TodoId,
    pub(crate) description: Description,
    /// Whether it is done.
    pub(crate) completed: bool,
    pub(crate) owner: Owner,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// When it was last written.
    pub(crate) updated_at: Timestamp,
    pub(crate) version: Version,
}

/// What of a todo a write sets; `None` stays as it is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) description: Option<Description>,
    pub(crate) completed: Option<bool>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.description.is_none() && self.completed.is_none()
    }
}
