use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::event::HOP_BY_HOP;

/// A function's response of payload format 2.0, as an HTTP API sends it to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpApiResponse {
    /// The status code.
    pub status: u16,
    /// The headers, their names in lower case. Format 2.0 has one value for each.
    pub headers: Vec<(String, String)>,
    /// The `cookies` array, each a whole `Set-Cookie`.
    pub cookies: Vec<String>,
    /// The body, decoded if it was in base64.
    pub body: Vec<u8>,
}

/// What a function returned is not a response of payload format 2.0. The client gets a 500.
#[derive(Debug, thiserror::Error)]
#[error("not a response of payload format 2.0: {0}")]
pub struct HttpApiResponseError(&'static str);

impl HttpApiResponse {
    /// Reads what a function returned.
    ///
    /// # Errors
    /// If the HTTP API would answer 500.
    pub fn parse(response: &Value) -> Result<Self, HttpApiResponseError> {
        let fault = HttpApiResponseError;
        let status = response["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
        let status = status.ok_or(fault("statusCode is missing"))?;
        let mut headers = Vec::new();
        for (name, value) in response["headers"].as_object().into_iter().flatten() {
            let name = name.to_lowercase();
            // The gateway has a connection, a length and a date of its own.
            if HOP_BY_HOP.contains(&&*name) || ["content-length", "date"].contains(&&*name) {
                continue;
            }
            let value = value.as_str().ok_or(fault("a header is not a string"))?;
            headers.push((name, value.to_owned()));
        }
        let cookies = response["cookies"].as_array().into_iter().flatten();
        let cookies = cookies.map(|cookie| cookie.as_str().map(str::to_owned));
        let cookies = cookies.collect::<Option<_>>().ok_or(fault("a cookie is not a string"))?;
        let body = response["body"].as_str().unwrap_or_default();
        let body = if response["isBase64Encoded"] == true {
            STANDARD.decode(body).map_err(|_| fault("the body is not base64"))?
        } else {
            body.as_bytes().to_vec()
        };
        Ok(Self { status, headers, cookies, body })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_response_is_read_as_the_http_api_reads_it() {
        let response = HttpApiResponse::parse(&json!({
            "statusCode": 201,
            "headers": { "ETag": "\"1\"", "Connection": "close", "Content-Length": "7" },
            // Format 1.0, which an HTTP API passes over.
            "multiValueHeaders": { "x-lost": ["1", "2"] },
            "cookies": ["a=b; Secure", "c=d"],
            "body": "/wA=",
            "isBase64Encoded": true,
        }));
        let response = response.unwrap();
        assert_eq!(response.status, 201);
        assert_eq!(response.headers, [("etag".to_owned(), "\"1\"".to_owned())]);
        assert_eq!(response.cookies, ["a=b; Secure", "c=d"]);
        assert_eq!(response.body, b"\xff\0");
    }

    #[test]
    fn what_is_no_response_is_an_error() {
        for response in [
            json!(null),
            json!({}),
            json!({ "statusCode": "200" }),
            json!({ "statusCode": 200, "headers": { "a": 1 } }),
            json!({ "statusCode": 200, "cookies": [1] }),
            json!({ "statusCode": 200, "body": "!", "isBase64Encoded": true }),
        ] {
            assert!(HttpApiResponse::parse(&response).is_err(), "{response}");
        }
    }
}
