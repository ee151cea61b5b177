//! An access token for Microsoft Graph: out of the environment, or by device code (RFC 8628).

use std::{collections::BTreeSet, time::Duration};

use reqwest::Client;
use serde::{Deserialize, de::DeserializeOwned};
use url::{Url, form_urlencoded};

use crate::{console::Console, error::Error, tenant::Tenant, time::Time, token::Token};

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
    Token { access_token: String, refresh_token: Option<String> },
    Error { error: String },
}

impl SignIn<'_> {
    /// A token with these permissions. Without consent to one of them, a refresh token is refused,
    /// and the user signs in.
    pub(crate) async fn token(
        &self,
        permissions: &BTreeSet<&str>,
        refresh: Option<&str>,
    ) -> Result<Token, Error> {
        let scopes = permissions.iter().map(|it| format!("https://graph.microsoft.com/{it}"));
        let scope = scopes.chain(["offline_access".to_owned()]).collect::<Vec<_>>().join(" ");
        if let Some(refresh) = refresh {
            let form = [
                ("client_id", self.client_id),
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh),
                ("scope", &scope),
            ];
            if let Ok(Answer::Token { access_token: access, refresh_token: refresh }) =
                self.ask("token", &form).await
            {
                return Ok(Token { access, refresh });
            }
        }
        self.by_device_code(&scope).await
    }

    /// Shows a code and waits until the user has entered it.
    async fn by_device_code(&self, scope: &str) -> Result<Token, Error> {
        let form = [("client_id", self.client_id), ("scope", scope)];
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
                Ok(Answer::Token { access_token: access, refresh_token: refresh }) => {
                    return Ok(Token { access, refresh });
                }
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
