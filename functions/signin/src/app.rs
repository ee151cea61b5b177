use axum::{Router, routing};
use serve::ErrorPage;

use crate::{State, begin};

/// The function's router.
pub fn app(state: State) -> Router {
    // HEAD is named, because axum would run the GET handler for it: a sign-in begins by GET alone.
    let signin = routing::get(begin::begin)
        .head(async || ErrorPage::get_only())
        .fallback(async || ErrorPage::get_only());
    let public_url = state.0.public_url.clone();
    let router = Router::new()
        .route("/signin", signin)
        .fallback(async || ErrorPage::not_found())
        .with_state(state);
    serve::surround(router, public_url)
}
