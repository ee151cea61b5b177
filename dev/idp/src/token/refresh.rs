//! `grant_type=refresh_token` (RFC 6749, section 6; OpenID Connect Core, section 12).

use serde_json::Value;

use crate::{
    apps::App, fault_injection::Fault, oauth_error::OAuthError, params::Params, provider::Provider,
    scopes::Scopes, state::RefreshError, token::response::tokens, tokens::Grant,
};

pub(super) fn exchange(idp: &Provider, app: &App, params: &Params) -> Result<Value, OAuthError> {
    let token = params.required("refresh_token")?;
    let asked = params.once("scope");
    let asked = asked.map(|asked| Scopes::parse(asked, &idp.api, idp.behavior)).transpose()?;
    if asked.is_none() && idp.config.shared_registration && idp.behavior.own_api_needs_scope {
        return Err(OAuthError::invalid_request(
            90009,
            format!(
                "Application '{0}'({0}) is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.",
                app.client_id
            ),
        ));
    }
    // Checked before the token is used, so that an invalid scope doesn't cost a token.
    let known = idp.store.read(|data| {
        data.refresh_tokens
            .find(token, app.client_id, idp.now())
            .map(|row| (row.scopes.clone(), row.oid.clone()))
    });
    let (granted, oid) = known.map_err(refused)?;
    if idp.has_fault(&oid, Fault::RefreshRefused) {
        idp.log(&oid, "Refresh refused, as ordered");
        return Err(refused(RefreshError::Unknown));
    }
    let scopes = narrowed(granted, asked)?;
    let rotated = idp.store.write(|data| {
        data.prune(idp.now());
        if !idp.behavior.refresh_rotates {
            let row = data.refresh_tokens.find(token, app.client_id, idp.now())?;
            return Ok((row.clone(), None));
        }
        let reuse = idp.refresh_reuse(&oid);
        let (row, next) = data.refresh_tokens.rotate(token, app.client_id, reuse, idp.now())?;
        Ok((row, Some(next)))
    })?;
    if matches!(rotated, Err(RefreshError::Reused)) {
        idp.log(&oid, "Refresh token used twice: its sign-in is revoked");
    }
    let (row, next) = rotated.map_err(refused)?;
    idp.log(&oid, "Refresh token exchanged");
    let (sid, scopes) = (row.sid.as_str(), &scopes);
    let grant = Grant { client_id: app.client_id, sid, scopes, nonce: None, auth: None };
    tokens(idp, &oid, &grant, next)
}

/// The scopes asked for, which the user or, for the second API, the administrator must have
/// granted; without `scope`, all scopes that the user granted.
fn narrowed(granted: Scopes, asked: Option<Scopes>) -> Result<Scopes, OAuthError> {
    let Some(asked) = asked else { return Ok(granted) };
    if !asked.is_orders && (granted.is_orders || !asked.api.is_subset(&granted.api)) {
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
