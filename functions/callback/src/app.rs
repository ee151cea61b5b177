use axum::{Router, routing};
use serve::ErrorPage;

use crate::{State, backchannel, finish, frontchannel, pushed};

/// The function's router.
pub fn app(state: State) -> Router {
    // HEAD is named, because axum would run the GET handler for it, and that redeems the code.
    let callback = routing::get(finish::finish)
        .head(async || ErrorPage::get_only())
        .fallback(async || ErrorPage::get_only());
    let backchannel = routing::post(backchannel::logout);
    // A HEAD, as scanners of links send it, ends nothing.
    let frontchannel = routing::get(frontchannel::logout)
        .head(async || ErrorPage::get_only())
        .fallback(async || ErrorPage::get_only());
    // A HEAD pushes nothing either.
    let pushed = routing::get(pushed::pushed)
        .head(async || ErrorPage::get_only())
        .fallback(async || ErrorPage::get_only());
    let public_url = state.0.public_url.clone();
    let router = Router::new()
        .route("/callback", callback)
        .route("/backchannel-logout", backchannel)
        .route("/frontchannel-logout", frontchannel)
        .route("/signin/pushed", pushed)
        .fallback(async || ErrorPage::not_found())
        .with_state(state);
    serve::with_defaults(router, public_url)
}
