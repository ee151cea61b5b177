//! Pushed authorization requests (RFC 9126).

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use crate::{
    authorize::{REQUEST_URI_PREFIX, RequestError, validate},
    oauth_error::OAuthError,
    pending::PUSHED_LIFETIME,
    provider::{Provider, Shared},
    token,
};

/// `POST …/par`: an authorization request, from the client itself.
pub(crate) async fn post(State(idp): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    match push(&idp, &headers, &body) {
        Ok(request_uri) => {
            let body = json!({ "request_uri": request_uri, "expires_in": PUSHED_LIFETIME });
            (StatusCode::CREATED, Json(body)).into_response()
        }
        Err(error) => token::refuse(&idp, &error),
    }
}

fn push(idp: &Provider, headers: &HeaderMap, body: &[u8]) -> Result<String, OAuthError> {
    let params = token::form(headers, body)?;
    let app = token::authenticate(idp, headers, &params)?;
    // With HTTP Basic the client doesn't have to name itself in the form.
    let params = params.with("client_id", app.client_id);
    match validate(idp, &params) {
        Ok(request) => Ok(format!("{REQUEST_URI_PREFIX}{}", idp.pending.push(request))),
        Err(RequestError::ToClient(_, error) | RequestError::ToUser(error)) => Err(error),
    }
}
