//! `grant_type=refresh_token` (RFC 6749, section 6; OpenID Connect Core, section 12).

use serde_json::Value;

use crate::{
    apps::App,
    conduct::Oddity,
    fault::Fault,
    params::Params,
    provider::Idp,
    scopes::Scopes,
    state::RefreshFault,
    token::{TokenFault, tokens, user_of},
    tokens::Grant,
};

pub(super) fn exchange(idp: &Idp, app: &App, params: &Params) -> Result<Value, TokenFault> {
    let token = params.once("refresh_token").ok_or_else(|| Fault::missing("refresh_token"))?;
    let asked = params.once("scope").map(Scopes::parse).transpose()?;
    // Judged before the token is used up, so that a bad scope costs no token.
    let known = idp.store().read(|data| {
        data.refresh_tokens
            .find(token, app.client_id, idp.now())
            .map(|row| (row.scopes.clone(), row.oid.clone()))
    });
    let (granted, oid) = known.map_err(fault)?;
    if idp.conducts().of(&oid).has(Oddity::RefreshRefused) {
        idp.note(&oid, "Refresh refused, as ordered");
        return Err(fault(RefreshFault::Unknown).into());
    }
    let scopes = narrowed(granted, asked)?;
    let rotated = idp.store().write(|data| {
        data.prune(idp.now());
        data.refresh_tokens.rotate(token, app.client_id, idp.refresh_reuse(&oid), idp.now())
    })?;
    if matches!(rotated, Err(RefreshFault::Reused)) {
        idp.note(&oid, "Refresh token used twice: its sign-in is revoked");
    }
    let (row, next) = rotated.map_err(fault)?;
    idp.note(&oid, "Refresh token exchanged");
    let user = user_of(idp, &row.oid)?;
    let grant = Grant {
        client_id: app.client_id,
        sid: &row.sid,
        scopes: &scopes,
        nonce: None,
        strength: None,
    };
    Ok(tokens(idp, &user, &grant, Some(next)))
}

/// What was asked, as long as it was granted; without `scope`, all that was granted.
fn narrowed(granted: Scopes, asked: Option<Scopes>) -> Result<Scopes, Fault> {
    let Some(asked) = asked else { return Ok(granted) };
    if !asked.api.is_subset(&granted.api) {
        return Err(Fault::new("invalid_grant", 65001,
            "The user or administrator has not consented to use the application with all the scopes asked for.")
            .subcode("consent_required"));
    }
    // Entra gives an ID token with every refresh of a sign-in that had one.
    Ok(Scopes { openid: granted.openid, ..asked })
}

fn fault(fault: RefreshFault) -> Fault {
    let message = match fault {
        RefreshFault::Unknown => "The refresh token is invalid, expired or revoked.",
        RefreshFault::Reused => "The refresh token was used before; its sign-in has been revoked.",
    };
    Fault::new("invalid_grant", 70000, message).subcode("bad_token")
}
