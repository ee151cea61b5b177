//! The control page of one user: what is to happen to them, and what has happened.

use askama::Template;
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

use crate::{
    conduct::{Conduct, LONGEST_DELAY, LONGEST_LIFE, LONGEST_OVER, Oddity},
    fault::Fault,
    logout,
    pages::{
        Policy, app_name,
        control::{date, from_here, is_person, moment},
        error::{self, ErrorPage},
        show,
    },
    params::Params,
    provider::Idp,
    routes,
    state::User,
};

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    user: User,
    address: String,
    sign_out: String,
    conduct: Conduct,
    oddities: &'static [Oddity],
    longest_delay: u64,
    longest_life: i64,
    longest_over: i64,
    usual_life: u64,
    sessions: Vec<SessionRow>,
    entries: Vec<EntryRow>,
}

struct SessionRow {
    since: String,
    sid: String,
    second_factor: bool,
    clients: Vec<&'static str>,
}

struct EntryRow {
    at: String,
    what: String,
}

/// The user that an address names, by object id or by user name.
pub(crate) struct Named(User);

impl FromRequestParts<Idp> for Named {
    type Rejection = ErrorPage;

    async fn from_request_parts(parts: &mut Parts, idp: &Idp) -> Result<Self, ErrorPage> {
        let name = Path::<String>::from_request_parts(parts, idp).await;
        let Path(name) = name.map_err(|_| error::nothing_here(idp))?;
        let user = idp.store().read(|data| {
            data.users.by_oid(&name).or_else(|| data.users.by_username(&name)).cloned()
        });
        user.map(Self).ok_or_else(|| error::nothing_here(idp))
    }
}

/// `GET /dev/users/{user}`: the page, or the same as JSON.
pub(crate) async fn get(
    State(idp): State<Idp>,
    Named(user): Named,
    headers: HeaderMap,
) -> Response {
    if !is_person(&headers) {
        return Json(json(&idp, &user)).into_response();
    }
    let sessions = idp.store().read(|data| data.sessions.of_user(&user.oid, idp.now()));
    let page = UserPage {
        address: routes::user_page(&user.oid),
        sign_out: routes::user_sign_out(&user.oid),
        conduct: idp.conducts().of(&user.oid),
        oddities: &Oddity::ALL,
        longest_delay: LONGEST_DELAY,
        longest_life: LONGEST_LIFE,
        longest_over: LONGEST_OVER,
        usual_life: idp.access_token_lifetime(),
        sessions: sessions
            .into_iter()
            .map(|it| SessionRow {
                since: date(it.auth_time),
                second_factor: it.second_factor_at.is_some(),
                clients: it.clients.iter().map(|client| app_name(&idp, client)).collect(),
                sid: it.sid,
            })
            .collect(),
        entries: idp
            .diary()
            .of(&user.oid)
            .into_iter()
            .map(|it| EntryRow { at: moment(it.at), what: it.what })
            .collect(),
        user,
    };
    show(StatusCode::OK, &page, &Policy::default())
}

/// `POST /dev/users/{user}`: from then on this user fares as the form says.
pub(crate) async fn order(
    State(idp): State<Idp>,
    Named(user): Named,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    if !from_here(&idp, &headers) {
        return Err(ErrorPage::foreign_form(&idp));
    }
    let conduct = Conduct::read(&Params::parse(&body))
        .map_err(|message| ErrorPage::of(&idp, &Fault::malformed(message)))?;
    idp.conducts().order(&user.oid, conduct);
    Ok(done(&idp, &user, &headers))
}

/// `POST /dev/users/{user}/sign-out`: ends all the user has, here and by logout tokens.
pub(crate) async fn sign_out(
    State(idp): State<Idp>,
    Named(user): Named,
    headers: HeaderMap,
) -> Result<Response, ErrorPage> {
    if !from_here(&idp, &headers) {
        return Err(ErrorPage::foreign_form(&idp));
    }
    idp.store().write(|data| {
        data.sessions.sign_out_everywhere(&user.oid);
        data.refresh_tokens.revoke_user(&user.oid);
    })?;
    idp.note(&user.oid, "Signed out everywhere");
    logout::tell_of_user(&idp, &user.oid).await;
    Ok(done(&idp, &user, &headers))
}

fn done(idp: &Idp, user: &User, headers: &HeaderMap) -> Response {
    if is_person(headers) {
        return Redirect::to(&routes::user_page(&user.oid)).into_response();
    }
    Json(json(idp, user)).into_response()
}

fn json(idp: &Idp, user: &User) -> Value {
    let entries = idp.diary().of(&user.oid).into_iter();
    json!({
        "username": user.username,
        "oid": user.oid,
        "conduct": idp.conducts().of(&user.oid).json(),
        "diary": entries.map(|it| json!({ "at": it.at, "what": it.what })).collect::<Value>(),
    })
}
