//! `grant_type=authorization_code` (RFC 6749, section 4.1.3; RFC 7636, section 4.6).

use serde_json::Value;

use crate::{
    apps::App,
    behavior::StepUp,
    oauth_error::OAuthError,
    params::Params,
    pending::{Code, CodeError},
    provider::Provider,
    secret,
    state::{RefreshToken, SaveError},
    token::response::tokens,
    tokens::{Auth, Grant},
};

pub(super) fn exchange(idp: &Provider, app: &App, params: &Params) -> Result<Value, OAuthError> {
    let text = params.required("code")?;
    let redirect_uri = params.required("redirect_uri")?;
    let verifier = params.required("code_verifier")?;
    let code = idp.pending.code(text).ok_or_else(|| refused(CodeError::Expired))?;
    // A request that doesn't match leaves the code unused.
    check(&code, app, redirect_uri, verifier)?;
    if let Err(error) = idp.pending.redeem(text) {
        if matches!(error, CodeError::Reused) {
            // Two parties have this code: the tokens that the first one got are not safe.
            idp.store.write(|data| data.refresh_tokens.revoke(&code.grant))?;
        }
        return Err(refused(error));
    }
    let (request, account) = (&code.request, &code.account);
    let is_asked = request.max_age.is_some() || request.step_up.is_asked;
    let acr = match idp.behavior.step_up {
        StepUp::AcrValues { password, second_factor, always } if always || is_asked => {
            Some(if account.second_factor_at.is_some() { second_factor } else { password })
        }
        _ => None,
    };
    let acrs = request.step_up.contexts.iter().map(String::as_str).collect();
    let grant = Grant {
        client_id: app.client_id,
        sid: &account.sid,
        scopes: &request.scopes,
        nonce: request.nonce.as_deref(),
        auth: Some(Auth { time: account.auth_time, is_asked, acr, acrs }),
    };
    let refresh_token = refresh_token(idp, app, &code)?;
    idp.log(&account.oid, format!("Code redeemed by {}", app.name));
    tokens(idp, &account.oid, &grant, refresh_token)
}

/// The first refresh token of a sign-in, if it gets one.
fn refresh_token(idp: &Provider, app: &App, code: &Code) -> Result<Option<String>, SaveError> {
    if !code.request.refresh_token {
        return Ok(None);
    }
    let row = RefreshToken {
        grant: code.grant.clone(),
        client_id: app.client_id.to_owned(),
        oid: code.account.oid.clone(),
        scopes: code.request.scopes.clone(),
        sid: code.account.sid.clone(),
        ..RefreshToken::default()
    };
    let now = idp.now();
    let token = idp.store.write(|data| {
        data.prune(now);
        data.refresh_tokens.issue(row, now)
    })?;
    Ok(Some(token))
}

/// Checks that the code was issued to this client, for this redirect URI and verifier.
fn check(code: &Code, app: &App, redirect_uri: &str, verifier: &str) -> Result<(), OAuthError> {
    let (number, message) = if code.request.client_id != app.client_id {
        (70000, "The provided authorization code was issued to another client.")
    } else if code.request.target.redirect_uri != redirect_uri {
        (
            500_112,
            "The reply address does not match the reply address provided when requesting the authorization code.",
        )
    } else if !secret::equal(&secret::digest(verifier), &code.request.challenge) {
        (
            501_481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        )
    } else {
        return Ok(());
    };
    Err(OAuthError::invalid_grant(number, message))
}

fn refused(error: CodeError) -> OAuthError {
    match error {
        CodeError::Expired => OAuthError::invalid_grant(
            70008,
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request.",
        ),
        CodeError::Reused => OAuthError::invalid_grant(
            54005,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
        ),
    }
}
