//! A document of the provider, fetched when it is needed and kept.
//!
//! Two rules decide everything here. A caller with a usable document never waits
//! for another caller's fetch. And whatever callers do, the provider
//! is asked at most once at a time and once a cooldown.

mod fetch_completion;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    Clock, DocumentStatus, FetchError, Issuer, UnavailableError,
    provider::{
        cache_entry::CacheEntry,
        snapshot::{Loaded, Snapshot},
    },
};

/// A cached document. Clones share it.
pub(crate) struct Cached<T> {
    /// Its name in logs.
    name: &'static str,
    issuer: Issuer,
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State<T>>>,
}

struct State<T> {
    entry: CacheEntry<T>,
    pending: Option<PendingFetch<T>>,
}

type Outcome<T> = Result<Snapshot<T>, UnavailableError>;
/// What comes of a fetch. Closed without an outcome when its runtime ended.
type PendingOutcome<T> = watch::Receiver<Option<Outcome<T>>>;

/// How long others join a fetch. One that takes longer was begun before the instance was
/// frozen, and brings what was true then.
const MAX_JOIN_AGE: Duration = Duration::from_secs(10);

/// A fetch under way.
struct PendingFetch<T> {
    started: Duration,
    outcome: PendingOutcome<T>,
}

/// Why a fetch was begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FetchReason {
    /// Nothing was cached, or it was no longer fresh.
    Age,
    /// Something was looked for and not found in what is cached.
    Miss,
}

impl<T: Send + Sync + 'static> Cached<T> {
    pub(crate) fn new(name: &'static str, issuer: Issuer, clock: Arc<dyn Clock>) -> Self {
        let state = State { entry: CacheEntry::default(), pending: None };
        Self { name, issuer, clock, state: Arc::new(Mutex::new(state)) }
    }

    /// The document: fresh; or refreshed now; or the last known good, if it
    /// cannot be refreshed or another caller refreshes it.
    pub(crate) async fn get<F>(&self, load: impl FnOnce() -> F) -> Outcome<T>
    where
        F: Future<Output = Result<Loaded<T>, FetchError>> + Send + 'static,
    {
        let (pending, last_known_good) = {
            let mut state = self.lock();
            if let Some(fresh) = state.entry.fresh() {
                return Ok(fresh);
            }
            let last_known_good = state.entry.usable();
            match (state.pending(), last_known_good) {
                (Some(_), Some(good)) => return Ok(good),
                (Some(pending), None) => (pending, None),
                (None, good) => match state.entry.in_cooldown(&self.issuer) {
                    Some(unavailable) => return good.ok_or(unavailable),
                    None => (self.start(&mut state, FetchReason::Age, load()), good),
                },
            }
        };
        match self.wait_for(pending).await {
            Ok(snapshot) => Ok(snapshot.renewed()),
            Err(unavailable) => last_known_good.ok_or(unavailable),
        }
    }

    /// A document newer than the one in which something was not found. `None`
    /// when there is none and the provider must not be asked yet: what was not
    /// found is then taken not to exist.
    pub(crate) async fn newer<F>(
        &self,
        seen: &Snapshot<T>,
        load: impl FnOnce() -> F,
    ) -> Result<Option<Snapshot<T>>, UnavailableError>
    where
        F: Future<Output = Result<Loaded<T>, FetchError>> + Send + 'static,
    {
        if seen.is_renewed() {
            self.record_miss();
            return Ok(None);
        }
        let pending = {
            let mut state = self.lock();
            if let Some(newer) = state.entry.usable().filter(|held| !held.is_same(seen)) {
                return Ok(Some(newer));
            }
            match state.pending() {
                Some(pending) => pending,
                None => match state.entry.in_cooldown(&self.issuer) {
                    Some(unavailable) => return Err(unavailable),
                    None if state.entry.in_miss_cooldown() => return Ok(None),
                    None => self.start(&mut state, FetchReason::Miss, load()),
                },
            }
        };
        self.wait_for(pending).await.map(Some)
    }

    /// Notes that something is not in the document that was just fetched.
    pub(crate) fn record_miss(&self) {
        self.lock().entry.record_miss();
    }

    /// Notes that what was looked for is in the document that was just fetched.
    pub(crate) fn clear_presumed_miss(&self) {
        self.lock().entry.clear_presumed_miss();
    }

    /// From this age on it is not fresh, whatever its sender said.
    pub(crate) fn expire(&self, age: Duration) {
        self.lock().entry.expire(age);
    }

    /// The state of the cache. Sends no request.
    pub(crate) fn status(&self) -> DocumentStatus {
        self.lock().entry.status()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, or a thread that was held up between the two would
        // come with an old time and seem to set the clock back.
        state.entry.advance(self.clock.now());
        state
    }

    /// Waits for a fetch.
    async fn wait_for(&self, mut pending: PendingOutcome<T>) -> Outcome<T> {
        let outcome = match pending.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        match outcome {
            // It may have taken a day, in an instance that was frozen.
            Some(Ok(snapshot)) if !self.lock().entry.is_usable(&snapshot) => None,
            outcome => outcome,
        }
        .unwrap_or_else(|| Err(UnavailableError::soon(self.issuer.clone(), FetchError::Abandoned)))
    }
}

impl<T> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name,
            issuer: self.issuer.clone(),
            clock: self.clock.clone(),
            state: self.state.clone(),
        }
    }
}

impl<T> State<T> {
    /// The fetch under way, if it still is.
    fn pending(&self) -> Option<PendingOutcome<T>> {
        let PendingFetch { started, outcome } = self.pending.as_ref()?;
        let joined = outcome.has_changed().is_ok() && self.entry.since(*started) <= MAX_JOIN_AGE;
        joined.then(|| outcome.clone())
    }
}
