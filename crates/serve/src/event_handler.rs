use std::convert::Infallible;

use axum::{
    Router,
    body::to_bytes,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header::SET_COOKIE};
use lambda_http::{
    Adapter, BoxFuture, IntoResponse as IntoGatewayResponse, LambdaEvent,
    aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::LambdaRequest,
};
use lambda_runtime::{
    Context,
    tower::{Service, ServiceExt},
};
use serde::Serialize;
use serde_json::Value;

use crate::{Problem, event::HttpApiEvent, request_log, security_headers};

/// A function's router, which gets its requests as events of an HTTP API (payload format 2.0).
#[derive(Clone)]
pub struct EventHandler {
    requests: Router,
    malformed: Router,
}

impl EventHandler {
    /// Answers events with this router.
    pub fn new(router: Router) -> Self {
        let layered = |router: Router| router.layer(from_fn(answer));
        Self { requests: layered(router), malformed: layered(Router::new().fallback(bad_request)) }
    }

    /// Answers an event that the runtime has read.
    pub(crate) fn call(
        &self,
        event: LambdaEvent<HttpApiEvent>,
    ) -> impl Future<Output = Result<impl Serialize + use<>, Infallible>> + use<> {
        let (router, request) = match event.payload {
            HttpApiEvent::Request(request) => (&self.requests, *request),
            HttpApiEvent::Malformed => {
                let request = LambdaRequest::ApiGatewayV2(ApiGatewayV2httpRequest::default());
                (&self.malformed, request)
            }
        };
        let service =
            ServiceExt::<lambda_http::Request>::map_response(router.clone(), GatewayResponse);
        Adapter::from(service).call(LambdaEvent::new(request, event.context))
    }

    /// Answers an event as JSON with a response as JSON, as an invocation on Lambda does.
    ///
    /// # Errors
    /// If the event is not one of an HTTP API, or JSON cannot hold the response.
    pub async fn invoke(self, event: &str) -> Result<Value, serde_json::Error> {
        let event = LambdaEvent::new(serde_json::from_str(event)?, Context::default());
        let Ok(response) = self.call(event).await;
        serde_json::to_value(response)
    }
}

/// In the extensions of a response whose body is sent byte for byte, whatever its media type says.
/// The body of any other response with a text type, or without a type, is converted to UTF-8.
#[derive(Debug, Clone, Copy)]
pub struct BinaryBody;

struct GatewayResponse(Response);

impl IntoGatewayResponse for GatewayResponse {
    fn into_response(self) -> BoxFuture<'static, http::Response<lambda_http::Body>> {
        if self.0.extensions().get::<BinaryBody>().is_none() {
            return IntoGatewayResponse::into_response(self.0);
        }
        Box::pin(async {
            let (parts, body) = self.0.into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("the body is in memory").to_vec();
            http::Response::from_parts(parts, lambda_http::Body::Binary(body))
        })
    }
}

async fn answer(request: Request, next: Next) -> Response {
    let mut response = request_log::log(request, next).await;
    combine_repeated(response.headers_mut());
    response
}

/// Format 2.0 has one value for each header, and `lambda_http` writes the first. So repeated headers
/// are combined (RFC 9110, section 5.3); cookies have a field of their own.
fn combine_repeated(headers: &mut HeaderMap) {
    if headers.len() == headers.keys_len() {
        return;
    }
    let names: Vec<_> = headers.keys().filter(|name| **name != SET_COOKIE).cloned().collect();
    for name in names {
        let values: Vec<_> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        if let ([_, _, ..], Ok(value)) =
            (&*values, HeaderValue::from_bytes(&values.join(&b", "[..])))
        {
            headers.insert(name, value);
        }
    }
}

/// The response to an event that cannot be parsed to a request.
async fn bad_request() -> Response {
    let problem = Problem::new(StatusCode::BAD_REQUEST)
        .code("malformed_request")
        .detail("The request cannot be parsed.");
    let mut response = problem.into_response();
    security_headers::set(response.headers_mut(), None);
    response
}

#[cfg(test)]
mod tests {
    use axum::routing::post;
    use serde_json::json;

    use super::*;

    fn handler() -> EventHandler {
        EventHandler::new(Router::new().route("/a", post(async |body: String| body)))
    }

    #[tokio::test]
    async fn an_event_in_json_gets_a_response_in_json() {
        let event = json!({
            "version": "2.0", "rawPath": "/a", "headers": {}, "body": "aGk=",
            "isBase64Encoded": true, "requestContext": { "http": { "method": "POST" } },
        });
        let response = handler().invoke(&event.to_string()).await.unwrap();
        assert_eq!(response["statusCode"], 200);
        assert_eq!(response["body"], "hi");
    }

    #[tokio::test]
    async fn repeated_headers_are_combined_and_cookies_are_apart() {
        let headers = [
            ("www-authenticate", "Bearer"),
            ("www-authenticate", "DPoP algs=\"RS256\""),
            ("set-cookie", "a=b"),
            ("set-cookie", "c=d"),
        ];
        let router = Router::new().fallback(async move || axum::response::AppendHeaders(headers));
        let event = json!({ "rawPath": "/", "requestContext": { "http": { "method": "GET" } } });
        let response = EventHandler::new(router).invoke(&event.to_string()).await.unwrap();
        let challenges = &response["headers"]["www-authenticate"];
        assert_eq!(challenges, "Bearer, DPoP algs=\"RS256\"", "{response}");
        assert_eq!(response["cookies"], json!(["a=b", "c=d"]), "{response}");
    }

    #[tokio::test]
    async fn an_event_that_cannot_be_parsed_is_a_400_and_another_service_s_an_error() {
        let event = json!({ "requestContext": { "http": { "method": "GE T" } } });
        let response = handler().invoke(&event.to_string()).await.unwrap();
        assert_eq!(response["statusCode"], 400);
        assert!(handler().invoke("{}").await.is_err());
    }
}
