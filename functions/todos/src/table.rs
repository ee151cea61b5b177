//! The table of todos: every read and write of them.
//!
//! A todo is created under a new id, and from then on updated or deleted only on condition that it
//! exists, so nothing restores a deleted one.

mod creating;
mod error;
mod finding;
mod idempotency;
mod listing;
mod row;
mod writing;

use aws_sdk_dynamodb::Client;

pub(crate) use creating::Creation;
pub(crate) use error::TableError;
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
