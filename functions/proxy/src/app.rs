use axum::Router;

use crate::{State, forward::forward};

/// The function's router: every path and method is for an upstream, or refused.
pub fn app(state: State) -> Router {
    let public_url = state.gate().public_url().clone();
    serve::with_defaults(Router::new().fallback(forward).with_state(state), public_url)
}
