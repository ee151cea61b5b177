use axum::{Router, routing::get};

use crate::{State, routes};

/// The function's router. `template.yaml` has the same routes.
pub fn app(state: State) -> Router {
    let protected = Router::new().route("/api/{{name}}", get(routes::read){{post}});
    let protected = api::protect(protected, state.api().sessions().clone());
    let public_url = state.api().public_url().clone();
    serve::with_defaults(api::with_problem_fallbacks(protected).with_state(state), public_url)
}
