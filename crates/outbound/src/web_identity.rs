use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_async::rt::sleep::{AsyncSleep as _, TokioSleep};
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use http::header::CONTENT_TYPE;
use settings::{Environment, Setting, SettingErrors};
use url::form_urlencoded;

use crate::{
    Outbound,
    aws::{ATTEMPTS, FIRST_BACKOFF},
    causes,
};

const ENDPOINT: Setting = Setting::new(
    "AWS_ENDPOINT_URL_STS",
    "the address of an emulator or a VPC endpoint",
    "http://localhost:8000",
)
.optional("the region's endpoint");

const FORM: &str = "application/x-www-form-urlencoded";

/// There is no web identity token. A refusal is not permanent: a permission can take effect later.
#[derive(Debug, thiserror::Error)]
pub enum WebIdentityError {
    /// The AWS settings are incomplete.
    #[error(transparent)]
    Settings(#[from] SettingErrors),
    /// AWS STS refused.
    #[error("AWS STS refused a web identity token: {0}")]
    Refused(String),
    /// AWS STS cannot be reached, fails, or throttles us.
    #[error("AWS STS gave no web identity token: {0}")]
    Unavailable(String),
}

impl Outbound {
    /// A JWT in which AWS names the caller's role, signed with RS256 and valid for `lifetime`, one
    /// minute to one hour (AWS STS API Reference, `GetWebIdentityToken`). Reads `AWS_REGION`, the
    /// credential variables and `AWS_ENDPOINT_URL_STS` or `AWS_ENDPOINT_URL`.
    ///
    /// The request is signed here: `aws-sdk-sts` would make each cold start larger for one action.
    ///
    /// # Errors
    /// When a setting is missing, or AWS STS refuses or cannot answer.
    pub async fn web_identity_token(
        &self,
        environment: &Environment,
        audience: &str,
        lifetime: Duration,
    ) -> Result<String, WebIdentityError> {
        let config = self.aws(environment, &ENDPOINT)?;
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", "GetWebIdentityToken")
            .append_pair("Version", "2011-06-15")
            .append_pair("Audience.member.1", audience)
            .append_pair("DurationSeconds", &lifetime.as_secs().to_string())
            .append_pair("SigningAlgorithm", "RS256")
            .finish();
        let mut pause = FIRST_BACKOFF;
        for _ in 1..ATTEMPTS {
            match self.send(signed(&config, &body).await?).await {
                Err(WebIdentityError::Unavailable(_)) => TokioSleep::new().sleep(pause).await,
                result => return result,
            }
            pause *= 2;
        }
        self.send(signed(&config, &body).await?).await
    }

    async fn send(&self, request: reqwest::Request) -> Result<String, WebIdentityError> {
        let unavailable = |error| WebIdentityError::Unavailable(causes(&error));
        let response = self.http.execute(request).await.map_err(unavailable)?;
        let status = response.status();
        let text = response.text().await.map_err(unavailable)?;
        if status.is_success() {
            let token = element(&text, "WebIdentityToken").map(str::to_owned);
            return token.ok_or_else(|| {
                WebIdentityError::Unavailable("the response has no token".to_owned())
            });
        }
        let code = element(&text, "Code").unwrap_or_default();
        let message = element(&text, "Message").unwrap_or_default();
        let cause = format!("{status} {code}: {message}{}", remedy(code));
        Err(if status.is_server_error() || code.starts_with("Throttl") {
            WebIdentityError::Unavailable(cause)
        } else {
            WebIdentityError::Refused(cause)
        })
    }
}

/// The request with a Signature Version 4 of this moment.
async fn signed(config: &SdkConfig, body: &str) -> Result<reqwest::Request, WebIdentityError> {
    let error = |error: &dyn std::error::Error| WebIdentityError::Refused(causes(error));
    let region = config.region().expect("the configuration has a region").as_ref();
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    // The global endpoint doesn't have the action.
    let regional = format!("https://sts.{region}.{domain}/");
    let endpoint = config.endpoint_url().unwrap_or(&regional);
    let credentials = config.credentials_provider().expect("the configuration has credentials");
    let identity = credentials.provide_credentials().await.map_err(|cause| error(&cause))?.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|cause| error(&cause))?
        .into();
    let headers = [(CONTENT_TYPE.as_str(), FORM)].into_iter();
    let signable =
        SignableRequest::new("POST", endpoint, headers, SignableBody::Bytes(body.as_bytes()))
            .and_then(|request| sign(request, &params))
            .map_err(|cause| error(&cause))?;
    let mut request = http::Request::post(endpoint)
        .header(CONTENT_TYPE, FORM)
        .body(body.to_owned())
        .map_err(|cause| error(&cause))?;
    signable.into_parts().0.apply_to_request_http1x(&mut request);
    let mut request = reqwest::Request::try_from(request).map_err(|cause| error(&cause))?;
    *request.timeout_mut() =
        config.timeout_config().and_then(TimeoutConfig::operation_attempt_timeout);
    Ok(request)
}

/// The text of an XML element without attributes. Tokens and error codes need no escapes.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once("</")?.0)
}

fn remedy(code: &str) -> &'static str {
    match code {
        "OutboundWebIdentityFederationDisabledException" => {
            "; enable it once in the account: aws iam enable-outbound-web-identity-federation"
        }
        "AccessDenied" => {
            "; the function's role needs sts:GetWebIdentityToken for this audience, as template.yaml \
             gives it"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_request_goes_to_the_endpoint_of_the_region() {
        let outbound = Outbound::from_environment(&Environment::default()).unwrap();
        for (region, expected) in [
            ("eu-central-1", "https://sts.eu-central-1.amazonaws.com/"),
            ("cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn/"),
        ] {
            let environment = Environment::of([
                ("AWS_REGION", region),
                ("AWS_ACCESS_KEY_ID", "id"),
                ("AWS_SECRET_ACCESS_KEY", "key"),
            ]);
            let config = outbound.aws(&environment, &ENDPOINT).unwrap();
            assert_eq!(signed(&config, "").await.unwrap().url().as_str(), expected);
        }
    }
}
