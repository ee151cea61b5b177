//! The router: which handler serves which path.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::Redirect,
    routing::{get, post},
};

use crate::{
    authorize, discovery,
    pages::{
        self, accounts, consent, control, error, interaction, second_factor, sign_in, sign_out,
        sign_up, user,
    },
    par, paths,
    provider::Shared,
    token, userinfo,
};

/// The largest body that is read, in bytes; every form here is smaller.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub(crate) fn router(idp: Shared) -> Router {
    let page = |page: &str| paths::page(page, "{interaction}");
    let routes = Router::new()
        .merge(protocol(paths::TENANT_ID))
        .merge(protocol(paths::TENANT_NAME))
        .route(&page(paths::SIGN_IN), get(sign_in::get).post(sign_in::post))
        .route(&page(paths::SIGN_UP), get(sign_up::get).post(sign_up::post))
        .route(&page(paths::ACCOUNTS), get(accounts::get).post(accounts::post))
        .route(&page(paths::CONSENT), get(consent::get).post(consent::post))
        .route(&page(paths::SECOND_FACTOR), get(second_factor::get).post(second_factor::post))
        .route(&page(paths::LEAVE), post(interaction::leave))
        .route(&paths::sign_out_form(), post(sign_out::confirm))
        .route("/", get(async || Redirect::to(paths::CONTROL_PAGE)))
        .merge(control_pages(idp.clone()))
        .route(paths::STYLES, get(pages::styles))
        .route(paths::ICON, get(pages::icon))
        .fallback(error::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    loopback::guarded(routes, None)
        .layer(middleware::map_response(pages::with_headers))
        .with_state(idp)
}

/// The pages under `/dev`, for this site alone: they show users' data and change the provider.
fn control_pages(idp: Shared) -> Router<Shared> {
    Router::new()
        .route(paths::CONTROL_PAGE, get(control::get))
        .route(paths::USER, get(user::get).post(user::set_behavior))
        .route(paths::USER_SIGN_OUT, post(user::sign_out))
        .route(paths::ROTATE_KEYS, post(control::rotate_keys))
        .route_layer(middleware::from_fn_with_state(idp, control::only_own_site))
}

/// The endpoints of the tenant, under its id or its name.
fn protocol(tenant: &str) -> Router<Shared> {
    let endpoints = Router::new()
        .route(paths::METADATA, get(discovery::metadata))
        .route(paths::KEYS, get(discovery::keys))
        .route(paths::AUTHORIZE, get(authorize::get).post(authorize::post))
        .route(paths::TOKEN, post(token::post))
        .route(paths::PAR, post(par::post))
        .route(paths::USERINFO, get(userinfo::answer).post(userinfo::answer))
        .route(paths::LOGOUT, get(sign_out::get).post(sign_out::post));
    Router::new().nest(&format!("/{tenant}"), endpoints)
}
