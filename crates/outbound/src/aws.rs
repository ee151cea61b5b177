//! What every AWS client needs: who we are, where, and over which connection.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::{
    behavior_version::BehaviorVersion, stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use settings::{Environment, Setting, SettingErrors, all};

use crate::{Outbound, connector::sdk_http_client};

const REGION: Setting = Setting::new("AWS_REGION", "the region of the tables", "eu-central-1");
const ACCESS_KEY_ID: Setting =
    Setting::new("AWS_ACCESS_KEY_ID", "the id of the access key", "AKIAIOSFODNN7EXAMPLE");
const SECRET_ACCESS_KEY: Setting = Setting::new(
    "AWS_SECRET_ACCESS_KEY",
    "the secret of the access key",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)
.secret();
const SESSION_TOKEN: Setting =
    Setting::new("AWS_SESSION_TOKEN", "the token of temporary credentials", "IQoJb3JpZ2luX2VjE...")
        .optional("the access key is not temporary")
        .secret();

/// A service's own variable comes first (AWS SDKs and Tools Reference Guide, "Service-specific
/// endpoints").
const ENDPOINT: Setting = Setting::new(
    "AWS_ENDPOINT_URL",
    "the address of an emulator of all AWS services",
    "http://localhost:4566",
)
.optional("each service's endpoint in the region");

pub(crate) const ATTEMPTS: u32 = 3;
/// The most that the first repetition waits (the second waits twice that). The SDK's second is
/// longer than a request may take; a connection that ended during a freeze can be replaced at once.
pub(crate) const FIRST_BACKOFF: Duration = Duration::from_millis(50);

impl Outbound {
    /// The configuration of an AWS client whose endpoint can be overridden by `endpoint`, or with
    /// those of all other services by `AWS_ENDPOINT_URL`.
    pub(crate) fn aws(
        &self,
        environment: &Environment,
        endpoint: &'static Setting,
    ) -> Result<SdkConfig, SettingErrors> {
        let (region, own_endpoint, endpoint, credentials) = all((
            environment.required::<String>(&REGION),
            environment.optional(endpoint),
            environment.optional(&ENDPOINT),
            credentials(environment),
        ))?;
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(credentials)
            .http_client(sdk_http_client(&self.http))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_initial_backoff(FIRST_BACKOFF),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_attempt_timeout(self.timeouts.aws_attempt)
                    .operation_timeout(self.timeouts.aws_operation)
                    .build(),
            )
            // The attempt timeout bounds every answer already.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(own_endpoint.or(endpoint));
        Ok(config.build())
    }
}

fn credentials(environment: &Environment) -> Result<SharedCredentialsProvider, SettingErrors> {
    let (id, secret, token) = all((
        environment.required::<String>(&ACCESS_KEY_ID),
        environment.required::<String>(&SECRET_ACCESS_KEY),
        environment.optional(&SESSION_TOKEN),
    ))?;
    Ok(SharedCredentialsProvider::new(Credentials::new(id, secret, token, None, "environment")))
}
