use std::{collections::HashMap, error::Error, fmt};

use aws_sdk_dynamodb::{
    Client,
    config::Builder,
    error::{ProvideErrorMetadata, SdkError},
    types::{AttributeValue, CancellationReason},
};
use aws_smithy_runtime_api::client::{
    interceptors::context::InterceptorContext,
    retries::classifiers::{ClassifyRetry, RetryAction},
};
use settings::{Environment, Setting, SettingErrors};

use crate::{Outbound, aws_error::error_text};

const ENDPOINT: Setting = Setting::new(
    "AWS_ENDPOINT_URL_DYNAMODB",
    "the address of an emulator or a VPC endpoint",
    "http://localhost:8000",
)
.optional("the region's endpoint");

impl Outbound {
    /// A DynamoDB client over this HTTP client. Reads `AWS_REGION`, the credential variables and,
    /// for an emulator or a VPC endpoint, `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn dynamodb(&self, environment: &Environment) -> Result<Client, SettingErrors> {
        let config = Builder::from(&self.aws(environment, &ENDPOINT)?);
        Ok(Client::from_conf(config.retry_classifier(DamagedResponse).build()))
    }
}

/// Has the SDK repeat a request whose response has a status of success and cannot be parsed, as it
/// does if the connection is lost. (`connector.rs` finds damage by the checksum, which emulators
/// don't send.)
#[derive(Debug)]
struct DamagedResponse;

impl ClassifyRetry for DamagedResponse {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = matches!(context.output_or_error(), Some(Err(_)));
        let succeeded = context.response().is_some_and(|it| it.status().is_success());
        if failed && succeeded {
            return RetryAction::transient_error();
        }
        RetryAction::NoActionIndicated
    }

    fn name(&self) -> &'static str {
        "damaged response"
    }
}

/// Why a call to DynamoDB failed, as far as callers act on it.
///
/// Its `Debug` is its `Display`, which never repeats an item: items must not get into a log.
#[derive(Clone, PartialEq, thiserror::Error)]
pub enum DynamoDbError {
    /// A condition did not hold.
    #[error("the condition of a write did not hold")]
    ConditionFailed {
        /// The position of the write in its transaction; 0 for a single write.
        position: usize,
        /// The item that failed the condition, if the request asked for it and it exists.
        item: Option<HashMap<String, AttributeValue>>,
    },
    /// Another write or transaction on the same item was in progress. It passes in milliseconds.
    #[error("another write to the same item is in progress")]
    Conflict,
    /// DynamoDB cannot be reached, fails, or throttles us. The same request may soon succeed.
    #[error("DynamoDB is unavailable: {0}")]
    Unavailable(String),
    /// DynamoDB rejects the request: a missing table or permission, or a bug of ours.
    #[error("DynamoDB rejects the request; a permission may be missing: {0}")]
    Rejected(String),
}

/// Error codes of DynamoDB that are temporary even with status 400.
const TEMPORARY: [&str; 6] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
];

impl<E> From<SdkError<E>> for DynamoDbError
where
    E: Error + ProvideErrorMetadata + 'static,
    aws_sdk_dynamodb::Error: From<E>,
{
    fn from(error: SdkError<E>) -> Self {
        let text = error_text(&error);
        match error {
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                Self::of_service(service.into_err().into(), status, text)
            }
            SdkError::ConstructionFailure(_) => Self::Rejected(text),
            _ => Self::Unavailable(text),
        }
    }
}

impl DynamoDbError {
    fn of_service(error: aws_sdk_dynamodb::Error, status: u16, text: String) -> Self {
        use aws_sdk_dynamodb::Error;
        let code = error.code();
        // DynamoDB gives each error a code, and an error no status of success.
        let is_damaged = status < 300 || (status == 400 && code.is_none());
        let is_temporary = status >= 500 || code.is_some_and(|code| TEMPORARY.contains(&code));
        match error {
            Error::ConditionalCheckFailedException(failed) => {
                Self::ConditionFailed { position: 0, item: failed.item }
            }
            Error::TransactionConflictException(_) => Self::Conflict,
            Error::TransactionCanceledException(canceled) => {
                let reasons = canceled.cancellation_reasons.unwrap_or_default();
                Self::of_reasons(reasons).unwrap_or(Self::Rejected(text))
            }
            _ if is_temporary || is_damaged => Self::Unavailable(text),
            _ => Self::Rejected(text),
        }
    }

