use base64::{Engine as _, engine::general_purpose::STANDARD};
use local_aws::http_api::HttpApiRequest;
use serde_json::{Value, json};

use crate::DOMAIN;

/// An event of an HTTP API, payload format 2.0.
#[derive(Clone, Debug)]
pub struct Event(Value);

impl Event {
    /// A request to `path`, which an HTTP API hands over percent-decoded.
    pub fn new(method: &str, path: &str) -> Self {
        let request = HttpApiRequest {
            route_key: "$default",
            method,
            path,
            query: "",
            protocol: "HTTP/1.1",
            headers: vec![("host", DOMAIN.to_owned()), ("user-agent", "test".to_owned())],
            body: None,
            path_parameters: Vec::new(),
            source_ip: "192.0.2.1",
            domain_name: DOMAIN,
            scheme: "https",
            port: 443,
            request_id: "JKJaXmPLvHcESHA=",
        };
        Self(request.into_event())
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
