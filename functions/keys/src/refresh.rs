//! One run.

use std::time::UNIX_EPOCH;

use auth::Provider;
use key_snapshot::{Claim, Snapshot, TableError};
use uuid::Uuid;

use crate::{State, recording::Recording};

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The copies are new.
    Stored,
    /// They were just made, or somebody else is at it.
    NothingToDo,
}

/// Why a run made no copies. Those of before are still there.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The table cannot be used.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The provider does not answer, or nobody could use what it sends.
    #[error(transparent)]
    Provider(#[from] auth::UnavailableError),
    /// It sends something that is no text.
    #[error("the provider's documents are not UTF-8")]
    NotText,
}

/// Asks the provider and writes what it says, if it is time.
///
/// # Errors
/// When the table or the provider cannot be used.
pub async fn refresh(state: &State) -> Result<Refreshed, RefreshError> {
    run(state).await.inspect_err(|error| {
        tracing::error!(code = "task_failed", %error, "the copies of the keys stay as they are");
    })
}

async fn run(state: &State) -> Result<Refreshed, RefreshError> {
    let now = state.clock.now();
    let lease = match state.snapshots.claim(Uuid::now_v7().to_string(), now).await? {
        Claim::Granted(lease) => lease,
        Claim::Taken => return Ok(nothing_to_do("another run is at it")),
        Claim::Recent => return Ok(nothing_to_do("the copies are new")),
    };
    let snapshot = fetch(state).await?;
    if !state.snapshots.store(&lease, &snapshot).await? {
        return Ok(nothing_to_do("this run was too slow, and another one took over"));
    }
    let fetched_at = snapshot.fetched_at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    tracing::info!(code = "keys_stored", fetched_at, "the copies of the keys are new");
    Ok(Refreshed::Stored)
}

/// What the provider publishes, judged as those who read the copies will judge it: what they
/// could not use is not written over what they can.
async fn fetch(state: &State) -> Result<Snapshot, RefreshError> {
    let fetched_at = state.clock.now();
    let recording = Recording::new(state.fetch.clone());
    // A new one for each run: this is no place for a cache.
    let provider = Provider::new(state.provider.clone(), recording.clone(), state.clock.clone());
    provider.warm().await?;
    let metadata = provider.metadata().await?;
    let document = |url: &str| recording.document(url).ok_or(RefreshError::NotText);
    let metadata_url = state.provider.discovery_url().to_string();
    Ok(Snapshot {
        fetched_at,
        metadata_max_age: document(&metadata_url)?.max_age,
        metadata_url,
        keys: document(metadata.jwks_uri().as_str())?,
    })
}

fn nothing_to_do(why: &'static str) -> Refreshed {
    tracing::debug!(why, "nothing to do");
    Refreshed::NothingToDo
}
