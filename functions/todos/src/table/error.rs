use std::error::Error;

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

/// What the table did not do.
///
/// None of it repeats a row: the SDK's own debug output holds whole answers, todos included.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    /// It does not answer, or not now. The same request may well work in a moment.
    #[error("DynamoDB does not answer: {0}")]
    Unavailable(String),
    /// It does not take what we send: a missing table or permission, or a fault of ours.
    #[error("DynamoDB refuses: {0}")]
    Refused(String),
    /// A row that is none of ours.
    #[error("a row has no proper attribute {attribute}")]
    Row { attribute: &'static str },
}

/// Refusals of DynamoDB that pass by themselves.
const PASSING: [&str; 7] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

impl<E> From<SdkError<E, HttpResponse>> for TableError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let SdkError::ServiceError(service) = &error else {
            let cause = outbound::causes(&error);
            return match error {
                SdkError::ConstructionFailure(_) => Self::Refused(cause),
                _ => Self::Unavailable(cause),
            };
        };
        let (code, status) = (service.err().code(), service.raw().status().as_u16());
        let message = service.err().message().unwrap_or_default();
        let cause = format!("{} ({status}): {message}", code.unwrap_or("no code"));
        if status >= 500 || code.is_some_and(|code| PASSING.contains(&code)) {
            Self::Unavailable(cause)
        } else {
            Self::Refused(cause)
        }
    }
}
