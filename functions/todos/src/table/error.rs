use aws_sdk_dynamodb::error::SdkError;
use outbound::DynamoDbError;

/// Why the table could not be read or written. It never repeats a row.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    #[error(transparent)]
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