    /// Why a transaction was canceled. DynamoDB gives one reason for each write, in order.
    fn of_reasons(reasons: Vec<CancellationReason>) -> Option<Self> {
        let codes: Vec<_> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
        let position = |wanted: &str| codes.iter().position(|code| *code == wanted);
        // A condition that did not hold decides, whatever happened to the other writes.
        if let Some(position) = position("ConditionalCheckFailed") {
            let item = reasons.into_iter().nth(position).and_then(|reason| reason.item);
            return Some(Self::ConditionFailed { position, item });
        }
        let throttled = ["ProvisionedThroughputExceeded", "ThrottlingError"];
        if let Some(code) = throttled.into_iter().find(|code| position(code).is_some()) {
            return Some(Self::Unavailable(code.to_owned()));
        }
        let others = codes.iter().all(|code| matches!(*code, "TransactionConflict" | "None"));
        (others && position("TransactionConflict").is_some()).then_some(Self::Conflict)
    }
}

impl fmt::Debug for DynamoDbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The output of a write, or `None` if its condition did not hold.
///
/// # Errors
/// When the write failed for another reason.
pub fn unless_condition_failed<T>(
    result: Result<T, impl Into<DynamoDbError>>,
) -> Result<Option<T>, DynamoDbError> {
    match result.map_err(Into::into) {
        Ok(output) => Ok(Some(output)),
        Err(DynamoDbError::ConditionFailed { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{
        config::http::HttpResponse,
        operation::{
            delete_item::DeleteItemError, transact_write_items::TransactWriteItemsError,
            update_item::UpdateItemError,
        },
        types::error::{ConditionalCheckFailedException, TransactionCanceledException},
    };
    use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};

    use super::*;

    fn mapped<E>(error: E, status: u16) -> DynamoDbError
    where
        E: Error + ProvideErrorMetadata + 'static,
        aws_sdk_dynamodb::Error: From<E>,
    {
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        SdkError::service_error(error, response).into()
    }

    #[test]
    fn a_failed_condition_has_the_item_and_never_prints_it() {
        let item = HashMap::from([("id".to_owned(), AttributeValue::S("private".to_owned()))]);
        let failed =
            ConditionalCheckFailedException::builder().set_item(Some(item.clone())).build();
        let error = mapped(UpdateItemError::ConditionalCheckFailedException(failed), 400);
        assert!(!format!("{error:?} {error}").contains("private"), "{error:?}");
        assert_eq!(error, DynamoDbError::ConditionFailed { position: 0, item: Some(item) });
    }

    #[test]
    fn the_code_or_the_status_says_whether_an_error_is_temporary() {
        let check = |code: &str, status: u16, expected: fn(String) -> DynamoDbError| {
            let metadata = ErrorMetadata::builder().code(code).message("why").build();
            let error = mapped(DeleteItemError::generic(metadata), status);
            assert_eq!(error, expected(format!("{code}: why")));
        };
        check("ThrottlingException", 400, DynamoDbError::Unavailable);
        check("LimitExceededException", 400, DynamoDbError::Unavailable);
        check("Whatever", 503, DynamoDbError::Unavailable);
        check("AccessDeniedException", 400, DynamoDbError::Rejected);
        check("ValidationException", 400, DynamoDbError::Rejected);
    }

    #[test]
    fn a_failed_connection_is_temporary_and_a_request_that_cannot_be_built_is_not() {
        let timeout = SdkError::<DeleteItemError>::timeout_error("too slow");
        assert!(matches!(timeout.into(), DynamoDbError::Unavailable(_)));
        let bug = SdkError::<DeleteItemError>::construction_failure("no key");
        assert!(matches!(bug.into(), DynamoDbError::Rejected(_)));
    }

    fn canceled(codes: &[&str]) -> DynamoDbError {
        let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build());
        let canceled = TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons.collect()))
            .build();
        mapped(TransactWriteItemsError::TransactionCanceledException(canceled), 400)
    }

    #[test]
    fn a_condition_that_did_not_hold_decides_whatever_else_happened() {
        let failed = |position| DynamoDbError::ConditionFailed { position, item: None };
        assert_eq!(canceled(&["None", "ConditionalCheckFailed", "None"]), failed(1));
        assert_eq!(canceled(&["ConditionalCheckFailed", "None"]), failed(0));
        let codes = ["TransactionConflict", "ThrottlingError", "ConditionalCheckFailed"];
        assert_eq!(canceled(&codes), failed(2));
    }

    #[test]
    fn a_conflict_is_one_only_if_nothing_else_was_wrong() {
        assert_eq!(canceled(&["None", "TransactionConflict", "None"]), DynamoDbError::Conflict);
        let throttled = DynamoDbError::Unavailable("ThrottlingError".to_owned());
        assert_eq!(canceled(&["TransactionConflict", "ThrottlingError"]), throttled);
        assert!(matches!(
            canceled(&["TransactionConflict", "ValidationError"]),
            DynamoDbError::Rejected(_)
        ));
    }

    #[test]
    fn other_reasons_are_rejections() {
        for codes in [&[][..], &["None", "None"], &["ItemCollectionSizeLimitExceeded", "None"]] {
            assert!(matches!(canceled(codes), DynamoDbError::Rejected(_)), "{codes:?}");
        }
    }
}
