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
    tokens::pairwise,
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
    let token = idp.keys.claims_of_own_token(token)?;
    let text = |name: &str| -> Option<&str> { token.get(name)?.as_str() };
    // ID tokens and applications' tokens have no `scp`.
    text("scp")?;
    token.get("exp")?.as_u64().filter(|exp| idp.now() < *exp)?;
    let (client_id, oid) = (text("azp")?, text("oid")?);
    let user = idp.user(oid)?;
    idp.log(oid, "Userinfo read");
    Some(json!({
        // The client's subject, as in its ID token, not the API's.
        "sub": pairwise(client_id, oid),
        "name": user.name,
        "preferred_username": user.username,
        "email": user.username,
    }))
}

fn refuse(challenge: &'static str) -> Response {
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)]).into_response()
}
