use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::TableError;
use crate::todo::{Description, Owner, OwnerKey, Timestamp, Todo, TodoId, Version};

/// A row as DynamoDB has it.
pub(super) type Row = HashMap<String, AttributeValue>;

/// The attributes of a todo's row; template.yaml names the keys.
pub(super) mod attribute {
    pub(crate) const OWNER_KEY: &str = "owner_key";
    pub(crate) const ID: &str = "id";
    /// The id again, which puts the row into the index `by_id`. Only todos have it.
    pub(crate) const TODO_ID: &str = "todo_id";
    pub(crate) const DESCRIPTION: &str = "description";
    pub(crate) const COMPLETED: &str = "completed";
    pub(crate) const OWNER: &str = "owner";
    pub(crate) const CREATED_AT: &str = "created_at";
    pub(crate) const UPDATED_AT: &str = "updated_at";
    pub(crate) const VERSION: &str = "version";
}

/// The key of any row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowKey {
    pub(crate) owner_key: String,
    pub(crate) id: String,
}

impl RowKey {
    pub(super) fn of(owner: &OwnerKey, id: TodoId) -> Self {
        Self { owner_key: owner.as_str().to_owned(), id: id.to_string() }
    }

    pub(super) fn found(row: &Row) -> Result<Self, TableError> {
        let text = |name| text(row, name).cloned();
        Ok(Self { owner_key: text(attribute::OWNER_KEY)?, id: text(attribute::ID)? })
    }

    pub(super) fn into_row(self) -> Row {
        HashMap::from([
            (attribute::OWNER_KEY.to_owned(), AttributeValue::S(self.owner_key)),
            (attribute::ID.to_owned(), AttributeValue::S(self.id)),
        ])
    }
}

/// The attributes of a todo that do not depend on where it is kept.
pub(super) fn of_todo(todo: &Todo) -> Row {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    [
        (attribute::ID, AttributeValue::S(todo.id.to_string())),
        (attribute::DESCRIPTION, text(todo.description.as_str())),
        (attribute::COMPLETED, AttributeValue::Bool(todo.completed)),
        (attribute::OWNER, text(todo.owner.as_str())),
        (attribute::CREATED_AT, text(todo.created_at.as_str())),
        (attribute::UPDATED_AT, text(todo.updated_at.as_str())),
        (attribute::VERSION, AttributeValue::N(todo.version.number().to_string())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

pub(super) fn to_todo(row: &Row) -> Result<Todo, TableError> {
    let id = TodoId::parse(text(row, attribute::ID)?);
    let version = row.get(attribute::VERSION).and_then(|value| value.as_n().ok());
    let completed = row.get(attribute::COMPLETED).and_then(|value| value.as_bool().ok());
    let bad = |attribute| TableError::Row { attribute };
    Ok(Todo {
        id: id.ok_or(bad(attribute::ID))?,
        description: Description::stored(text(row, attribute::DESCRIPTION)?.clone()),
        completed: *completed.ok_or(bad(attribute::COMPLETED))?,
        owner: Owner::stored(text(row, attribute::OWNER)?.clone()),
        created_at: Timestamp::stored(text(row, attribute::CREATED_AT)?.clone()),
        updated_at: Timestamp::stored(text(row, attribute::UPDATED_AT)?.clone()),
        version: version
            .and_then(|number| Version::parse(number))
            .ok_or(bad(attribute::VERSION))?,
    })
}

pub(super) fn text<'r>(row: &'r Row, attribute: &'static str) -> Result<&'r String, TableError> {
    let value = row.get(attribute).and_then(|value| value.as_s().ok());
    value.ok_or(TableError::Row { attribute })
}
