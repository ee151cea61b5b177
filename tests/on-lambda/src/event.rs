use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::DOMAIN;

/// An event of an HTTP API, payload format 2.0.
#[derive(Clone, Debug)]
pub struct Event(Value);

impl Event {
    /// A request to `path`, which an HTTP API hands over percent-decoded.
    pub fn new(method: &str, path: &str) -> Self {
        Self(json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": { "host": DOMAIN, "x-forwarded-proto": "https", "x-forwarded-port": "443" },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api-id",
                "domainName": DOMAIN,
                "domainPrefix": "todos",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "test",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "$default",
                "stage": "$default",
                "time": "10/Mar/2026:05:16:23 +0000",
                "timeEpoch": 1_773_119_783_436_u64,
            },
            "isBase64Encoded": false,
        }))
    }

    /// A GET request.
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// With this query, as it was sent.
    #[must_use]
    pub fn query(mut self, query: &str) -> Self {
        self.0["rawQueryString"] = json!(query);
        self
    }

    /// With this header; its name in lower case, as an HTTP API has them.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = json!(value);
        self
    }

    /// With these cookies, which an HTTP API takes out of the headers.
    #[must_use]
    pub fn cookies(mut self, cookies: &[String]) -> Self {
        self.0["cookies"] = json!(cookies);
        self
    }

    /// With a JSON body as text.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.0["body"] = json!(body.to_string());
        self.header("content-type", "application/json")
    }

    /// With a body in base64, which an HTTP API uses for types that are not text.
    #[must_use]
    pub fn base64(mut self, content_type: &str, body: &[u8]) -> Self {
        self.0["body"] = json!(STANDARD.encode(body));
        self.0["isBase64Encoded"] = json!(true);
        self.header("content-type", content_type)
    }

    /// With a member of its own choice, for events that no HTTP API would send.
    #[must_use]
    pub fn member(mut self, pointer: &str, value: Value) -> Self {
        if let Some(member) = self.0.pointer_mut(pointer) {
            *member = value;
        } else {
            self.0[pointer.trim_start_matches('/')] = value;
        }
        self
    }

    pub(crate) fn into_json(self) -> Value {
        self.0
    }
}
