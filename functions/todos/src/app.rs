use axum::{Router, routing::get};

use crate::{
    State,
    routes::{about, create, delete, list, read, update},
};

/// The function's router. A test compares it with the OpenAPI document and the gateway's routes.
pub fn app(state: State) -> Router {
    let one = get(read::read).put(update::replace).patch(update::change).delete(delete::delete);
    let todos = Router::new()
        .route("/api/todos", get(list::list).post(create::create))
        .route("/api/todos/{id}", one);
    let router = api::protect(todos, state.api())
        .route("/api/openapi.json", get(about::openapi))
        .route("/.well-known/oauth-protected-resource", get(about::resource_metadata))
        .route("/.well-known/oauth-protected-resource/api", get(about::api_metadata));
    let public_url = state.api().public_url().clone();
    serve::with_defaults(api::with_problem_fallbacks(router).with_state(state), public_url)
}
