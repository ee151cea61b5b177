//! From a code to a session.

use std::time::SystemTime;

use auth::{ExpectedNonce, IdClaims, IdTokenExpectations, Verified};
use http::HeaderMap;
use relying_party::{Endpoints, Redemption, Tokens};
use serde_json::{Map, Value};
use serve::{ClientInfo, PublicOrigin};
use session::{
    Attempt, Created, Device, ProviderSessionKey, SessionContents, SessionCookie, SessionSecret,
    SignIn, UserKey,
};

use crate::{failure::Failure, farewell, state::Parts, userinfo};

/// Redeems the code of an attempt that was just used up, verifies who signed in, ends the session
/// that the browser had, and makes a new one.
pub(crate) async fn session(
    parts: &Parts,
    endpoints: &Endpoints,
    origin: &PublicOrigin,
    attempt: &Attempt,
    code: &str,
    headers: &HeaderMap,
    caller: &ClientInfo,
) -> Result<SessionSecret, Failure> {
    // Taken before the request: what expires should do so too early rather than too late.
    let obtained_at = parts.clock.now();
    let redirect_uri = origin.url("/callback");
    let redemption =
        Redemption { code, code_verifier: attempt.verifier(), redirect_uri: &redirect_uri };
    let tokens = parts.token_endpoint.redeem(endpoints, redemption).await?;
    let cookie = SessionCookie::of(headers);
    let made = from_tokens(parts, endpoints, attempt, &tokens, obtained_at, &cookie, caller).await;
    if made.is_err() {
        farewell::to_tokens_without_a_session(parts, &tokens, &cookie).await;
    }
    made
}

async fn from_tokens(
    parts: &Parts,
    endpoints: &Endpoints,
    attempt: &Attempt,
    tokens: &Tokens,
    obtained_at: SystemTime,
    cookie: &SessionCookie,
    caller: &ClientInfo,
) -> Result<SessionSecret, Failure> {
    let (id_token, claims) = verified(parts, attempt, tokens).await?;
    let userinfo = userinfo::of(parts, endpoints, tokens, &claims).await?;
    let sign_in = sign_in(attempt, &claims, caller, obtained_at);
    let contents = contents(tokens, &id_token, claims, userinfo, obtained_at);
    // Before the new one is made: a session that could not be ended must not be left behind.
    let before = match cookie {
        SessionCookie::Present(before) => parts.sessions.end(before).await?,
        SessionCookie::Absent | SessionCookie::Malformed => None,
    };
    let (created, ()) = tokio::join!(
        parts.sessions.create(&contents, &sign_in),
        farewell::to_session(parts, before.as_ref(), &contents),
    );
    match created? {
        Created::Session(secret) => {
            tracing::info!(code = "signed_in", "a session was opened");
            Ok(secret)
        }
        Created::EndedMeanwhile => Err(Failure::EndedMeanwhile),
    }
}

fn sign_in(attempt: &Attempt, claims: &IdClaims, caller: &ClientInfo, now: SystemTime) -> SignIn {
    let issuer = claims.issuer().as_str();
    SignIn {
        user: UserKey::new(issuer, claims.subject()),
        provider_session: claims.text("sid").map(|sid| ProviderSessionKey::new(issuer, sid)),
        // The cookie says when, within what clocks may differ by. No sign-in began later than now:
        // one that said so would outlive a sign-out that comes next.
        began_at: attempt.started_at().min(now),
        device: Device::of(caller.user_agent.as_deref(), caller.address),
    }
}

async fn verified(
    parts: &Parts,
    attempt: &Attempt,
    tokens: &Tokens,
) -> Result<(session::Token, Verified<IdClaims>), Failure> {
    let missing = || Failure::ProviderMalformed("there is no ID token".to_owned());
    let id_token = tokens.id_token.as_ref().ok_or_else(missing)?.as_str();
    let expected = IdTokenExpectations {
        nonce: ExpectedNonce::SignIn(attempt.nonce()),
        max_age: attempt.max_age(),
        acr_values: attempt.acr_values(),
        access_token: Some(tokens.access_token.as_str()),
    };
    let claims = parts.id_tokens.verify(id_token, &expected).await?;
    Ok((id_token.into(), claims))
}

fn contents(
    tokens: &Tokens,
    id_token: &session::Token,
    claims: Verified<IdClaims>,
    userinfo: Map<String, Value>,
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
    }
}
