use axum::{Router, routing::get};

use crate::{State, routes};

/// The function's router. `template.yaml` has the same routes.
pub fn app(state: State) -> Router {
    let protected = Router::new().route("/api/orders-rust", get(routes::read).post(routes::write));
    let protected = api::protect(protected, state.api());
    let public_url = state.api().public_url().clone();
    serve::with_defaults(api::with_problem_fallbacks(protected).with_state(state), public_url)
}
