//! An access token for Microsoft Graph: out of the environment, or by device code (RFC 8628).

use std::time::Duration;

use reqwest::Client;
use serde::{Deserialize, de::DeserializeOwned};
use url::{Url, form_urlencoded};

use crate::{console::Console, error::Error, permission, tenant::Tenant, time::Time, token::Token};

const TIMEOUT: Duration = Duration::from_secs(30);

/// RFC 8628, section 3.2: when the answer names no interval.
const INTERVAL: u64 = 5;

/// Where to sign in, as whom, and what for.
pub(crate) struct SignIn<'a> {
    pub(crate) http: &'a Client,
    pub(crate) login: &'a Url,
    pub(crate) tenant: &'a Tenant,
    pub(crate) client_id: &'a str,
    pub(crate) time: &'a dyn Time,
    pub(crate) console: &'a dyn Console,
}

/// RFC 8628, section 3.2.
#[derive(Deserialize)]
#[allow(clippy::struct_field_names, reason = "the RFC's own")]
struct DeviceCode {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u64,
    interval: Option<u64>,
}

/// RFC 6749, sections 5.1 and 5.2.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Token { access_token: String },
    Error { error: String },
}

impl SignIn<'_> {
    /// Shows a code and waits until the user has entered it.
    pub(crate) async fn by_device_code(&self) -> Result<Token, Error> {
        let scope = scopes();
        let form = [("client_id", self.client_id), ("scope", &scope)];
        let code: DeviceCode = self.ask("devicecode", &form).await?;
        self.console.say(&format!(
            "To sign in, open {} and enter the code {}",
            code.verification_uri, code.user_code
        ));
        let form = [
            ("client_id", self.client_id),
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", &code.device_code),
        ];
        let mut interval = code.interval.unwrap_or(INTERVAL);
        let mut left = code.expires_in;
        while let Some(rest) = left.checked_sub(interval) {
            self.time.sleep(Duration::from_secs(interval)).await;
            left = rest;
            let error = match self.ask("token", &form).await {
                Ok(Answer::Token { access_token }) => return Ok(Token(access_token)),
                Ok(Answer::Error { error }) => error,
                // RFC 8628, section 3.5: no answer is a reason to ask less often.
                Err(_) => "slow_down".to_owned(),
            };
            match error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval += INTERVAL,
                _ => return Err(Error::SignIn(error)),
            }
        }
        Err(Error::SignIn("the code was not entered in time".to_owned()))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        endpoint: &str,
        form: &[(&str, &str)],
    ) -> Result<T, Error> {
        let mut url = self.login.clone();
        url.set_path(&format!("/{}/oauth2/v2.0/{endpoint}", self.tenant));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .http
            .post(url)
            .timeout(TIMEOUT)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let failed = |error: reqwest::Error| Error::SignIn(error.without_url().to_string());
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(failed)?;
        // Errors of the device code's endpoint come in the form of RFC 6749 too, and are told.
        serde_json::from_slice(&bytes).map_err(|_| {
            let code = serde_json::from_slice::<Answer>(&bytes);
            match code {
                Ok(Answer::Error { error }) => Error::SignIn(error),
                _ => Error::SignIn(format!(
                    "{status} from {endpoint}, and no answer that can be read"
                )),
            }
        })
    }
}

/// All that a run may need, so that it is not asked for twice.
fn scopes() -> String {
    let names = permission::ALL.map(|it| format!("https://graph.microsoft.com/{}", it.scope));
    names.join(" ")
}
