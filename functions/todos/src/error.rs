use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use outbound::DynamoDbError;
use serve::{FieldError, Problem};

use crate::table::TableError;

/// Seconds in `Retry-After` when the table does not answer: throttling and fail-overs pass quickly.
const RETRY_AFTER: u64 = 2;

/// Why a request that was let in got no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The caller has no such todo, or there is no such path.
    #[error("there is nothing here")]
    NotFound,
    #[error("the path does not take this method")]
    MethodNotAllowed,
    /// A header, a query parameter or the body cannot be understood.
    #[error("{detail}")]
    Malformed { code: &'static str, detail: &'static str },
    /// The body is of another media type than these.
    #[error("the body is of another media type than {accepted}")]
    MediaType { accepted: &'static str, header: HeaderName },
    #[error("the body is over 256 KiB")]
    TooLarge,
    /// The body is understood, and one or more of its members will not do.
    #[error("{} members will not do", .0.len())]
    Fields(Vec<FieldError>),
    /// A user asked for the todos of an owner by name.
    #[error("a user named an owner")]
    OwnerNamedByUser,
    /// The `Idempotency-Key` was used for another request.
    #[error("the Idempotency-Key was used with another body")]
    KeyReused,
    #[error("no listed version is the current one")]
    PreconditionFailed,
    /// The token is good, but its `oid` or `sub` can name no owner.
    #[error("the token's subject cannot own todos")]
    NoOwner,
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let problem = |status, code, detail: &'static str| {
            Problem::new(status).code(code).detail(detail).into_response()
        };
        match self {
            Self::NotFound => problem(StatusCode::NOT_FOUND, "not_found", "There is nothing here."),
            Self::MethodNotAllowed => problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "The header Allow names the methods that work here.",
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
            Self::TooLarge => {
                let detail = "A body can have at most 256 KiB.";
                problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
            }
            Self::Fields(errors) => fields(errors).into_response(),
            Self::OwnerNamedByUser => problem(
                StatusCode::UNPROCESSABLE_ENTITY,
                "owner_not_allowed",
                "Only an application that acts for itself can name an owner.",
            ),
            Self::KeyReused => problem(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "This Idempotency-Key was used with another body. Use a new one.",
            ),
            Self::PreconditionFailed => problem(
                StatusCode::PRECONDITION_FAILED,
                "precondition_failed",
                "The todo has another version than If-Match names. Read it again.",
            ),
            Self::NoOwner => problem(
                StatusCode::FORBIDDEN,
                "no_owner",
                "The subject of this token cannot own todos.",
            ),
            Self::Table(error) => table(&error).into_response(),
        }
    }
}

fn fields(errors: Vec<FieldError>) -> Problem {
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY)
        .code("invalid_fields")
        .detail("Some members of the body will not do; `errors` names each.");
    errors.into_iter().fold(problem, Problem::field_error)
}

fn table(error: &TableError) -> Problem {
    match error {
        TableError::DynamoDb(cause @ (DynamoDbError::Unavailable(_) | DynamoDbError::Conflict)) => {
            tracing::error!(code = "table_unavailable", %cause, "the todos cannot be reached");
            Problem::unavailable(RETRY_AFTER)
        }
        TableError::DynamoDb(_) | TableError::Row { .. } => serve::unexpected(error),
    }
}

/// The header by which a 415 says what would do.
pub(crate) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
/// For other methods than PATCH (RFC 9110, section 15.5.16).
pub(crate) const ACCEPT: HeaderName = header::ACCEPT;
