use std::error::Error;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The text of an AWS error for a log: what the service answered, or else the chain of causes.
///
/// # What breaks if this changes
/// The SDK's `DisplayErrorContext` ends with the error's debug output, which holds the whole
/// response: a secret or a row in a response that cannot be parsed would then be logged.
pub(crate) fn error_text<E, R>(error: &SdkError<E, R>) -> String
where
    E: Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    if let Some(code) = error.code() {
        return format!("{code}: {}", error.message().unwrap_or_default());
    }
    crate::causes(error)
}
