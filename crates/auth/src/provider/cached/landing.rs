//! How a fetch ends.

use std::time::Duration;

use tokio::sync::watch;

use crate::{
    FetchError, Unavailable,
    provider::{
        cached::{Cached, Cause, Outcome},
        snapshot::Loaded,
    },
};

/// The end of a fetch, which comes also when the fetch panics.
pub(super) struct Landing<T: Send + Sync + 'static> {
    pub(super) cached: Cached<T>,
    pub(super) cause: Cause,
    pub(super) begun: Duration,
    pub(super) sender: Option<watch::Sender<Option<Outcome<T>>>>,
}

impl<T: Send + Sync + 'static> Landing<T> {
    pub(super) fn land(&mut self, result: Result<Loaded<T>, FetchError>) {
        let Some(sender) = self.sender.take() else { return };
        let outcome = {
            let mut state = self.cached.look();
            let is_latest = state.flight.as_ref().is_some_and(|flight| flight.begun == self.begun);
            if is_latest {
                state.flight = None;
            }
            match result {
                Ok(loaded) => {
                    let snapshot = state.holding.replace(loaded, self.begun);
                    if self.cause == Cause::Miss {
                        state.holding.may_have_missed();
                    }
                    Ok(snapshot)
                }
                // Others begun later will say more.
                Err(cause) if !is_latest => {
                    Err(Unavailable::soon(self.cached.issuer.clone(), cause))
                }
                Err(cause) => Err(state.holding.failed(&self.cached.issuer, cause)),
            }
        };
        match &outcome {
            Ok(snapshot) => tracing::info!(
                code = "document_fetched",
                issuer = %self.cached.issuer,
                document = self.cached.name,
                age_seconds = snapshot.initial_age().as_secs(),
                "provider document fetched"
            ),
            Err(unavailable) => tracing::warn!(
                code = "document_not_fetched",
                issuer = %self.cached.issuer,
                document = self.cached.name,
                cause = %unavailable.cause,
                retry_seconds = unavailable.retry_after.as_secs(),
                "provider document not fetched"
            ),
        }
        sender.send_replace(Some(outcome));
    }
}

impl<T: Send + Sync + 'static> Drop for Landing<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.land(Err(FetchError::Abandoned));
        }
    }
}
