//! The userinfo endpoint (OpenID Connect Core, section 5.3).

use axum::{
    Json,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::{
    provider::{Provider, Shared},
    state::User,
};

/// `GET` or `POST …/userinfo`, with a user's access token of any audience.
pub(crate) async fn answer(State(idp): State<Shared>, headers: HeaderMap) -> Response {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.split_once(' '));
    let Some((_, token)) = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return refuse("Bearer");
    };
    match claims(&idp, token) {
        Some(claims) => Json(claims).into_response(),
        None => refuse("Bearer error=\"invalid_token\""),
    }
}

fn claims(idp: &Provider, token: &str) -> Option<Value> {
    let (client_id, user) = match idp.pending.opaque_token(token) {
        Some(token) => (token.client_id.to_owned(), idp.user(&token.oid)?),
        None => of_jwt(idp, token)?,
    };
    idp.log(&user.oid, "Userinfo read");
    Some(json!({
        // The client's subject, as in its ID token, not the API's.
        "sub": idp.subject(&client_id, &user.oid),
        "name": user.name,
        "preferred_username": user.username,
        "email": user.username,
    }))
}

/// Client and user of an access token. ID tokens have no scopes, applications' no user.
fn of_jwt(idp: &Provider, token: &str) -> Option<(String, User)> {
    let token = idp.keys.claims_of_own_token(token)?;
    ["scp", "scope"].iter().find_map(|name| token.get(*name))?;
    token.get("exp")?.as_u64().filter(|exp| idp.now() < *exp)?;
    let client_id = ["azp", "cid", "client_id"].iter().find_map(|it| token.get(*it)?.as_str())?;
    Some((client_id.to_owned(), idp.user_in(&token)?))
}

fn refuse(challenge: &'static str) -> Response {
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)]).into_response()
}
