//! The table of todos: every read and write of them.
//!
//! A todo is created under a new id, and from then on updated or deleted only on condition that it
//! exists, so nothing restores a deleted one.

mod creating;
mod finding;
mod idempotency;
mod listing;
mod row;
mod writing;

use api::RequestError;
use aws_sdk_dynamodb::{Client, error::SdkError};
use outbound::DynamoDbError;

pub(crate) use idempotency::IdempotencyRecord;
pub(crate) use row::RowKey;

/// The table, in DynamoDB. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct TodoTable {
    client: Client,
    name: String,
}

impl TodoTable {
    pub(crate) fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Opens the connection that the first request will use, by reading a row that is not there.
    pub(crate) async fn warm(&self) -> Result<(), TableError> {
        let key = RowKey { owner_key: "warm#".to_owned(), id: "warm".to_owned() };
        self.row(&key).await.map(drop)
    }
}

/// What a write did: an error of the request if a condition was not met.
type WriteOutcome<T> = Result<T, RequestError>;

/// Why the table could not be read or written. It never repeats a row.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    #[error("the todos table cannot be used: {0}")]
    DynamoDb(#[from] DynamoDbError),
    /// A row that this function cannot have written.
    #[error("a row has no valid attribute {attribute}")]
    Row { attribute: &'static str },
}

impl<E> From<SdkError<E>> for TableError
where
    DynamoDbError: From<SdkError<E>>,
{
    fn from(error: SdkError<E>) -> Self {
        Self::DynamoDb(error.into())
    }
}
