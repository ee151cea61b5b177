//! A todo and its shapes. Each shape declares a field once; parsing, OpenAPI, rows, updates and the
//! idempotency fingerprint come from the derives.

mod description;
mod id;
mod owner;
mod timestamp;

use api::{FieldErrors, Version};
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use description::Description;
pub(crate) use id::{Ids, TodoId};
pub(crate) use owner::{Owner, OwnerKey};
pub(crate) use timestamp::Timestamp;

/// A todo as a caller sees it.
// Also as a row stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// The fields that only the server sets.
pub(crate) const READ_ONLY: [&str; 4] = ["id", "created_at", "updated_at", "version"];

/// A todo to create.
#[derive(Debug, Serialize, Deserr, ToSchema)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTodo {
    pub(crate) description: Description,
    /// Whether it is done already.
    #[deserr(default)]
    #[schema(required = false, default = false)]
    pub(crate) completed: bool,
    /// Whose todo it is. Required for applications that act for themselves; a user gets 422.
    #[deserr(default, from(Owner) = Some)]
    #[schema(value_type = Owner, required = false)]
    pub(crate) owner: Option<Owner>,
}

impl NewTodo {
    pub(crate) fn into_todo(self, id: TodoId, owner: Owner, now: Timestamp) -> Todo {
        Todo {
            id,
            description: self.description,
            completed: self.completed,
            owner,
            created_at: now.clone(),
            updated_at: now,
            version: Version::FIRST,
        }
    }
}

/// All of a todo that can be set.
#[derive(Debug, Serialize, Deserr, ToSchema)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[serde(deny_unknown_fields)]
pub(crate) struct WholeTodo {
    description: Description,
    /// Whether it is done.
    #[deserr(default)]
    #[schema(required = false, default = false)]
    completed: bool,
}

/// What to change of a todo (RFC 7396). A field that is left out stays as it is.
#[derive(Debug, Serialize, Deserr, ToSchema)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[serde(deny_unknown_fields)]
pub(crate) struct TodoPatch {
    #[deserr(default, from(Description) = Some)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Description, required = false)]
    description: Option<Description>,
    /// Whether it is done.
    #[deserr(default, from(bool) = Some)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    completed: Option<bool>,
}
