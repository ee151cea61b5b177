//! Which address leads where.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};

use crate::{
    authorize, discovery, loopback,
    pages::{
        self, accounts, assets, consent, control, error, leave, second_factor, sign_in, sign_out,
        sign_up, user,
    },
    par,
    provider::Idp,
    tenant::{TENANT_ID, TENANT_NAME},
    token, userinfo,
};

pub(crate) const SIGN_IN: &str = "sign-in";
pub(crate) const SIGN_UP: &str = "sign-up";
pub(crate) const ACCOUNTS: &str = "accounts";
pub(crate) const CONSENT: &str = "consent";
pub(crate) const SECOND_FACTOR: &str = "second-factor";
pub(crate) const LEAVE: &str = "leave";
pub(crate) const SIGN_OUT: &str = "sign-out";
pub(crate) const CONTROL_PAGE: &str = "/dev";
pub(crate) const ROTATE_KEYS: &str = "/dev/rotate-keys";
const USER: &str = "/dev/users/{user}";
const USER_SIGN_OUT: &str = "/dev/users/{user}/sign-out";
/// Named in the templates.
const STYLES: &str = "/dev/idp.css";
const ICON: &str = "/dev/icon.svg";

/// Forms here are small; nothing else is read.
const MOST_BODY: usize = 64 * 1024;

/// The address of a page of a sign-in.
pub(crate) fn page(page: &str, interaction: &str) -> String {
    format!("/{TENANT_ID}/{page}/{interaction}")
}

/// The control page of one user.
pub(crate) fn user_page(oid: &str) -> String {
    USER.replace("{user}", oid)
}

/// Where the button goes that signs one user out everywhere.
pub(crate) fn user_sign_out(oid: &str) -> String {
    USER_SIGN_OUT.replace("{user}", oid)
}

/// Where the sign-out form goes.
pub(crate) fn sign_out_page() -> String {
    format!("/{TENANT_ID}/{SIGN_OUT}")
}

/// Turns a posted form into a navigation with the same parameters.
pub(crate) fn as_query(endpoint: &str, body: &[u8]) -> Response {
    let pairs = url::form_urlencoded::parse(body);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Redirect::to(&format!("{endpoint}?{query}")).into_response()
}

pub(crate) fn router(idp: Idp) -> Router {
    let of_interaction = |page: &str| format!("/{TENANT_ID}/{page}/{{interaction}}");
    Router::new()
        .merge(protocol(TENANT_ID))
        .merge(protocol(TENANT_NAME))
        .route(&of_interaction(SIGN_IN), get(sign_in::get).post(sign_in::post))
        .route(&of_interaction(SIGN_UP), get(sign_up::get).post(sign_up::post))
        .route(&of_interaction(ACCOUNTS), get(accounts::get).post(accounts::post))
        .route(&of_interaction(CONSENT), get(consent::get).post(consent::post))
        .route(&of_interaction(SECOND_FACTOR), get(second_factor::get).post(second_factor::post))
        .route(&of_interaction(LEAVE), post(leave::post))
        .route(&sign_out_page(), post(sign_out::confirm))
        .route("/", get(async || Redirect::to(CONTROL_PAGE)))
        .route(CONTROL_PAGE, get(control::get))
        .route(USER, get(user::get).post(user::order))
        .route(USER_SIGN_OUT, post(user::sign_out))
        .route(ROTATE_KEYS, post(control::rotate_keys))
        .route(STYLES, get(assets::styles))
        .route(ICON, get(assets::icon))
        .fallback(error::not_found)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(middleware::from_fn(loopback::only_loopback))
        .layer(middleware::map_response(pages::with_headers))
        .with_state(idp)
}

/// What Entra serves under a tenant, whether it is named by id or by name.
fn protocol(tenant: &str) -> Router<Idp> {
    let oauth = format!("/{tenant}/oauth2/v2.0");
    Router::new()
        .route(
            &format!("/{tenant}/v2.0/.well-known/openid-configuration"),
            get(discovery::metadata),
        )
        .route(&format!("/{tenant}/discovery/v2.0/keys"), get(discovery::keys))
        .route(&format!("{oauth}/authorize"), get(authorize::get).post(authorize::post))
        .route(&format!("{oauth}/token"), post(token::post))
        .route(&format!("{oauth}/par"), post(par::post))
        .route(&format!("/{tenant}/oidc/userinfo"), get(userinfo::answer).post(userinfo::answer))
        .route(&format!("{oauth}/logout"), get(sign_out::get).post(sign_out::post))
}
