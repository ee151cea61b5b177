use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};

use crate::{
    State, browser,
    fault::Fault,
    routes::{change, create, delete, list, openapi, read, replace, resource_metadata},
};

/// The function's router. A test holds it to the OpenAPI document and to the gateway's routes.
pub fn app(state: State) -> Router {
    let one = get(read::read).put(replace::replace).patch(change::change).delete(delete::delete);
    let todos = Router::new()
        .route("/api/todos", get(list::list).post(create::create))
        .route("/api/todos/{id}", one)
        .route_layer(from_fn_with_state(state.clone(), browser::lend_session))
        .route_layer(from_fn(resource_metadata::announce));
    let public_url = state.public_url().clone();
    let router = todos
        .route("/api/openapi.json", get(openapi::openapi))
        .route("/.well-known/oauth-protected-resource", get(resource_metadata::resource_metadata))
        .fallback(async || Fault::NotFound)
        .method_not_allowed_fallback(async || Fault::MethodNotAllowed)
        .with_state(state);
    serve::surround(router, public_url)
}
