//! What is cached of a document, and what its age and its failures allow.

use std::time::{Duration, SystemTime};

use crate::{
    DocumentStatus, FetchError, Issuer, UnavailableError,
    provider::{
        fetch::MIN_FRESH,
        snapshot::{Loaded, Snapshot},
        timeline::Timeline,
    },
};

/// How long a document is fresh when its sender does not say. A key that the
/// provider withdraws is accepted for this long; Microsoft asks for an hourly
/// refresh.
const DEFAULT_FRESH: Duration = Duration::from_hours(1);
/// The most that a sender can say.
const MAX_FRESH: Duration = Duration::from_hours(24);
/// How old the last known good may be while the provider does not answer.
/// Longer, and a withdrawn key lives on as long as an attacker can keep us from
/// the provider; shorter, and the provider's outage is ours.
const MAX_STALE: Duration = Duration::from_hours(24);
/// How long unknown key ids are refused unasked after one was asked for in
/// vain. Key ids can be made up, so without it an attacker could have us
/// flood the provider; a rotation is seen at the end of it at the latest.
const MISS_COOLDOWN: Duration = Duration::from_secs(30);
/// How long the provider is left alone after a failure; doubles each time.
const FAILURE_COOLDOWN: Duration = Duration::from_secs(5);
/// The most that it doubles to.
const MAX_FAILURE_COOLDOWN: Duration = Duration::from_mins(1);

/// The document, its age, and the failures since.
pub(crate) struct CacheEntry<T> {
    timeline: Timeline,
    current: Option<CachedDocument<T>>,
    backoff: Option<Backoff>,
    miss: Option<Miss>,
    fetches: u64,
    failures: u64,
}

struct CachedDocument<T> {
    document: Snapshot<T>,
    fresh_until: Duration,
}

struct Backoff {
    count: u32,
    until: Duration,
    cause: FetchError,
}

struct Miss {
    until: Duration,
    /// The new document was not searched yet.
    presumed: bool,
}

impl<T> CacheEntry<T> {
    /// Takes note of the time. All else here is as of the last such look.
    pub(crate) fn advance(&mut self, now: SystemTime) {
        if !self.timeline.advance(now) {
            return;
        }
        // The clock was set back, so it is unknown how long ago the last look
        // was: nothing is fresh any more, and every cooldown is over.
        let now = self.timeline.now();
        if let Some(current) = &mut self.current {
            current.fresh_until = now;
        }
        if let Some(backoff) = &mut self.backoff {
            backoff.until = now;
        }
        self.miss = None;
    }

    /// The document while it is fresh.
    pub(crate) fn fresh(&self) -> Option<Snapshot<T>> {
        let current =
            self.current.as_ref().filter(|current| self.timeline.now() < current.fresh_until)?;
        Some(current.document.clone())
    }

    /// The document while it may serve as last known good.
    pub(crate) fn usable(&self) -> Option<Snapshot<T>> {
        let current = self.current.as_ref().map(|current| &current.document);
        current.filter(|document| self.is_usable(document)).cloned()
    }

    /// How long ago something began.
    pub(crate) fn since(&self, started: Duration) -> Duration {
        self.timeline.now().saturating_sub(started)
    }

    /// Whether what a fetch brought is young enough to serve.
    pub(crate) fn is_usable(&self, snapshot: &Snapshot<T>) -> bool {
        self.age(snapshot) <= MAX_STALE
    }

    fn age(&self, document: &Snapshot<T>) -> Duration {
        self.since(document.started) + document.initial_age()
    }

    /// Lets what is cached be fresh up to this age at most.
    pub(crate) fn expire(&mut self, age: Duration) {
        if let Some(current) = &mut self.current {
            current.fresh_until = current.fresh_until.min(current.document.reaches(age));
        }
    }

    pub(crate) fn status(&self) -> DocumentStatus {
        DocumentStatus {
            age: self.current.as_ref().map(|current| self.age(&current.document)),
            is_fresh: self.fresh().is_some(),
            is_usable: self.usable().is_some(),
            fetches: self.fetches,
            failures: self.failures,
            last_error: self.backoff.as_ref().map(|backoff| backoff.cause.clone()),
        }
    }

