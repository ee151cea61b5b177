use axum::{Router, routing};
use serve::ErrorPage;

use crate::{State, backchannel, callback, frontchannel, pushed_authorization};

/// The function's router.
pub fn app(state: State) -> Router {
    // Without a HEAD handler, axum would run the GET handler, which redeems the code.
    let callback = routing::get(callback::callback)
        .head(async || ErrorPage::get_only())
        .fallback(async || ErrorPage::get_only());
    let backchannel = routing::post(backchannel::logout);
    // HEAD, which link scanners send, ends no session.
    let frontchannel = routing::get(frontchannel::logout)
        .head(async || ErrorPage::get_only())
        .fallback(async || ErrorPage::get_only());
    // HEAD pushes no request.
    let pushed = routing::get(pushed_authorization::push)
        .head(async || ErrorPage::get_only())
        .fallback(async || ErrorPage::get_only());
    let public_url = state.0.client.public_url.clone();
    let router = Router::new()
        .route("/callback", callback)
        .route("/backchannel-logout", backchannel)
        .route("/frontchannel-logout", frontchannel)
        .route("/signin/pushed", pushed)
        .fallback(async || ErrorPage::not_found())
        .with_state(state);
    serve::with_defaults(router, public_url)
}
