//! The table of todos: every read and write of them.
//!
//! Rows are written in two ways only: a todo is created under a fresh id, and from then on it is
//! changed or deleted under the condition that it is there. So nothing brings a deleted one back.

mod changing;
mod creating;
mod error;
mod finding;
mod idempotency;
mod listing;
mod row;

use aws_sdk_dynamodb::Client;

pub(crate) use changing::WriteOutcome;
pub(crate) use creating::Creation;
pub(crate) use error::TableError;
pub(crate) use idempotency::Attempt;
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
