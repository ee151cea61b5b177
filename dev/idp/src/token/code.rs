//! `grant_type=authorization_code` (RFC 6749, section 4.1.3; RFC 7636, section 4.6).

use serde_json::Value;

use crate::{
    acr,
    apps::App,
    fault::Fault,
    live::{Code, CodeFault},
    params::Params,
    provider::Idp,
    secret,
    state::SaveError,
    token::{TokenFault, tokens, user_of},
    tokens::{Grant, Strength},
};

pub(super) fn exchange(idp: &Idp, app: &App, params: &Params) -> Result<Value, TokenFault> {
    let code = params.once("code").ok_or_else(|| Fault::missing("code"))?;
    let redirect_uri = params.once("redirect_uri").ok_or_else(|| Fault::missing("redirect_uri"))?;
    let verifier = params.once("code_verifier").ok_or_else(|| Fault::missing("code_verifier"))?;
    let fits = |code: &Code| fits(code, app, redirect_uri, verifier);
    let code = match idp.live().redeem(code, idp.now(), fits) {
        Ok(code) => code,
        Err(Unredeemed::Fault(fault)) => return Err(fault.into()),
        Err(Unredeemed::Code(CodeFault::Reused { grant })) => {
            // Two parties hold this code: what the first got is not safe with it.
            idp.store().write(|data| data.refresh_tokens.revoke(&grant))?;
            return Err(Fault::new("invalid_grant", 54005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.").into());
        }
        Err(Unredeemed::Code(CodeFault::Unknown | CodeFault::Expired)) => {
            return Err(Fault::new("invalid_grant", 70008,
                "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request.").into());
        }
    };
    let user = user_of(idp, &code.account.oid)?;
    let refresh_token = refresh_token(idp, app, &code)?;
    let grant = Grant {
        client_id: app.client_id,
        sid: &code.account.sid,
        scopes: &code.request.scopes,
        nonce: code.request.nonce.as_deref(),
        strength: strength(&code),
    };
    idp.note(&user.oid, format!("Code redeemed by {}", app.name));
    Ok(tokens(idp, &user, &grant, refresh_token))
}

/// What a client learns that asked how the user signed in. Entra's `auth_time` is an optional
/// claim, and its `acr` belongs to version 1; nobody else is given them here either.
fn strength(code: &Code) -> Option<Strength> {
    let request = &code.request;
    let asked = request.max_age.is_some() || !request.acr_values.is_empty();
    let account = &code.account;
    asked.then(|| Strength { auth_time: account.auth_time, acr: acr::reached(account) })
}

/// The first refresh token of a sign-in that asked for `offline_access`.
fn refresh_token(idp: &Idp, app: &App, code: &Code) -> Result<Option<String>, SaveError> {
    if !code.request.scopes.offline_access {
        return Ok(None);
    }
    let (scopes, account) = (code.request.scopes.clone(), &code.account);
    let token = idp.store().write(|data| {
        let now = idp.now();
        data.prune(now);
        data.refresh_tokens.issue(
            &code.grant,
            app.client_id,
            &account.oid,
            scopes,
            &account.sid,
            now,
        )
    })?;
    Ok(Some(token))
}

/// Why a code gave nothing: it does not fit who asks, or it is no longer good.
enum Unredeemed {
    Fault(Fault),
    Code(CodeFault),
}

impl From<CodeFault> for Unredeemed {
    fn from(fault: CodeFault) -> Self {
        Self::Code(fault)
    }
}

fn fits(code: &Code, app: &App, redirect_uri: &str, verifier: &str) -> Result<(), Unredeemed> {
    let fault =
        |code, message: &str| Err(Unredeemed::Fault(Fault::new("invalid_grant", code, message)));
    if code.request.client_id != app.client_id {
        return fault(70000, "The provided authorization code was issued to another client.");
    }
    if code.request.redirect_uri != redirect_uri {
        return fault(
            500_112,
            "The reply address does not match the reply address provided when requesting the authorization code.",
        );
    }
    if !secret::equal(&secret::digest(verifier), &code.request.challenge) {
        return fault(
            501_481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        );
    }
    Ok(())
}
