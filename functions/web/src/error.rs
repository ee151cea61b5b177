use auth::StepUpError;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serve::Problem;
use session::{SessionCookie, StoreError};

use crate::step_up;

/// Seconds in `Retry-After` when the table is unavailable: throttling and failovers are short.
pub(crate) const RETRY_AFTER: u64 = 2;

/// Why a request failed.
#[derive(Debug)]
pub(crate) enum WebError {
    NotFound,
    MethodNotAllowed,
    /// There is no session, or it has ended.
    SignedOut,
    /// The request has no evidence that our own page sent it.
    Foreign(Problem),
    /// The request needs a more recent or stronger sign-in.
    StepUp(StepUpError),
    /// The sessions table is unavailable.
    Table(StoreError),
    /// `OTHER_APIS` has no such API.
    UnknownApi,
    /// The provider issues no token for this API.
    ApiNotGranted,
    /// The access token has expired, and the provider is unavailable.
    Provider,
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

impl From<Problem> for WebError {
    fn from(problem: Problem) -> Self {
        Self::Foreign(problem)
    }
}

impl From<StepUpError> for WebError {
    fn from(again: StepUpError) -> Self {
        Self::StepUp(again)
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let problem = match self {
            Self::NotFound => Problem::new(StatusCode::NOT_FOUND)
                .code("not_found")
                .detail("There is no resource at this address."),
            Self::MethodNotAllowed => Problem::new(StatusCode::METHOD_NOT_ALLOWED)
                .code("method_not_allowed")
                .detail("The Allow header lists the supported methods."),
            // The cookie has no use any more.
            Self::SignedOut => return forget_session(session_ended()),
            Self::Foreign(problem) => problem,
            Self::StepUp(again) => step_up::problem(&again),
            Self::UnknownApi => Problem::new(StatusCode::BAD_REQUEST)
                .code("unknown_api")
                .detail("The parameter api must be one name of OTHER_APIS."),
            Self::ApiNotGranted => Problem::new(StatusCode::FORBIDDEN)
                .code("api_not_granted")
                .detail("The sign-in service issues no token for this API to this session."),
            Self::Table(cause) => {
                log_table(&cause);
                Problem::unavailable(RETRY_AFTER)
            }
            // Its cause was logged where it was found.
            Self::Provider => Problem::unavailable(RETRY_AFTER),
        };
        problem.into_response()
    }
}

/// 401.
pub(crate) fn session_ended() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED)
        .code("session_ended")
        .detail("The session has ended. Sign in again.")
}

pub(crate) fn log_table(cause: &StoreError) {
    tracing::error!(code = "table_unavailable", %cause, "the sessions cannot be reached");
}

/// The response, which also deletes the session cookie.
pub(crate) fn forget_session(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    response.headers_mut().append(header::SET_COOKIE, SessionCookie::clear());
    response
}
