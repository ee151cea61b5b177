//! The router: which handler serves which path.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::Redirect,
    routing::{get, post},
};

use crate::{
    authorize,
    behavior::Paths,
    discovery,
    pages::{
        self, accounts, consent, control, error, interaction, second_factor, sign_in, sign_out,
        sign_up, user,
    },
    par,
    paths::{self, Folder},
    provider::Shared,
    revocation, token, userinfo,
};

/// The largest body that is read, in bytes; every form here is smaller.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub(crate) fn router(idp: Shared) -> Router {
    let page = |page: &str| paths::page(page, "{interaction}");
    let routes = Router::new()
        .merge(protocol(&idp.behavior.paths))
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
        .route(paths::USER, get(user::get).post(user::set_faults))
        .route(paths::USER_SIGN_OUT, post(user::sign_out))
        .route(paths::ROTATE_KEYS, post(control::rotate_keys))
        .route(paths::TOKEN, post(control::token))
        .route_layer(middleware::from_fn_with_state(idp, control::only_own_site))
}

/// The endpoints, in each of the provider's folders.
fn protocol(paths: &Paths) -> Router<Shared> {
    Folder::all(paths).fold(Router::new(), |router, folder| {
        let authorize = get(authorize::get).post(authorize::post);
        let userinfo = get(userinfo::answer).post(userinfo::answer);
        let router = router
            .route(&folder.metadata(paths), get(discovery::metadata))
            .route(&folder.path(paths.keys), get(discovery::keys))
            .route(&folder.path(paths.authorize), authorize)
            .route(&folder.path(paths.token), post(token::post))
            .route(&folder.path(paths.userinfo), userinfo);
        let logout = get(sign_out::get).post(sign_out::post);
        let optional = [
            (paths.par, post(par::post)),
            (paths.revocation, post(revocation::post)),
            (paths.logout, logout),
        ];
        let supported = optional.into_iter().filter_map(|(path, route)| Some((path?, route)));
        supported.fold(router, |router, (path, route)| router.route(&folder.path(path), route))
    })
}
