use settings::{Environment, Setting, SettingErrors};

use crate::{Outbound, aws_error::error_text};

const ENDPOINT: Setting = Setting::new(
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "the address of an emulator or a VPC endpoint",
    "http://localhost:8000",
)
.optional("the region's endpoint");

/// A secret could not be had from Secrets Manager.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The AWS settings are incomplete.
    #[error(transparent)]
    Settings(#[from] SettingErrors),
    /// Secrets Manager refused, or could not be reached.
    #[error("Secrets Manager did not give the secret {arn}: {cause}")]
    Refused {
        /// The secret that was asked for.
        arn: String,
        /// What the service or the connection said.
        cause: String,
    },
    /// The secret holds bytes instead of a string.
    #[error("the secret {0} has no text value; store it with --secret-string")]
    NotText(String),
}

impl Outbound {
    /// The text of a secret. Reads `AWS_REGION`, the credential variables and
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER` or `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// When a setting is missing, the service refuses or cannot be reached, or the value is binary.
    pub async fn secret(
        &self,
        environment: &Environment,
        arn: &str,
    ) -> Result<String, SecretError> {
        let config = self.aws(environment, &ENDPOINT)?;
        let answer = aws_sdk_secretsmanager::Client::new(&config)
            .get_secret_value()
            .secret_id(arn)
            .send()
            .await
            .map_err(|error| SecretError::Refused {
                arn: arn.to_owned(),
                cause: error_text(&error),
            })?;
        answer.secret_string.ok_or_else(|| SecretError::NotText(arn.to_owned()))
    }
}
