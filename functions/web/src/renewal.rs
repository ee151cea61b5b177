//! Gets a session its next access token: one caller asks the provider, the others wait.

mod exchange;

use std::time::Duration;

use session::{Lease, Session, SessionContents, SessionSecret, Unavailable, Updated};
use tracing::Instrument;

use crate::{State, browser::is_usable, presented};
use exchange::{Failure, exchange};

/// A token that was got less than this ago is not replaced as long as it is good. Whoever asks
/// for it is one of many who noticed at the same time that the one before was over.
const JUST_NOW: Duration = Duration::from_secs(30);

/// What became of a session whose caller wants a good access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// It has one.
    Good,
    /// It is over.
    Ended,
    /// It has none, and it cannot be said now whether it can get one.
    NotNow,
}

/// Renews the session of that secret unless somebody else does.
pub(crate) async fn renew(state: &State, secret: &SessionSecret) -> Result<Renewal, Unavailable> {
    let Some(before) = presented::live(state, secret).await? else { return Ok(Renewal::Ended) };
    if !is_usable(state, &before) {
        return end(state, &before).await;
    }
    if is_fresh(state, &before) {
        return Ok(Renewal::Good);
    }
    let patience = state.patience();
    let looks = if is_good(state, &before) { patience.looks } else { patience.looks_in_need };
    for look in 0..=looks {
        if look > 0 {
            tokio::time::sleep(patience.interval).await;
            match state.sessions().read(secret).await? {
                None => return Ok(Renewal::Ended),
                Some(now) if now.version() != before.version() => return Ok(Renewal::Good),
                Some(_) => {}
            }
        }
        if let Some(lease) = state.sessions().lease(secret).await? {
            return to_its_end(state, secret, before, lease).await;
        }
    }
    Ok(otherwise(state, &before))
}

/// Renews a session whose access token will be over soon, while it still serves. Nobody waits for
/// anybody here: when somebody else is at it, all is well.
pub(crate) async fn renew_early(
    state: &State,
    secret: &SessionSecret,
    before: &Session,
) -> Result<Early, Unavailable> {
    let contents = before.contents();
    if contents.refresh_token.is_none() || !contents.access_is_due(state.clock().now()) {
        return Ok(Early::AsBefore);
    }
    let Some(lease) = state.sessions().lease(secret).await? else { return Ok(Early::AsBefore) };
    Ok(match to_its_end(state, secret, before.clone(), lease).await? {
        Renewal::Good => Early::ReadAgain,
        Renewal::Ended => Early::Ended,
        // A session without a good token is one all the same: who is signed in can be said.
        Renewal::NotNow => Early::AsBefore,
    })
}

/// What became of a session whose access token was perhaps replaced early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Early {
    /// Nothing.
    AsBefore,
    /// It may hold something new.
    ReadAgain,
    /// It is over.
    Ended,
}

/// Goes on even when whoever asked for it has gone: a refresh token that was used and whose
/// successor was not stored is lost, and the session with it.
async fn to_its_end(
    state: &State,
    secret: &SessionSecret,
    before: Session,
    lease: Lease,
) -> Result<Renewal, Unavailable> {
    let (state, secret) = (state.clone(), secret.clone());
    let task = async move { with_lease(&state, &secret, &before, &lease).await };
    match tokio::spawn(task.in_current_span()).await {
        Ok(renewal) => renewal,
        // Nobody cancels it, so it panicked.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Only the caller who holds the lease comes here, with the session as it is now.
async fn with_lease(
    state: &State,
    secret: &SessionSecret,
    before: &Session,
    lease: &Lease,
) -> Result<Renewal, Unavailable> {
    let session = lease.session();
    if session.version() != before.version() {
        // Somebody else was done with it just before the lease was free.
        state.sessions().release(lease).await?;
        return Ok(Renewal::Good);
    }
    match exchange(state, session.contents()).await {
        Ok(contents) => {
            tracing::info!(code = "refreshed", "a session got its next access token");
            store(state, secret, session, &contents).await
        }
        Err(Failure::NoRefreshToken) if is_good(state, session) => {
            state.sessions().release(lease).await?;
            Ok(Renewal::Good)
        }
        Err(Failure::NoRefreshToken | Failure::Over) => end(state, session).await,
        Err(Failure::NotNow) => {
            state.sessions().release(lease).await?;
            Ok(otherwise(state, session))
        }
    }
}

/// Stores what came, unless the session was ended or renewed by somebody else meanwhile.
async fn store(
    state: &State,
    secret: &SessionSecret,
    session: &Session,
    contents: &SessionContents,
) -> Result<Renewal, Unavailable> {
    let updated = state.sessions().update(secret, session, contents).await?;
    if updated == Updated::Done || state.sessions().read(secret).await?.is_some() {
        return Ok(Renewal::Good);
    }
    // It was ended: what it got just now must not outlive it.
    state.give_back(contents).await;
    Ok(Renewal::Ended)
}

/// Ends the session if it is still as it was when it was judged: reading it again, comparing the
/// version and ending it are one step in the table. If somebody else renewed it meanwhile (with
/// the same refresh token, which is why ours was refused), it lives on.
async fn end(state: &State, session: &Session) -> Result<Renewal, Unavailable> {
    let ended = state.sessions().end_unchanged(session).await?;
    Ok(if ended { Renewal::Ended } else { Renewal::Good })
}

/// When there is no new access token, the old one serves as long as it is good.
fn otherwise(state: &State, session: &Session) -> Renewal {
    if is_good(state, session) { Renewal::Good } else { Renewal::NotNow }
}

fn is_good(state: &State, session: &Session) -> bool {
    session.contents().access_is_good(state.clock().now())
}

fn is_fresh(state: &State, session: &Session) -> bool {
    let age = state.clock().now().duration_since(session.contents().obtained_at);
    is_good(state, session) && age.unwrap_or_default() < JUST_NOW
}
