//! Creates a session from an authorization code.

use std::time::SystemTime;

use auth::{ExpectedNonce, IdClaims, IdTokenExpectations, Verified};
use http::HeaderMap;
use relying_party::{Endpoints, Redemption, Tokens};
use serde_json::{Map, Value};
use serve::{ClientInfo, PublicOrigin};
use session::{
    Created, Device, ProviderSessionKey, SessionContents, SessionCookie, SessionSecret, SignIn,
    SignInTransaction, UserKey,
};

use crate::{error::SignInError, revocation, state::Parts, userinfo};

/// Redeems the code, verifies the ID token, ends the browser's earlier session and creates a new
/// one. The transaction must already be consumed.
pub(crate) async fn create(
    parts: &Parts,
    endpoints: &Endpoints,
    origin: &PublicOrigin,
    transaction: &SignInTransaction,
    code: &str,
    headers: &HeaderMap,
    caller: &ClientInfo,
) -> Result<SessionSecret, SignInError> {
    // Taken before the request, so that tokens rather expire too early than too late.
    let obtained_at = parts.client.clock.now();
    let redirect_uri = origin.url("/callback");
    let redemption =
        Redemption { code, code_verifier: transaction.verifier(), redirect_uri: &redirect_uri };
    let tokens = parts.client.token_endpoint.redeem(endpoints, redemption).await?;
    let cookie = SessionCookie::of(headers);
    let made =
        from_tokens(parts, endpoints, transaction, &tokens, obtained_at, &cookie, caller).await;
    if made.is_err() {
        revocation::revoke_unused_tokens(parts, &tokens, &cookie).await;
    }
    made
}

async fn from_tokens(
    parts: &Parts,
    endpoints: &Endpoints,
    transaction: &SignInTransaction,
    tokens: &Tokens,
    obtained_at: SystemTime,
    cookie: &SessionCookie,
    caller: &ClientInfo,
) -> Result<SessionSecret, SignInError> {
    let (id_token, claims) = verified(parts, transaction, tokens).await?;
    let userinfo = userinfo::of(parts, endpoints, tokens, &claims).await?;
    let sign_in = sign_in(transaction, &claims, caller, obtained_at);
    let scopes = parts.client.scopes.as_str();
    let contents = contents(tokens, &id_token, claims, userinfo, scopes, obtained_at);
    // First, so that no session is left if the earlier one can't be ended.
    let before = match cookie {
        SessionCookie::Present(before) => parts.client.sessions.end(before).await?,
        SessionCookie::Absent | SessionCookie::Malformed => None,
    };
    let (created, ()) = tokio::join!(
        parts.client.sessions.create(&contents, &sign_in),
        revocation::revoke_replaced_session(parts, before.as_ref(), &contents),
    );
    match created? {
        Created::Session(secret) => {
            tracing::info!(code = "signed_in", "a session was opened");
            Ok(secret)
        }
        Created::EndedMeanwhile => Err(SignInError::EndedMeanwhile),
    }
}

fn sign_in(
    transaction: &SignInTransaction,
    claims: &IdClaims,
    caller: &ClientInfo,
    now: SystemTime,
) -> SignIn {
    let issuer = claims.issuer().as_str();
    SignIn {
        user: UserKey::new(issuer, claims.subject()),
        provider_session: claims.text("sid").map(|sid| ProviderSessionKey::new(issuer, sid)),
        // The cookie's time is off by clock skew. A start in the future would let the session
        // survive the next sign-out.
        began_at: transaction.started_at().min(now),
        device: Device::of(caller.user_agent.as_deref(), caller.address),
    }
}

async fn verified(
    parts: &Parts,
    transaction: &SignInTransaction,
    tokens: &Tokens,
) -> Result<(session::Token, Verified<IdClaims>), SignInError> {
    let missing = || SignInError::ProviderMalformed("there is no ID token".to_owned());
    let id_token = tokens.id_token.as_ref().ok_or_else(missing)?.as_str();
    let expected = IdTokenExpectations {
        nonce: ExpectedNonce::SignIn(transaction.nonce()),
        max_age: transaction.max_age(),
        acr_values: transaction.acr_values(),
        acr_claim: parts.step_up.claim(),
        access_token: Some(tokens.access_token.as_str()),
    };
    let claims = parts.client.id_tokens.verify(id_token, &expected).await?;
    Ok((id_token.into(), claims))
}

fn contents(
    tokens: &Tokens,
    id_token: &session::Token,
    claims: Verified<IdClaims>,
    userinfo: Map<String, Value>,
    scopes: &str,
    obtained_at: SystemTime,
) -> SessionContents {
    SessionContents {
        access_token: tokens.access_token.as_str().into(),
        access_expires_at: tokens.expires_in.map(|lifetime| obtained_at + lifetime),
        obtained_at,
        refresh_token: tokens.refresh_token.as_ref().map(|token| token.as_str().into()),
        id_token: id_token.clone(),
        claims: claims.into_inner().into_document(),
        userinfo,
        scopes: Some(scopes.to_owned()),
    }
}
