use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::TableError;
use crate::todo::{OwnerKey, Todo, TodoId};

/// A row as DynamoDB has it.
pub(super) type Row = HashMap<String, AttributeValue>;

/// The attributes that expressions name; template.yaml defines the keys.
pub(super) mod attribute {
    pub(crate) const OWNER_KEY: &str = "owner_key";
    pub(crate) const ID: &str = "id";
    /// The id again, which puts the row into the index `by_id`. Only todos have it.
    pub(crate) const TODO_ID: &str = "todo_id";
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

/// The fields of a shape of a todo as attributes of the same names.
pub(super) fn from_fields(fields: &impl Serialize) -> Row {
    serde_dynamo::to_item(fields).expect("texts, numbers and booleans are what DynamoDB stores")
}

/// Reads a todo. Other attributes are ignored. The cause of a failure could repeat the row, so it is
/// dropped.
pub(super) fn into_todo(row: Row) -> Result<Todo, TableError> {
    serde_dynamo::from_item(row).map_err(|_| TableError::Row { attribute: "of a todo" })
}

pub(super) fn text<'r>(row: &'r Row, attribute: &'static str) -> Result<&'r String, TableError> {
    let value = row.get(attribute).and_then(|value| value.as_s().ok());
    value.ok_or(TableError::Row { attribute })
}
