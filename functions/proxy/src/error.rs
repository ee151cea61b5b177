use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serve::Problem;

/// Why a request got no response of an upstream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyError {
    #[error("the method is never sent on")]
    Method,
    #[error("there are no upstreams")]
    NotFound,
    #[error("the path is below no upstream")]
    NoUpstream,
    #[error("a session has no token for an upstream")]
    NoToken,
    #[error("the body of the request broke off")]
    Body,
    #[error("the request has been here before")]
    Loop,
    #[error("the upstream does not answer")]
    Unavailable,
    #[error("the upstream takes too long")]
    Timeout,
    #[error("the upstream's response is too large")]
    TooLarge,
    #[error("the upstream redirects to elsewhere")]
    Redirect,
}

impl IntoResponse for ProxyError {
    fn into_response(self) -> Response {
        let (status, code, detail) = match self {
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "The Allow header lists the supported methods.",
            ),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "not_found", "There is no resource at this address.")
            }
            Self::NoUpstream => (StatusCode::NOT_FOUND, "no_upstream", "No API is at this path."),
            Self::NoToken => (
                StatusCode::FORBIDDEN,
                "no_access_token",
                "The session has no access token that this API could check.",
            ),
            Self::Body => (
                StatusCode::BAD_REQUEST,
                "malformed_request",
                "The body of the request is incomplete.",
            ),
            Self::Loop => (
                // Not 508: anyone can send such a request, and no alarm may count it.
                StatusCode::BAD_REQUEST,
                "loop_detected",
                "The API sends requests back to where they come from.",
            ),
            Self::Unavailable => (
                StatusCode::BAD_GATEWAY,
                "upstream_unavailable",
                "The API cannot be reached, or its response cannot be read.",
            ),
            Self::Timeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "upstream_timeout",
                "The API did not answer in time. What you sent may have been done.",
            ),
            Self::TooLarge => (
                StatusCode::BAD_GATEWAY,
                "response_too_large",
                "The API's response is over 4.5 MB, the most that fits into a response of AWS \
                 Lambda. Ask for less, for example for a page or a range.",
            ),
            Self::Redirect => (
                StatusCode::BAD_GATEWAY,
                "upstream_redirect",
                "The API redirects to an address that is not below its own.",
            ),
        };
        let mut response = Problem::new(status).code(code).detail(detail).into_response();
        if matches!(self, Self::Method) {
            let allowed = HeaderValue::from_static("GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE");
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        response
    }
}
