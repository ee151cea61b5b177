use std::error::Error;

use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use settings::{Environment, SettingError};

use crate::Outbound;

/// A secret could not be had from Secrets Manager.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The AWS settings are incomplete.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Secrets Manager refused, or could not be reached.
    #[error("Secrets Manager did not give the secret {arn}: {fault}")]
    Refused {
        /// The secret that was asked for.
        arn: String,
        /// What the service or the connection said.
        fault: String,
    },
    /// The secret holds bytes instead of a string.
    #[error("the secret {0} has no text value; store it with --secret-string")]
    NotText(String),
}

impl Outbound {
    /// The text of a secret. Reads `AWS_REGION`, the credential variables and
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
    ///
    /// # Errors
    /// When a setting is missing, the service refuses or cannot be reached, or the value is binary.
    pub async fn secret(
        &self,
        environment: &Environment,
        arn: &str,
    ) -> Result<String, SecretError> {
        let config = self.aws(environment, "AWS_ENDPOINT_URL_SECRETS_MANAGER")?;
        let answer = aws_sdk_secretsmanager::Client::new(&config)
            .get_secret_value()
            .secret_id(arn)
            .send()
            .await
            .map_err(|error| SecretError::Refused { arn: arn.to_owned(), fault: fault(&error) })?;
        answer.secret_string.ok_or_else(|| SecretError::NotText(arn.to_owned()))
    }
}

/// What the service says, or else the chain of causes.
///
/// # What breaks if this changes
/// The SDK's `DisplayErrorContext` ends with the error's debug output, which holds the whole
/// answer: when that is one that cannot be read, the secret is in it, and then in a log.
fn fault<E, R>(error: &SdkError<E, R>) -> String
where
    E: Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    if let Some(code) = error.code() {
        return format!("{code}: {}", error.message().unwrap_or_default());
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
