use aws_sdk_dynamodb::error::SdkError;
use outbound::DynamoDbError;

/// What the table did not do. None of it repeats a row.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    #[error(transparent)]
    DynamoDb(#[from] DynamoDbError),
    /// A row that is none of ours.
    #[error("a row has no proper attribute {attribute}")]
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
