use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
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
        let status = response["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
        let status = status.unwrap_or_else(|| panic!("no statusCode: {response}"));
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let mut headers = BTreeMap::new();
        for (name, value) in response["headers"].as_object().into_iter().flatten() {
            headers.insert(name.to_lowercase(), text(value).expect("a header is a string"));
        }
        for (name, values) in response["multiValueHeaders"].as_object().into_iter().flatten() {
            let values = values.as_array().into_iter().flatten().filter_map(text);
            let values = values.collect::<Vec<_>>().join(",");
            headers.entry(name.to_lowercase()).or_insert(values);
        }
        let cookies = response["cookies"].as_array().into_iter().flatten().filter_map(text);
        let body = response["body"].as_str().unwrap_or_default();
        let body = if response["isBase64Encoded"] == true {
            STANDARD.decode(body).expect("base64 is said to be base64")
        } else {
            body.as_bytes().to_vec()
        };
        Self { status, headers, cookies: cookies.collect(), body }
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
