use settings::{Environment, SettingError};

use crate::Outbound;

impl Outbound {
    /// A DynamoDB client over this way out. Reads `AWS_REGION`, the credential variables and, for
    /// an emulator or a VPC endpoint, `AWS_ENDPOINT_URL_DYNAMODB`.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn dynamodb(
        &self,
        environment: &Environment,
    ) -> Result<aws_sdk_dynamodb::Client, SettingError> {
        Ok(aws_sdk_dynamodb::Client::new(&self.aws(environment, "AWS_ENDPOINT_URL_DYNAMODB")?))
    }
}
