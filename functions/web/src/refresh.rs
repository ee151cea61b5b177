//! Refreshes the access tokens of a session: one request calls the provider, the others wait.
//!
//! A session has a token for the first API, that of `API_AUDIENCE`, and one for each API of
//! `OTHER_APIS` that was asked for. `Option<&OtherApi>` names the API: none is the first.

mod exchange;

use std::time::{Duration, SystemTime};

use session::{
    ApiToken, Lease, Refreshed, Session, SessionContents, SessionSecret, StoreError, Updated,
};
use settings::OtherApi;
use tracing::Instrument;

use crate::{
    State,
    current_session::{self, is_usable},
    error::log_table,
};
use exchange::{ExchangeError, Exchanged, exchange};

/// A valid token, or a refusal, younger than this is not replaced: many requests may notice at the
/// same time that the previous one has expired.
const MIN_AGE: Duration = Duration::from_secs(30);

/// How long after its start a request begins to renew one more token that is due.
///
/// # What breaks if this changes
/// With the timeouts of the token endpoint and of the table, it must be shorter than the function's
/// own timeout (15 s in `template.yaml`), which would end it before the next refresh token is
/// stored.
const MORE_UNTIL: Duration = Duration::from_secs(2);

/// The state of a session after a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshOutcome {
    /// It has a valid access token for the API.
    Valid,
    /// It has ended.
    Ended,
    /// The provider issues no token for that API of `OTHER_APIS`. The session goes on.
    NotGranted,
    /// It has no valid access token, and the provider can't be asked now.
    Unavailable,
}

/// Refreshes the token for that API, or waits for another request that does.
pub(crate) async fn refresh(
    state: &State,
    secret: &SessionSecret,
    api: Option<&OtherApi>,
) -> Result<RefreshOutcome, StoreError> {
    let started = state.client.clock.now();
    let Some(before) = current_session::find(state, secret).await? else {
        return Ok(RefreshOutcome::Ended);
    };
    if !is_usable(state, &before) {
        return end(state, secret, &before, api).await;
    }
    let token = token_of(&before, secret, api);
    if let Some(token) = token.as_ref().filter(|token| is_fresh(state, token)) {
        return Ok(outcome_of(token));
    }
    let refresh_timeout = state.refresh_timeout;
    let polls = if is_valid(state, token.as_ref()) {
        refresh_timeout.polls_while_valid
    } else {
        refresh_timeout.polls_when_expired
    };
    for poll in 0..=polls {
        if poll > 0 {
            tokio::time::sleep(refresh_timeout.poll_interval).await;
            let Some(now) = state.client.sessions.read(secret).await? else {
                return Ok(RefreshOutcome::Ended);
            };
            if let Some(renewed) = renewed(token.as_ref(), token_of(&now, secret, api)) {
                return Ok(outcome_of(&renewed));
            }
        }
        if let Some(lease) = state.client.sessions.lease(secret).await? {
            return run_to_completion(state, secret, token, lease, api, started).await;
        }
    }
    Ok(without_new_token(state, token.as_ref()))
}

/// Refreshes the tokens that expire soon. Doesn't wait if another request does it.
pub(crate) async fn refresh_early(
    state: &State,
    secret: &SessionSecret,
    before: &Session,
) -> Result<EarlyRefresh, StoreError> {
    let started = state.client.clock.now();
    if before.contents().refresh_token.is_none() {
        return Ok(EarlyRefresh::Unchanged);
    }
    let Some(api) = due(state, secret, before).next() else { return Ok(EarlyRefresh::Unchanged) };
    let Some(lease) = state.client.sessions.lease(secret).await? else {
        return Ok(EarlyRefresh::Unchanged);
    };
    let token = token_of(before, secret, api);
    Ok(match run_to_completion(state, secret, token, lease, api, started).await? {
        RefreshOutcome::Valid | RefreshOutcome::NotGranted => EarlyRefresh::Reread,
        RefreshOutcome::Ended => EarlyRefresh::Ended,
        // The session is still active, so it can be shown.
        RefreshOutcome::Unavailable => EarlyRefresh::Unchanged,
    })
}

