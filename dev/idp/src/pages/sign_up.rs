//! The sign-up page.

use askama::Template;
use axum::{
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use tokio::task::spawn_blocking;

use crate::{
    pages::{error::ErrorPage, show, under_way::UnderWay},
    provider::Idp,
    routes,
    state::{SignUpFault, User},
};

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage<'a> {
    app: &'a str,
    csrf: String,
    sign_in: String,
    leave: String,
    name: &'a str,
    username: &'a str,
    fault: SignUpFault,
}

/// `GET /{tenant}/sign-up/{id}`.
pub(crate) async fn get(under_way: UnderWay) -> Response {
    let hint = under_way.interaction.request.login_hint.clone().unwrap_or_default();
    page(&under_way, StatusCode::OK, "", &hint, SignUpFault::default())
}

/// `POST /{tenant}/sign-up/{id}` with `name`, `username` and `password`.
pub(crate) async fn post(
    State(idp): State<Idp>,
    under_way: UnderWay,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    let form = under_way.form(&body)?;
    let field = |name| form.once(name).unwrap_or_default().to_owned();
    let (name, username, password) = (field("name"), field("username"), field("password"));
    let again = |fault| page(&under_way, StatusCode::BAD_REQUEST, &name, &username, fault);
    if let Err(fault) = idp.store().read(|data| data.users.judge(&name, &username, &password)) {
        return Ok(again(fault));
    }
    let now = idp.now();
    let user = {
        let (name, username) = (name.clone(), username.clone());
        spawn_blocking(move || User::new(&name, &username, &password, now)).await
    };
    let Ok(user) = user else { return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()) };
    let oid = user.oid.clone();
    match idp.store().write(|data| data.users.add(user))? {
        Ok(()) => under_way.enter(&oid),
        Err(fault) => Ok(again(fault)),
    }
}

fn page(
    under_way: &UnderWay,
    status: StatusCode,
    name: &str,
    username: &str,
    fault: SignUpFault,
) -> Response {
    let page = SignUpPage {
        app: under_way.app_name(),
        csrf: under_way.browser.csrf(),
        sign_in: under_way.page(routes::SIGN_IN),
        leave: under_way.page(routes::LEAVE),
        name,
        username,
        fault,
    };
    show(status, &page, &under_way.policy())
}
