//! What every AWS client needs: who we are, where, and over which connection.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::{
    behavior_version::BehaviorVersion, stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use settings::{Environment, SettingError};

use crate::{Outbound, connector::sdk_http_client};

const ATTEMPTS: u32 = 3;
/// The most that the first repetition waits (the second waits twice that). The SDK's second is
/// longer than a request may take; a connection that ended during a freeze can be replaced at once.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1500);
/// All attempts together: shorter than any caller's patience, so that a 503 is still an answer.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);

impl Outbound {
    /// The configuration of an AWS client whose endpoint can be overridden by `endpoint`.
    pub(crate) fn aws(
        &self,
        environment: &Environment,
        endpoint: &'static str,
    ) -> Result<SdkConfig, SettingError> {
        let region: String = environment.required("AWS_REGION", "eu-central-1")?;
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(credentials(environment)?)
            .http_client(sdk_http_client(&self.http))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_initial_backoff(FIRST_BACKOFF),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(OPERATION_TIMEOUT)
                    .build(),
            )
            // The attempt timeout bounds every answer already.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        let endpoint: Option<String> = environment.optional(endpoint, "http://localhost:8000")?;
        config.set_endpoint_url(endpoint);
        Ok(config.build())
    }
}

fn credentials(environment: &Environment) -> Result<SharedCredentialsProvider, SettingError> {
    let id: String = environment.required("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")?;
    let secret: String = environment
        .required("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
    let token = environment.optional("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjE...")?;
    Ok(SharedCredentialsProvider::new(Credentials::new(id, secret, token, None, "environment")))
}