/// The outcome of an early refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlyRefresh {
    /// The session is unchanged.
    Unchanged,
    /// The session must be read again.
    Reread,
    /// The session has ended.
    Ended,
}

/// Continues even if the client disconnects: if the response to a used refresh token is not stored,
/// the session is lost.
async fn run_to_completion(
    state: &State,
    secret: &SessionSecret,
    before: Option<ApiToken>,
    lease: Lease,
    api: Option<&OtherApi>,
    started: SystemTime,
) -> Result<RefreshOutcome, StoreError> {
    let (state, secret, api) = (state.clone(), secret.clone(), api.cloned());
    let task = async move {
        let now = token_of(lease.session(), &secret, api.as_ref());
        if let Some(renewed) = renewed(before.as_ref(), now) {
            // Another request refreshed it just before the lease was free.
            state.client.sessions.release(&lease).await?;
            return Ok(outcome_of(&renewed));
        }
        with_lease(&state, &secret, lease, api.as_ref(), started).await
    };
    match tokio::spawn(task.in_current_span()).await {
        Ok(renewal) => renewal,
        // The task is never canceled, so it panicked.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Refreshes with the lease, which has the current session: the token for that API, then all
/// others that are due, each with the refresh token that came with the one before.
async fn with_lease(
    state: &State,
    secret: &SessionSecret,
    lease: Lease,
    api: Option<&OtherApi>,
    started: SystemTime,
) -> Result<RefreshOutcome, StoreError> {
    let others: Vec<_> =
        due(state, secret, lease.session()).filter(|other| *other != api).collect();
    let mut others = others.into_iter().peekable();
    let until = |is_more: bool| is_more.then(|| started + MORE_UNTIL);
    let (outcome, mut lease) =
        renew(state, secret, lease, api, until(others.peek().is_some())).await?;
    while let (Some(held), Some(api)) = (lease.take(), others.next()) {
        // Storing may have taken long.
        if state.client.clock.now() >= started + MORE_UNTIL {
            state.client.sessions.release(&held).await?;
            break;
        }
        match renew(state, secret, held, api, until(others.peek().is_some())).await {
            Ok((RefreshOutcome::Ended, _)) => return Ok(RefreshOutcome::Ended),
            Ok((_, kept)) => lease = kept,
            // The token that was asked for is stored.
            Err(error) => log_table(&error),
        }
    }
    Ok(outcome)
}

/// Renews one token and stores it with the next refresh token. Returns the lease if it is before
/// `until`, and otherwise gives it back.
async fn renew(
    state: &State,
    secret: &SessionSecret,
    lease: Lease,
    api: Option<&OtherApi>,
    until: Option<SystemTime>,
) -> Result<(RefreshOutcome, Option<Lease>), StoreError> {
    let (sessions, session) = (&state.client.sessions, lease.session());
    let give_back = async |outcome| {
        sessions.release(&lease).await?;
        Ok((outcome, None))
    };
    let token = token_of(session, secret, api);
    let Exchanged { contents, api_token } = match exchange(state, session.contents(), api).await {
        Ok(exchanged) => exchanged,
        Err(ExchangeError::NotGranted) => {
            Exchanged { contents: session.contents().clone(), api_token: None }
        }
        Err(ExchangeError::NoRefreshToken) if api.is_some() => {
            return give_back(RefreshOutcome::NotGranted).await;
        }
        Err(ExchangeError::NoRefreshToken) if is_valid(state, token.as_ref()) => {
            return give_back(RefreshOutcome::Valid).await;
        }
        Err(ExchangeError::NoRefreshToken | ExchangeError::Rejected) => {
            return Ok((end(state, secret, session, api).await?, None));
        }
        Err(ExchangeError::Unavailable) => {
            return give_back(without_new_token(state, token.as_ref())).await;
        }
    };
    // A refusal is stored, too, or each waiting request would ask again.
    let now = state.client.clock.now();
    let api_token = api_token.unwrap_or_else(|| ApiToken::refusal(now));
    let outcome = if api.is_some() { outcome_of(&api_token) } else { RefreshOutcome::Valid };
    if outcome == RefreshOutcome::Valid {
        let api = api.map(|api| api.name.as_str());
        tracing::info!(code = "refreshed", api, "a session got its next access token");
    }
    let removed = session.apis().filter(|name| state.other_apis.get(name).is_none());
    let api_tokens = api.map(|api| (api.name.as_str(), Some(api_token))).into_iter();
    let api_tokens = api_tokens.chain(removed.map(|name| (name, None))).collect();
    let refreshed = Refreshed { contents: &contents, api_tokens };
    if until.is_some_and(|until| state.client.clock.now() < until) {
        let kept = sessions.update_and_continue(secret, &lease, &refreshed).await?;
        if kept.is_some() {
            return Ok((outcome, kept));
        }
    } else if sessions.update(secret, session, refreshed).await? == Updated::Done {
        return Ok((outcome, None));
    }
    // Another request ended or refreshed it meanwhile.
    let Some(session) = sessions.read(secret).await? else {
        // A session's new token must not outlive it.
        state.client.revoke(&contents).await;
        return Ok((RefreshOutcome::Ended, None));
    };
    give_back(without_new_token(state, token_of(&session, secret, api).as_ref())).await
}

/// The APIs whose tokens expire soon or have expired.
fn due<'a>(
    state: &'a State,
    secret: &SessionSecret,
    session: &Session,
) -> impl Iterator<Item = Option<&'a OtherApi>> {
    let now = state.client.clock.now();
    let all = std::iter::once(None).chain(state.other_apis.iter().map(Some));
    all.filter(move |api| token_of(session, secret, *api).is_some_and(|token| token.is_due(now)))
}

