use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::Value;

use crate::Template;

/// The CORS configuration of the HTTP API (API Gateway Developer Guide, "Configure CORS for HTTP
/// APIs").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cors {
    allow_origins: Vec<String>,
    allow_methods: String,
    allow_headers: String,
    expose_headers: String,
    max_age: Option<u64>,
}

const CORS_HEADERS: [HeaderName; 6] = [
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_ALLOW_HEADERS,
    header::ACCESS_CONTROL_ALLOW_METHODS,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    header::ACCESS_CONTROL_MAX_AGE,
];

impl Template {
    /// The CORS configuration with these values of parameters; `None` if there is none.
    pub fn cors(&self, values: &BTreeMap<String, String>) -> Option<Cors> {
        let api = self.resources().values().find(|it| it["Type"] == "AWS::Serverless::HttpApi")?;
        let cors = api.pointer("/Properties/DefinitionBody/x-amazon-apigateway-cors")?;
        let cors = self.chosen(cors, values)?;
        // Without origins, it is AWS::NoValue.
        cors.get("allowOrigins")?;
        let list = |name: &str| match cors.get(name) {
            Some(Value::Array(items)) => {
                items.iter().filter_map(|item| self.text(item, values)).collect()
            }
            Some(list) => {
                let text = self.text(list, values).unwrap_or_default();
                text.split(',').map(|item| item.trim().to_owned()).collect()
            }
            None => Vec::new(),
        };
        Some(Cors {
            allow_origins: list("allowOrigins"),
            allow_methods: list("allowMethods").join(","),
            allow_headers: list("allowHeaders").join(","),
            expose_headers: list("exposeHeaders").join(","),
            max_age: cors.get("maxAge").and_then(Value::as_u64),
        })
    }
}

impl Cors {
    /// Sets the CORS headers of a response: "API Gateway ignores CORS headers returned from your
    /// backend integration", and "your request must contain an origin header", with `OPTIONS` also
    /// `Access-Control-Request-Method`.
    pub fn apply(&self, method: &Method, request: &HeaderMap, response: &mut HeaderMap) {
        for name in &CORS_HEADERS {
            response.remove(name);
        }
        let Some(origin) = request.get(header::ORIGIN) else { return };
        if !self.allow_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
            return;
        }
        let is_options = method == Method::OPTIONS;
        if is_options && !request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
            return;
        }
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        let mut set = |name: HeaderName, value: &str| {
            if let Some(value) = HeaderValue::from_str(value).ok().filter(|it| !it.is_empty()) {
                response.insert(name, value);
            }
        };
        if !is_options {
            set(header::ACCESS_CONTROL_EXPOSE_HEADERS, &self.expose_headers);
            return;
        }
        set(header::ACCESS_CONTROL_ALLOW_METHODS, &self.allow_methods);
        set(header::ACCESS_CONTROL_ALLOW_HEADERS, &self.allow_headers);
        if let Some(max_age) = self.max_age {
            set(header::ACCESS_CONTROL_MAX_AGE, &max_age.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example.com";

    fn cors(origins: &str) -> Option<Cors> {
        let values = BTreeMap::from([("CorsOrigins".to_owned(), origins.to_owned())]);
        Template::project().cors(&values)
    }

    fn applied(method: &Method, request: &[(&'static str, &'static str)]) -> HeaderMap {
        let request = request
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut response = HeaderMap::new();
        response.insert("access-control-allow-origin", HeaderValue::from_static("*"));
        response.insert("access-control-allow-credentials", HeaderValue::from_static("true"));
        response.insert("etag", HeaderValue::from_static("\"1\""));
        let cors = cors("https://other.example.com, https://app.example.com").unwrap();
        cors.apply(method, &request.collect(), &mut response);
        assert_eq!(response.remove("etag").unwrap(), "\"1\"");
        response
    }

    #[test]
    fn without_origins_there_is_no_cors() {
        assert_eq!(cors(""), None);
        assert_eq!(Template::project().cors(&BTreeMap::new()), None);
    }

    #[test]
    fn a_preflight_of_a_known_origin_gets_what_the_template_allows() {
        let request = [("origin", APP), ("access-control-request-method", "DELETE")];
        let response = applied(&Method::OPTIONS, &request);
        let mut names: Vec<_> = response.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let expected = ["allow-headers", "allow-methods", "allow-origin", "max-age"];
        assert_eq!(names, expected.map(|name| format!("access-control-{name}")));
        assert_eq!(response[header::ACCESS_CONTROL_ALLOW_ORIGIN], APP);
        assert_eq!(response[header::ACCESS_CONTROL_ALLOW_METHODS], "GET,POST,PUT,PATCH,DELETE");
        let headers = response[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        assert!(headers.split(',').any(|name| name == "authorization"), "{headers}");
        // The page's own proof, which no other origin may give.
        assert!(!headers.contains("x-csrf"), "{headers}");
    }

    #[test]
    fn a_request_of_a_known_origin_may_read_its_response() {
        let response = applied(&Method::GET, &[("origin", APP)]);
        assert_eq!(response[header::ACCESS_CONTROL_ALLOW_ORIGIN], APP);
        let exposed = response[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
        assert!(exposed.split(',').any(|name| name == "etag"), "{exposed}");
        assert!(!response.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }

    #[test]
    fn everything_else_gets_no_cors_header_at_all() {
        for (method, request) in [
            (Method::GET, &[][..]),
            (Method::GET, &[("origin", "https://evil.example")]),
            (Method::GET, &[("origin", "https://app.example.com.evil.example")]),
            (Method::GET, &[("origin", "null")]),
            (Method::OPTIONS, &[("origin", APP)]),
            (Method::OPTIONS, &[("access-control-request-method", "GET")]),
        ] {
            assert_eq!(applied(&method, request), HeaderMap::new(), "{method} {request:?}");
        }
    }
}
