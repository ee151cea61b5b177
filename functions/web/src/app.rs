use axum::{
    Router,
    routing::{delete, get, post},
};

use crate::{
    State,
    error::WebError,
    routes::{asset, not_found, page, refresh, session, sessions, signed_out, signout},
};

/// The function's router. The gateway also sends it what no function has a route for (`$default`).
pub fn app(state: State) -> Router {
    let public_url = state.client.public_url.clone();
    let router = Router::new()
        .route("/", get(page::page))
        .route("/assets/{hash}/{*file}", get(asset::asset))
        .route("/session", get(session::session))
        .route("/session/refresh", post(refresh::refresh))
        .route("/sessions", get(sessions::list))
        .route("/sessions/{id}", delete(sessions::end))
        .route("/signout", post(signout::signout))
        .route("/signedout", get(signed_out::signed_out))
        .route("/favicon.ico", get(asset::favicon))
        .route("/robots.txt", get(asset::robots))
        .fallback(not_found::not_found)
        .method_not_allowed_fallback(async || WebError::MethodNotAllowed)
        .with_state(state);
    serve::with_defaults(router, public_url)
}
