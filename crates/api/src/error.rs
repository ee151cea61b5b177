use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use serve::{FieldError, Problem};

/// Why a request with sufficient permission was refused. As a response it is a problem document
/// (RFC 9457).
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// 404: the path doesn't exist, or the caller has no such resource.
    #[error("not found")]
    NotFound,
    /// 405
    #[error("the path does not support this method")]
    MethodNotAllowed,
    /// 400: a header, a query parameter or the body is malformed.
    #[error("{detail}")]
    Malformed {
        /// A stable identifier that a program can act on.
        code: &'static str,
        /// A sentence for people.
        detail: &'static str,
    },
    /// 415, with the accepted media types in `header`.
    #[error("the body's media type is not {accepted}")]
    MediaType {
        /// The accepted media types, as the value of `header`.
        accepted: &'static str,
        /// `Accept` or `Accept-Patch`.
        header: HeaderName,
    },
    /// 413
    #[error("the body is over 256 KiB")]
    TooLarge,
    /// 422: the body is JSON, and one or more of its fields are invalid.
    #[error("{} fields are invalid", .0.len())]
    InvalidFields(Vec<FieldError>),
    /// 422: the `Idempotency-Key` was used for another request.
    #[error("the Idempotency-Key was used for another request")]
    IdempotencyKeyReused,
    /// 412
    #[error("If-Match does not list the current version")]
    PreconditionFailed,
}

impl IntoResponse for RequestError {
    fn into_response(self) -> Response {
        let problem = |status, code, detail: &'static str| {
            Problem::new(status).code(code).detail(detail).into_response()
        };
        match self {
            Self::NotFound => problem(StatusCode::NOT_FOUND, "not_found", "Not found."),
            Self::MethodNotAllowed => problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "The Allow header lists the supported methods.",
            ),
            Self::Malformed { code, detail } => problem(StatusCode::BAD_REQUEST, code, detail),
            Self::MediaType { accepted, header } => {
                let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                    .code("unsupported_media_type")
                    .detail(format!("Send the body as {accepted}."));
                let mut response = problem.into_response();
                response.headers_mut().insert(header, HeaderValue::from_static(accepted));
                response
            }
            Self::TooLarge => problem(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The body must be at most 256 KiB.",
            ),
            Self::InvalidFields(errors) => {
                let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY)
                    .code("invalid_fields")
                    .detail("Some fields of the body are invalid. `errors` lists them.");
                errors.into_iter().fold(problem, Problem::field_error).into_response()
            }
            Self::IdempotencyKeyReused => problem(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request. Use a new one.",
            ),
            Self::PreconditionFailed => problem(
                StatusCode::PRECONDITION_FAILED,
                "precondition_failed",
                "If-Match does not list the current version. Read it again.",
            ),
        }
    }
}
