//! Refreshes the access token of a session: one request calls the provider, the others wait.

mod exchange;

use std::time::Duration;

use session::{Lease, Session, SessionContents, SessionSecret, StoreError, Updated};
use tracing::Instrument;

use crate::{
    State,
    current_session::{self, is_usable},
};
use exchange::{ExchangeError, exchange};

/// A valid token younger than this is not replaced: many requests may notice at the same time that
/// the previous one has expired.
const MIN_AGE: Duration = Duration::from_secs(30);

/// The state of a session after a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshOutcome {
    /// It has a valid access token.
    Valid,
    /// It has ended.
    Ended,
    /// It has no valid access token, and the provider can't be asked now.
    Unavailable,
}

/// Refreshes the session of that secret, or waits for another request that does.
pub(crate) async fn refresh(
    state: &State,
    secret: &SessionSecret,
) -> Result<RefreshOutcome, StoreError> {
    let Some(before) = current_session::find(state, secret).await? else {
        return Ok(RefreshOutcome::Ended);
    };
    if !is_usable(state, &before) {
        return end(state, &before).await;
    }
    if is_fresh(state, &before) {
        return Ok(RefreshOutcome::Valid);
    }
    let refresh_timeout = state.refresh_timeout;
    let polls = if is_valid(state, &before) {
        refresh_timeout.polls_while_valid
    } else {
        refresh_timeout.polls_when_expired
    };
    for poll in 0..=polls {
        if poll > 0 {
            tokio::time::sleep(refresh_timeout.poll_interval).await;
            match state.client.sessions.read(secret).await? {
                None => return Ok(RefreshOutcome::Ended),
                Some(now) if now.version() != before.version() => return Ok(RefreshOutcome::Valid),
                Some(_) => {}
            }
        }
        if let Some(lease) = state.client.sessions.lease(secret).await? {
            return run_to_completion(state, secret, before, lease).await;
        }
    }
    Ok(without_new_token(state, &before))
}

/// Refreshes a session whose access token expires soon. Doesn't wait if another request does it.
pub(crate) async fn refresh_early(
    state: &State,
    secret: &SessionSecret,
    before: &Session,
) -> Result<EarlyRefresh, StoreError> {
    let contents = before.contents();
    if contents.refresh_token.is_none() || !contents.access_token_is_due(state.client.clock.now()) {
        return Ok(EarlyRefresh::Unchanged);
    }
    let Some(lease) = state.client.sessions.lease(secret).await? else {
        return Ok(EarlyRefresh::Unchanged);
    };
    Ok(match run_to_completion(state, secret, before.clone(), lease).await? {
        RefreshOutcome::Valid => EarlyRefresh::Reread,
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
    before: Session,
    lease: Lease,
) -> Result<RefreshOutcome, StoreError> {
    let (state, secret) = (state.clone(), secret.clone());
    let task = async move { with_lease(&state, &secret, &before, &lease).await };
    match tokio::spawn(task.in_current_span()).await {
        Ok(renewal) => renewal,
        // The task is never canceled, so it panicked.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Refreshes with the lease, which has the current session.
async fn with_lease(
    state: &State,
    secret: &SessionSecret,
    before: &Session,
    lease: &Lease,
) -> Result<RefreshOutcome, StoreError> {
    let session = lease.session();
    if session.version() != before.version() {
        // Another request refreshed it just before the lease was free.
        state.client.sessions.release(lease).await?;
        return Ok(RefreshOutcome::Valid);
    }
    match exchange(state, session.contents()).await {
        Ok(contents) => {
            tracing::info!(code = "refreshed", "a session got its next access token");
            store(state, secret, session, &contents).await
        }
        Err(ExchangeError::NoRefreshToken) if is_valid(state, session) => {
            state.client.sessions.release(lease).await?;
            Ok(RefreshOutcome::Valid)
        }
        Err(ExchangeError::NoRefreshToken | ExchangeError::Rejected) => end(state, session).await,
        Err(ExchangeError::Unavailable) => {
            state.client.sessions.release(lease).await?;
            Ok(without_new_token(state, session))
        }
    }
}

/// Stores the new contents, unless another request ended or refreshed the session meanwhile.
async fn store(
    state: &State,
    secret: &SessionSecret,
    session: &Session,
    contents: &SessionContents,
) -> Result<RefreshOutcome, StoreError> {
    let updated = state.client.sessions.update(secret, session, contents).await?;
    if updated == Updated::Done || state.client.sessions.read(secret).await?.is_some() {
        return Ok(RefreshOutcome::Valid);
    }
    // It was ended, so its new token must not outlive it.
    state.client.revoke(contents).await;
    Ok(RefreshOutcome::Ended)
}

/// Ends the session if its version is unchanged, as one conditional write. If another request
/// refreshed it meanwhile (with the same refresh token, which is why ours was refused), it stays.
async fn end(state: &State, session: &Session) -> Result<RefreshOutcome, StoreError> {
    let ended = state.client.sessions.end_unchanged(session).await?;
    Ok(if ended { RefreshOutcome::Ended } else { RefreshOutcome::Valid })
}

/// Without a new access token, the old one is used while it is valid.
fn without_new_token(state: &State, session: &Session) -> RefreshOutcome {
    if is_valid(state, session) { RefreshOutcome::Valid } else { RefreshOutcome::Unavailable }
}

fn is_valid(state: &State, session: &Session) -> bool {
    session.contents().access_token_is_valid(state.client.clock.now())
}

fn is_fresh(state: &State, session: &Session) -> bool {
    let age = state.client.clock.now().duration_since(session.contents().obtained_at);
    is_valid(state, session) && age.unwrap_or_default() < MIN_AGE
}