/// Ends the session if its version is unchanged, as one conditional write. If another request
/// refreshed it meanwhile (with the same refresh token, which is why ours was refused), it stays.
async fn end(
    state: &State,
    secret: &SessionSecret,
    session: &Session,
    api: Option<&OtherApi>,
) -> Result<RefreshOutcome, StoreError> {
    if state.client.sessions.end_unchanged(session).await? {
        return Ok(RefreshOutcome::Ended);
    }
    if api.is_none() {
        return Ok(RefreshOutcome::Valid);
    }
    // The other request may have been for another API.
    let now = state.client.sessions.read(secret).await?;
    Ok(now.map_or(RefreshOutcome::Ended, |now| {
        without_new_token(state, token_of(&now, secret, api).as_ref())
    }))
}

/// The session's access token for that API.
fn token_of(session: &Session, secret: &SessionSecret, api: Option<&OtherApi>) -> Option<ApiToken> {
    let Some(api) = api else {
        let SessionContents { access_token, access_expires_at, obtained_at, .. } =
            session.contents();
        return Some(ApiToken {
            access_token: access_token.clone(),
            expires_at: *access_expires_at,
            obtained_at: *obtained_at,
        });
    };
    session.api_token(secret, &api.name)
}

/// What another request stored meanwhile.
fn renewed(before: Option<&ApiToken>, now: Option<ApiToken>) -> Option<ApiToken> {
    now.filter(|now| Some(now) != before)
}

fn outcome_of(token: &ApiToken) -> RefreshOutcome {
    if token.is_refusal() { RefreshOutcome::NotGranted } else { RefreshOutcome::Valid }
}

/// Without a new access token, the old one is used while it is valid.
fn without_new_token(state: &State, token: Option<&ApiToken>) -> RefreshOutcome {
    if is_valid(state, token) { RefreshOutcome::Valid } else { RefreshOutcome::Unavailable }
}

fn is_valid(state: &State, token: Option<&ApiToken>) -> bool {
    token.is_some_and(|token| token.is_valid(state.client.clock.now()))
}

fn is_fresh(state: &State, token: &ApiToken) -> bool {
    let now = state.client.clock.now();
    let age = now.duration_since(token.obtained_at).unwrap_or_default();
    (token.is_valid(now) || token.is_refusal()) && age < MIN_AGE
}
