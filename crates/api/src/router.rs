use crate::{
    ApiState, RequestError, resource_metadata::announce_metadata, session_bearer::authorize_session,
};
use axum::{
    Router,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};

/// Lets the page call these routes through its session, and has each 401 and 403 name the metadata
/// of the resource (RFC 9728, section 5.1).
///
/// Which permission a route requires stays an argument of its handler: `auth::axum::Authorized`.
pub fn protect<S: Clone + Send + Sync + 'static>(routes: Router<S>, state: &ApiState) -> Router<S> {
    routes
        .route_layer(from_fn_with_state(state.clone(), authorize_session))
        .route_layer(from_fn_with_state(state.clone(), announce_metadata))
}

/// Answers other paths with a 404 problem, `OPTIONS` with 204 and other methods with a 405 problem,
/// both with `Allow`.
pub fn with_problem_fallbacks<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.fallback(async || RequestError::NotFound).method_not_allowed_fallback(other_method)
}

/// A browser's preflight has no credentials and needs a 2xx status (Fetch, "CORS-preflight fetch").
/// The gateway adds the CORS headers.
async fn other_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    RequestError::MethodNotAllowed.into_response()
}
