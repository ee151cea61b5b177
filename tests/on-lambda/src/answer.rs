use std::collections::BTreeMap;

use local_aws::http_api::HttpApiResponse;
use serde_json::Value;

/// What a function answered to one event, as an HTTP API reads it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Single headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The `cookies` array, each a whole `Set-Cookie`.
    pub cookies: Vec<String>,
    /// The body, out of base64 where it came in that.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads a response of payload format 2.0.
    ///
    /// # Panics
    /// When it is none.
    pub fn of(response: &Value) -> Self {
        let response =
            HttpApiResponse::parse(response).unwrap_or_else(|error| panic!("{error}: {response}"));
        let HttpApiResponse { status, headers, cookies, body } = response;
        Self { status, headers: headers.into_iter().collect(), cookies, body }
    }

    /// A header's value, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The cookies that it sets, as the browser's next request brings them.
    pub fn kept_cookies(&self) -> Vec<String> {
        let cookies = self.cookies.iter();
        let kept = cookies.filter(|cookie| !cookie.to_ascii_lowercase().contains("max-age=0"));
        kept.filter_map(|cookie| Some(cookie.split(';').next()?.to_owned())).collect()
    }
}
