use axum::{Router, routing};
use serve::ErrorPage;

use crate::{State, authorize, error_page, third_party_login};

/// The function's router.
pub fn app(state: State) -> Router {
    // Without a HEAD handler, axum would run the GET handler.
    let signin = routing::get(authorize::authorize)
        .post(third_party_login::third_party_login)
        .head(async || error_page::other_method())
        .fallback(async || error_page::other_method());
    let public_url = state.0.public_url.clone();
    let router = Router::new()
        .route("/signin", signin)
        .fallback(async || ErrorPage::not_found())
        .with_state(state);
    serve::with_defaults(router, public_url)
}
