//! The table: one row for each issuer.

use auth::{Issuer, ProviderConfig};
use aws_sdk_dynamodb::{Client, error::SdkError};
use outbound::DynamoDbError;

use crate::{
    Snapshot,
    row::{self, ISSUER, Row, text},
};

/// The table did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("the keys table cannot be used: {0}")]
pub struct TableError(#[from] DynamoDbError);

impl<E> From<SdkError<E>> for TableError
where
    DynamoDbError: From<SdkError<E>>,
{
    fn from(error: SdkError<E>) -> Self {
        Self(error.into())
    }
}

/// The copies of one provider's documents. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshots {
    pub(crate) client: Client,
    pub(crate) table: String,
    pub(crate) issuer: Issuer,
    metadata_url: String,
}

impl Snapshots {
    /// The copies of that provider's documents in `table`, through `client`.
    pub fn new(client: Client, table: String, provider: &ProviderConfig) -> Self {
        let metadata_url = provider.discovery_url().to_string();
        Self { client, table, issuer: provider.issuer.clone(), metadata_url }
    }

    /// The last snapshot, however old. `None` when there is none, or only one of another metadata
    /// address than the one that is set.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn read(&self) -> Result<Option<Snapshot>, TableError> {
        Ok(self.snapshot(&self.row().await?))
    }

    /// The row; an empty one when there is none.
    pub(crate) async fn row(&self) -> Result<Row, TableError> {
        let read = self.client.get_item().table_name(&self.table).key(ISSUER, self.key());
        // An instance that has just woken the writer must not read the state before. One
        // consistent read for each cold start costs next to nothing.
        Ok(read.consistent_read(true).send().await?.item.unwrap_or_default())
    }

    pub(crate) fn snapshot(&self, row: &Row) -> Option<Snapshot> {
        row::read(row).filter(|snapshot| snapshot.metadata_url == self.metadata_url)
    }

    pub(crate) fn key(&self) -> aws_sdk_dynamodb::types::AttributeValue {
        text(self.issuer.as_str())
    }
}
