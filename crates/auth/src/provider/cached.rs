//! A document of the provider, fetched when it is needed and kept.
//!
//! Two rules decide everything here. Nobody who has a usable document waits
//! for a fetch that somebody else began. And whatever callers do, the provider
//! is asked at most once at a time and once a cooldown.

mod landing;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    Clock, DocumentStatus, FetchError, Issuer, Unavailable,
    provider::{
        holding::Holding,
        snapshot::{Loaded, Snapshot},
    },
};

use landing::Landing;

/// A cached document. Clones share it.
pub(crate) struct Cached<T> {
    /// Its name in logs.
    name: &'static str,
    issuer: Issuer,
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State<T>>>,
}

struct State<T> {
    holding: Holding<T>,
    flight: Option<Flight<T>>,
}

type Outcome<T> = Result<Snapshot<T>, Unavailable>;
/// What comes of a fetch. Closed without an outcome when its runtime ended.
type Landed<T> = watch::Receiver<Option<Outcome<T>>>;

/// How long others join a fetch. One that takes longer was begun before the instance was
/// frozen, and brings what was true then.
const JOINED: Duration = Duration::from_secs(10);

/// A fetch under way.
struct Flight<T> {
    begun: Duration,
    landed: Landed<T>,
}

/// Why a fetch was begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Nothing was cached, or it was no longer fresh.
    Age,
    /// Something was looked for and not found in what is cached.
    Miss,
}

impl<T: Send + Sync + 'static> Cached<T> {
    pub(crate) fn new(name: &'static str, issuer: Issuer, clock: Arc<dyn Clock>) -> Self {
        let state = State { holding: Holding::default(), flight: None };
        Self { name, issuer, clock, state: Arc::new(Mutex::new(state)) }
    }

    /// The document: fresh; or refreshed now; or the last known good, if it
    /// cannot be refreshed or somebody else is at it.
    pub(crate) async fn get<F>(&self, load: impl FnOnce() -> F) -> Outcome<T>
    where
        F: Future<Output = Result<Loaded<T>, FetchError>> + Send + 'static,
    {
        let (flight, last_known_good) = {
            let mut state = self.look();
            if let Some(fresh) = state.holding.fresh() {
                return Ok(fresh);
            }
            let last_known_good = state.holding.usable();
            match (state.flight(), last_known_good) {
                (Some(_), Some(good)) => return Ok(good),
                (Some(flight), None) => (flight, None),
                (None, good) => match state.holding.cooling(&self.issuer) {
                    Some(unavailable) => return good.ok_or(unavailable),
                    None => (self.begin(&mut state, Cause::Age, load()), good),
                },
            }
        };
        match self.landed(flight).await {
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
    ) -> Result<Option<Snapshot<T>>, Unavailable>
    where
        F: Future<Output = Result<Loaded<T>, FetchError>> + Send + 'static,
    {
        if seen.is_renewed() {
            self.missed();
            return Ok(None);
        }
        let flight = {
            let mut state = self.look();
            if let Some(newer) = state.holding.usable().filter(|held| !held.is_same(seen)) {
                return Ok(Some(newer));
            }
            match state.flight() {
                Some(flight) => flight,
                None => match state.holding.cooling(&self.issuer) {
                    Some(unavailable) => return Err(unavailable),
                    None if state.holding.has_missed() => return Ok(None),
                    None => self.begin(&mut state, Cause::Miss, load()),
                },
            }
        };
        self.landed(flight).await.map(Some)
    }

    /// Notes that something is not in the document that was just fetched.
    pub(crate) fn missed(&self) {
        self.look().holding.missed();
    }

    /// Notes that what was looked for is in the document that was just fetched.
    pub(crate) fn found(&self) {
        self.look().holding.found();
    }

    /// From this age on it is not fresh, whatever its sender said.
    pub(crate) fn expire(&self, age: Duration) {
        self.look().holding.expire(age);
    }

    /// The state of the cache. Asks nobody.
    pub(crate) fn status(&self) -> DocumentStatus {
        self.look().holding.status()
    }

    fn look(&self) -> MutexGuard<'_, State<T>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, or a thread that was held up between the two would
        // come with an old time and seem to set the clock back.
        state.holding.look(self.clock.now());
        state
    }

    /// Waits for a fetch.
    async fn landed(&self, mut flight: Landed<T>) -> Outcome<T> {
        let outcome = match flight.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        match outcome {
            // It may have taken a day, in an instance that was frozen.
            Some(Ok(snapshot)) if !self.look().holding.is_usable(&snapshot) => None,
            outcome => outcome,
        }
        .unwrap_or_else(|| Err(Unavailable::soon(self.issuer.clone(), FetchError::Abandoned)))
    }

    /// Begins a fetch as a task of its own. It must not depend on the request
    /// that began it: if that is cancelled, the others still get their answer.
    fn begin<F>(&self, state: &mut State<T>, cause: Cause, load: F) -> Landed<T>
    where
        F: Future<Output = Result<Loaded<T>, FetchError>> + Send + 'static,
    {
        let (sender, landed) = watch::channel(None);
        let begun = state.holding.begin();
        state.flight = Some(Flight { begun, landed: landed.clone() });
        let mut landing = Landing { cached: self.clone(), cause, begun, sender: Some(sender) };
        tokio::spawn(async move {
            let result = load.await;
            landing.land(result);
        });
        landed
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
    fn flight(&self) -> Option<Landed<T>> {
        let Flight { begun, landed } = self.flight.as_ref()?;
        let joined = landed.has_changed().is_ok() && self.holding.since(*begun) <= JOINED;
        joined.then(|| landed.clone())
    }
}
