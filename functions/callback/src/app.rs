use axum::{Router, routing};

use crate::{State, finish, page};

/// The function's router.
pub fn app(state: State) -> Router {
    // HEAD is named, because axum would run the GET handler for it, and that redeems the code.
    let callback = routing::get(finish::finish)
        .head(page::method_not_allowed)
        .fallback(page::method_not_allowed);
    let public_url = state.0.public_url.clone();
    let router =
        Router::new().route("/callback", callback).fallback(page::not_found).with_state(state);
    serve::surround(router, public_url)
}
