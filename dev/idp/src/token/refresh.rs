//! `grant_type=refresh_token` (RFC 6749, section 6; OpenID Connect Core, section 12).

use serde_json::Value;

use crate::{
    apps::App, fault_injection::Behavior, oauth_error::OAuthError, params::Params,
    provider::Provider, scopes::Scopes, state::RefreshError, token::response::tokens,
    tokens::Grant,
};

pub(super) fn exchange(idp: &Provider, app: &App, params: &Params) -> Result<Value, OAuthError> {
    let token = params.required("refresh_token")?;
    let asked = params.once("scope").map(Scopes::parse).transpose()?;
    // Checked before the token is used, so that an invalid scope doesn't cost a token.
    let known = idp.store.read(|data| {
        data.refresh_tokens
            .find(token, app.client_id, idp.now())
            .map(|row| (row.scopes.clone(), row.oid.clone()))
    });
    let (granted, oid) = known.map_err(refused)?;
    if idp.behaves(&oid, Behavior::RefreshRefused) {
        idp.log(&oid, "Refresh refused, as ordered");
        return Err(refused(RefreshError::Unknown));
    }
    let scopes = narrowed(granted, asked)?;
    let rotated = idp.store.write(|data| {
        data.prune(idp.now());
        data.refresh_tokens.rotate(token, app.client_id, idp.refresh_reuse(&oid), idp.now())
    })?;
    if matches!(rotated, Err(RefreshError::Reused)) {
        idp.log(&oid, "Refresh token used twice: its sign-in is revoked");
    }
    let (row, next) = rotated.map_err(refused)?;
    idp.log(&oid, "Refresh token exchanged");
    let (sid, scopes) = (row.sid.as_str(), &scopes);
    let grant = Grant { client_id: app.client_id, sid, scopes, nonce: None, auth: None };
    tokens(idp, &oid, &grant, Some(next))
}

/// The scopes asked for, which must have been granted; without `scope`, all granted scopes.
fn narrowed(granted: Scopes, asked: Option<Scopes>) -> Result<Scopes, OAuthError> {
    let Some(asked) = asked else { return Ok(granted) };
    if !asked.api.is_subset(&granted.api) {
        return Err(OAuthError::invalid_grant(
            65001,
            "The user or administrator has not consented to use the application with all the scopes asked for.",
        )
        .subcode("consent_required"));
    }
    // Entra issues an ID token with every refresh of a sign-in that had one.
    Ok(Scopes { openid: granted.openid, ..asked })
}

fn refused(error: RefreshError) -> OAuthError {
    let message = match error {
        RefreshError::Unknown => "The refresh token is invalid, expired or revoked.",
        RefreshError::Reused => "The refresh token was used before; its sign-in has been revoked.",
    };
    OAuthError::invalid_grant(70000, message).subcode("bad_token")
}
