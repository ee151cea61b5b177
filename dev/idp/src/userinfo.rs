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
use serde_json::{Map, Value, json};

use crate::{provider::Idp, tokens::pairwise};

/// `GET` or `POST …/userinfo`, with a user's access token of any audience.
pub(crate) async fn answer(State(idp): State<Idp>, headers: HeaderMap) -> Response {
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

fn claims(idp: &Idp, token: &str) -> Option<Value> {
    let token = idp.keys().claims_of_own_token(token)?;
    let text = |name: &str| -> Option<&str> { token.get(name)?.as_str() };
    // An ID token has no `scp`, and neither has an application's token.
    text("scp")?;
    if !is_current(&token, idp.now()) {
        return None;
    }
    let (client_id, oid) = (text("azp")?, text("oid")?);
    let user = idp.store().read(|data| data.users.by_oid(oid).cloned())?;
    idp.note(oid, "Userinfo read");
    Some(json!({
        // The subject that the client knows from the ID token, not the API's.
        "sub": pairwise(client_id, oid),
        "name": user.name,
        "preferred_username": user.username,
        "email": user.username,
    }))
}

fn is_current(token: &Map<String, Value>, now: u64) -> bool {
    token.get("exp").and_then(Value::as_u64).is_some_and(|exp| now < exp)
}

fn refuse(challenge: &'static str) -> Response {
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)]).into_response()
}
