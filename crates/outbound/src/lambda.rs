use aws_sdk_lambda::{Client, types::InvocationType};
use aws_types::SdkConfig;
use settings::{Environment, Setting, SettingErrors};

use crate::{Outbound, aws_error::error_text};

const ENDPOINT: Setting = Setting::new(
    "AWS_ENDPOINT_URL_LAMBDA",
    "the address of an emulator or a VPC endpoint",
    "http://localhost:8000",
)
.optional("the region's endpoint");

/// A function could not be invoked.
#[derive(Debug, thiserror::Error)]
#[error("Lambda did not take the invocation of {function}: {cause}")]
pub struct InvokeError {
    /// The function's name or ARN.
    function: String,
    /// What the service or the connection said.
    cause: String,
}

/// Another Lambda function, to be invoked.
#[derive(Debug, Clone)]
pub struct LambdaFunction {
    // A client is made when it is needed, which for most instances is never.
    config: SdkConfig,
    function: String,
}

impl Outbound {
    /// The function of that name or ARN. Reads `AWS_REGION`, the credential variables and
    /// `AWS_ENDPOINT_URL_LAMBDA` or `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn lambda_function(
        &self,
        environment: &Environment,
        function: String,
    ) -> Result<LambdaFunction, SettingErrors> {
        let config = self.aws(environment, &ENDPOINT)?;
        Ok(LambdaFunction { config, function })
    }
}

impl LambdaFunction {
    /// Has it run soon, once or more, with an empty event. What comes of it is not known here.
    ///
    /// # Errors
    /// When Lambda refuses, or cannot be reached.
    pub async fn invoke_asynchronously(&self) -> Result<(), InvokeError> {
        let call = Client::new(&self.config).invoke().function_name(&self.function);
        let called = call.invocation_type(InvocationType::Event).send().await;
        let refused = |error| {
            let function = self.function.clone();
            InvokeError { function, cause: error_text(&error) }
        };
        called.map(drop).map_err(refused)
    }
}
