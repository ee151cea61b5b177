//! Token revocation (RFC 7009).

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};

use crate::{
    oauth_error::OAuthError,
    provider::{Provider, Shared},
    token,
};

/// `POST …/revoke`: ends all refresh tokens of the token's sign-in. An unknown token is no error.
pub(crate) async fn post(State(idp): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    match revoke(&idp, &headers, &body) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => token::refuse(&idp, &error),
    }
}

fn revoke(idp: &Provider, headers: &HeaderMap, body: &[u8]) -> Result<(), OAuthError> {
    let params = token::form(headers, body)?;
    let app = token::authenticate(idp, headers, &params)?;
    let token = params.required("token")?;
    let now = idp.now();
    let revoked = idp.store.write(|data| {
        let row = data.refresh_tokens.find(token, app.client_id, now).ok()?.clone();
        data.refresh_tokens.revoke(&row.grant);
        Some(row.oid)
    })?;
    if let Some(oid) = revoked {
        idp.log(&oid, "Refresh token revoked");
    }
    Ok(())
}
