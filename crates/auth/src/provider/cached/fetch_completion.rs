//! How a fetch starts and ends.

use std::time::Duration;

use tokio::sync::watch;

use crate::{
    FetchError, UnavailableError,
    provider::{
        cached::{Cached, FetchReason, Outcome, PendingFetch, PendingOutcome, State},
        snapshot::Loaded,
    },
};

impl<T: Send + Sync + 'static> Cached<T> {
    /// Starts a fetch as a task of its own: if the request that started it is
    /// cancelled, the other requests still get their answer.
    pub(super) fn start<F>(
        &self,
        state: &mut State<T>,
        reason: FetchReason,
        load: F,
    ) -> PendingOutcome<T>
    where
        F: Future<Output = Result<Loaded<T>, FetchError>> + Send + 'static,
    {
        let (sender, outcome) = watch::channel(None);
        let started = state.entry.start();
        state.pending = Some(PendingFetch { started, outcome: outcome.clone() });
        let mut completion =
            FetchCompletion { cached: self.clone(), reason, started, sender: Some(sender) };
        tokio::spawn(async move {
            let result = load.await;
            completion.complete(result);
        });
        outcome
    }
}

/// The end of a fetch, which comes also when the fetch panics.
struct FetchCompletion<T: Send + Sync + 'static> {
    cached: Cached<T>,
    reason: FetchReason,
    started: Duration,
    sender: Option<watch::Sender<Option<Outcome<T>>>>,
}

impl<T: Send + Sync + 'static> FetchCompletion<T> {
    fn complete(&mut self, result: Result<Loaded<T>, FetchError>) {
        let Some(sender) = self.sender.take() else { return };
        let outcome = {
            let mut state = self.cached.lock();
            let is_latest =
                state.pending.as_ref().is_some_and(|pending| pending.started == self.started);
            if is_latest {
                state.pending = None;
            }
            match result {
                Ok(loaded) => {
                    let snapshot = state.entry.replace(loaded, self.started);
                    if self.reason == FetchReason::Miss {
                        state.entry.presume_miss();
                    }
                    Ok(snapshot)
                }
                // Others begun later will say more.
                Err(cause) if !is_latest => {
                    Err(UnavailableError::soon(self.cached.issuer.clone(), cause))
                }
                Err(cause) => Err(state.entry.record_failure(&self.cached.issuer, cause)),
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

impl<T: Send + Sync + 'static> Drop for FetchCompletion<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.complete(Err(FetchError::Abandoned));
        }
    }
}
