//! The token endpoint (RFC 6749, section 3.2).

mod client;
mod code;
mod credentials;
mod refresh;
mod response;

use std::time::Duration;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

pub(crate) use self::client::{authenticate, form};
use crate::{
    apps::App,
    fault_injection::Fault,
    oauth_error::OAuthError,
    params::Params,
    provider::{Provider, Shared},
};

/// `POST …/token`.
pub(crate) async fn post(State(idp): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    match exchange(&idp, &headers, &body).await {
        Ok(tokens) => Json(tokens).into_response(),
        Err(error) => refuse(&idp, &error),
    }
}

/// The answer to a client that gets an error.
pub(crate) fn refuse(idp: &Provider, error: &OAuthError) -> Response {
    error.response(idp.now(), idp.behavior.aadsts)
}

async fn exchange(idp: &Provider, headers: &HeaderMap, body: &[u8]) -> Result<Value, OAuthError> {
    let params = form(headers, body)?;
    let grant_type = params.required("grant_type")?;
    let app = authenticate(idp, headers, &params)?;
    inject_faults(idp, app, &params).await?;
    match grant_type {
        "authorization_code" => code::exchange(idp, app, &params),
        "refresh_token" => refresh::exchange(idp, app, &params),
        "client_credentials" => credentials::exchange(idp, app, &params),
        _ => Err(OAuthError::new(
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{grant_type}'."),
        )),
    }
}

/// Waits or fails, if that is set for the user. Nothing is used up before: a client that times
/// out or gets the 500 can try again with the same code or refresh token.
async fn inject_faults(idp: &Provider, app: &App, params: &Params) -> Result<(), OAuthError> {
    let Some(oid) = user(idp, app, params) else { return Ok(()) };
    let faults = idp.faults.of(&oid);
    if faults.delay_seconds > 0 {
        idp.log(&oid, format!("Token endpoint waits {} s, as ordered", faults.delay_seconds));
        tokio::time::sleep(Duration::from_secs(faults.delay_seconds)).await;
    }
    if faults.has(Fault::TokenEndpointFails) {
        idp.log(&oid, "Token endpoint answers 500, as ordered");
        return Err(OAuthError::server_error());
    }
    Ok(())
}

/// The user of the code or the refresh token.
fn user(idp: &Provider, app: &App, params: &Params) -> Option<String> {
    if let Some(code) = params.once("code") {
        return idp.pending.code(code).map(|code| code.account.oid);
    }
    let token = params.once("refresh_token")?;
    idp.store.read(|data| {
        let row = data.refresh_tokens.find(token, app.client_id, idp.now()).ok()?;
        Some(row.oid.clone())
    })
}
