use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serve::Problem;
use session::Unavailable;

use crate::{browser::forgetting, step_up::SignInAgain};

/// Seconds in `Retry-After` when the table does not answer: throttling and fail-overs pass quickly.
pub(crate) const RETRY_AFTER: u64 = 2;

/// Why a request of the page got no result.
#[derive(Debug)]
pub(crate) enum Fault {
    NotFound,
    MethodNotAllowed,
    /// There is no session, or it is over.
    SignedOut,
    /// The request does not show that it comes from our own page.
    Foreign(Problem),
    /// The session is not as fresh or as strong as this request needs it.
    SignInAgain(SignInAgain),
    /// The sessions table does not answer.
    Table(Unavailable),
    /// The access token is over, and the provider cannot give the next one now.
    Provider,
}

impl From<Unavailable> for Fault {
    fn from(error: Unavailable) -> Self {
        Self::Table(error)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Foreign(problem)
    }
}

impl From<SignInAgain> for Fault {
    fn from(again: SignInAgain) -> Self {
        Self::SignInAgain(again)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let problem = match self {
            Self::NotFound => Problem::new(StatusCode::NOT_FOUND)
                .code("not_found")
                .detail("There is nothing here."),
            Self::MethodNotAllowed => Problem::new(StatusCode::METHOD_NOT_ALLOWED)
                .code("method_not_allowed")
                .detail("The header Allow names the methods that work here."),
            // The cookie goes: whatever is in it, it opens nothing.
            Self::SignedOut => return forgetting(session_ended()),
            Self::Foreign(problem) => problem,
            Self::SignInAgain(again) => again.into(),
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

/// 401: nobody is signed in by this request.
pub(crate) fn session_ended() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED)
        .code("session_ended")
        .detail("The session has ended. Sign in again.")
}

pub(crate) fn log_table(cause: &Unavailable) {
    tracing::error!(code = "table_unavailable", %cause, "the sessions cannot be reached");
}
