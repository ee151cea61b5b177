use axum::{
    Extension, Router,
    middleware::{from_fn, from_fn_with_state},
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    State, browser,
    document::Api,
    fault::Fault,
    routes::{change, create, delete, list, openapi, read, replace, resource_metadata},
};

/// The function's router. Every route is in the OpenAPI document, because both are made here.
pub fn app(state: State) -> Router {
    let todos = OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(read::read, replace::replace, change::change, delete::delete))
        .route_layer(from_fn_with_state(state.clone(), browser::lend_session))
        .route_layer(from_fn(resource_metadata::announce));
    let (router, document) = OpenApiRouter::with_openapi(Api::openapi())
        .merge(todos)
        .routes(routes!(openapi::openapi))
        .routes(routes!(resource_metadata::resource_metadata))
        .split_for_parts();
    let public_url = state.public_url().clone();
    let router = router
        .layer(Extension(openapi::Document::new(document)))
        .fallback(async || Fault::NotFound)
        .method_not_allowed_fallback(async || Fault::MethodNotAllowed)
        .with_state(state);
    serve::surround(router, public_url)
}