    /// Notes that a fetch begins. It began at the time returned.
    pub(crate) fn start(&mut self) -> Duration {
        self.fetches += 1;
        self.timeline.now()
    }

    /// Puts a new document in the place of the old one. Its age counts from the
    /// beginning of the fetch: an instance may have been frozen since. One that is older than
    /// what is cached is passed over.
    pub(crate) fn replace(&mut self, loaded: Loaded<T>, started: Duration) -> Snapshot<T> {
        let max_age = loaded.max_age;
        let new = Snapshot::of(loaded, started);
        let least = started + MIN_FRESH;
        let age = self.age(&new);
        let passed_over =
            self.current.as_ref().is_some_and(|current| self.age(&current.document) < age);
        if let Some(current) = self.current.as_mut().filter(|_| passed_over) {
            if !new.is_copy() {
                return current.document.clone();
            }
            // The store has nothing newer: not to be asked again by every request.
            current.fresh_until =
                current.fresh_until.max(least).min(current.document.reaches(MAX_STALE));
            // The provider was not asked just now: what is missing in it may be new.
            return current.document.clone().into_copy();
        }
        let fresh_for = max_age.map_or(DEFAULT_FRESH, |age| age.clamp(MIN_FRESH, MAX_FRESH));
        let fresh_until = new.reaches(fresh_for).max(least).min(new.reaches(MAX_STALE));
        self.backoff = None;
        self.current.insert(CachedDocument { document: new, fresh_until }).document.clone()
    }

    /// Notes a failed fetch.
    pub(crate) fn record_failure(
        &mut self,
        issuer: &Issuer,
        cause: FetchError,
    ) -> UnavailableError {
        let count = self.backoff.as_ref().map_or(0, |backoff| backoff.count);
        let cooldown =
            FAILURE_COOLDOWN.saturating_mul(1 << count.min(10)).min(MAX_FAILURE_COOLDOWN);
        let until = self.timeline.now() + cooldown;
        self.backoff = Some(Backoff { count: count + 1, until, cause: cause.clone() });
        self.failures += 1;
        UnavailableError { issuer: issuer.clone(), retry_after: cooldown, cause }
    }

    /// The last failure, while the provider is left alone because of it.
    pub(crate) fn in_cooldown(&self, issuer: &Issuer) -> Option<UnavailableError> {
        let backoff =
            self.backoff.as_ref().filter(|backoff| self.timeline.now() < backoff.until)?;
        let retry_after = backoff.until.saturating_sub(self.timeline.now());
        Some(UnavailableError {
            issuer: issuer.clone(),
            retry_after: retry_after.max(Duration::from_secs(1)),
            cause: backoff.cause.clone(),
        })
    }

    /// Whether something was missed so short ago that it is not asked for again.
    pub(crate) fn in_miss_cooldown(&self) -> bool {
        self.miss.as_ref().is_some_and(|miss| self.timeline.now() < miss.until)
    }

    /// Notes that something is not in the newest document.
    pub(crate) fn record_miss(&mut self) {
        if self.in_miss_cooldown() {
            if let Some(miss) = &mut self.miss {
                miss.presumed = false;
            }
        } else {
            self.miss = Some(Miss { until: self.timeline.now() + MISS_COOLDOWN, presumed: false });
        }
    }

    /// Presumes a miss as soon as a document that was fetched for its sake is
    /// here, so that no request slips in between and fetches again.
    pub(crate) fn presume_miss(&mut self) {
        self.miss = Some(Miss { until: self.timeline.now() + MISS_COOLDOWN, presumed: true });
    }

    /// Takes back what was presumed.
    pub(crate) fn clear_presumed_miss(&mut self) {
        self.miss = self.miss.take().filter(|miss| !miss.presumed);
    }
}

impl<T> Default for CacheEntry<T> {
    fn default() -> Self {
        Self {
            timeline: Timeline::default(),
            current: None,
            backoff: None,
            miss: None,
            fetches: 0,
            failures: 0,
        }
    }
}
