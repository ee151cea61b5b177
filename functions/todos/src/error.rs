use api::RequestError;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serve::Problem;

use crate::table::TableError;

/// Seconds in `Retry-After` when the table is unavailable: throttling and failovers pass quickly.
const RETRY_AFTER: u64 = 2;

/// Why a request with sufficient permission failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TodosError {
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A user sent `?owner=`.
    #[error("a user named an owner")]
    OwnerNamedByUser,
    /// The token is valid, but its `oid` or `sub` cannot be an owner.
    #[error("the token's subject cannot own todos")]
    NoOwner,
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for TodosError {
    fn into_response(self) -> Response {
        let problem = match self {
            Self::Request(error) => return error.into_response(),
            Self::OwnerNamedByUser => Problem::new(StatusCode::UNPROCESSABLE_ENTITY)
                .code("owner_not_allowed")
                .detail("Only an application that acts for itself can name an owner."),
            Self::NoOwner => Problem::new(StatusCode::FORBIDDEN)
                .code("no_owner")
                .detail("The subject of this token cannot own todos."),
            Self::Table(cause @ TableError::DynamoDb(_)) => {
                tracing::error!(code = "table_unavailable", %cause, "the todos are unavailable");
                Problem::unavailable(RETRY_AFTER)
            }
            Self::Table(cause @ TableError::Row { .. }) => serve::unexpected(&cause),
        };
        problem.into_response()
    }
}
