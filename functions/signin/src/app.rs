use axum::{Router, routing};
use serve::ErrorPage;

use crate::{State, begin, elsewhere, page};

/// The function's router.
pub fn app(state: State) -> Router {
    // HEAD is named, because axum would run the GET handler for it.
    let signin = routing::get(begin::begin)
        .post(elsewhere::begun_elsewhere)
        .head(async || page::other_method())
        .fallback(async || page::other_method());
    let public_url = state.0.public_url.clone();
    let router = Router::new()
        .route("/signin", signin)
        .fallback(async || ErrorPage::not_found())
        .with_state(state);
    serve::with_defaults(router, public_url)
}
