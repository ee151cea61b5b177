//! What is held of a document, and what its age and its failures allow.

use std::time::{Duration, SystemTime};

use crate::{
    DocumentStatus, FetchError, Issuer, Unavailable,
    provider::{
        snapshot::{Loaded, Snapshot},
        timeline::Timeline,
    },
};

/// How long a document is fresh when its sender does not say. A key that the
/// provider withdraws is accepted for this long; Microsoft asks for an hourly
/// refresh.
const FRESH: Duration = Duration::from_hours(1);
/// The least that a sender can say: less would cost a fetch every few requests.
pub(crate) const FRESH_LEAST: Duration = Duration::from_mins(5);
/// The most that a sender can say.
const FRESH_MOST: Duration = Duration::from_hours(24);
/// How old the last known good may be while the provider does not answer.
/// Longer, and a withdrawn key lives on as long as somebody can keep us from
/// the provider; shorter, and the provider's outage is ours.
const USABLE: Duration = Duration::from_hours(24);
/// How long unknown key ids are refused unasked after one was asked for in
/// vain. Anybody can make up key ids, so without it anybody could have us
/// flood the provider; a rotation is seen at the end of it at the latest.
const MISS_COOLDOWN: Duration = Duration::from_secs(30);
/// How long the provider is left alone after a failure; doubles each time.
const FAILURE_COOLDOWN: Duration = Duration::from_secs(5);
/// The most that it doubles to.
const FAILURE_COOLDOWN_MOST: Duration = Duration::from_mins(1);

/// The document, its age, and the failures since.
pub(crate) struct Holding<T> {
    timeline: Timeline,
    held: Option<Held<T>>,
    failure: Option<Failure>,
    miss: Option<Miss>,
    fetches: u64,
    failures: u64,
}

struct Held<T> {
    document: Snapshot<T>,
    fresh_until: Duration,
}

struct Failure {
    count: u32,
    until: Duration,
    cause: FetchError,
}

struct Miss {
    until: Duration,
    /// Nobody has looked into the new document yet.
    presumed: bool,
}

impl<T> Holding<T> {
    /// Takes note of the time. All else here is as of the last such look.
    pub(crate) fn look(&mut self, now: SystemTime) {
        if !self.timeline.look(now) {
            return;
        }
        // The clock was set back, and nobody knows how long ago the last look
        // was: nothing is fresh any more, and every cooldown is over.
        let now = self.timeline.now();
        if let Some(held) = &mut self.held {
            held.fresh_until = now;
        }
        if let Some(failure) = &mut self.failure {
            failure.until = now;
        }
        self.miss = None;
    }

    /// The document while it is fresh.
    pub(crate) fn fresh(&self) -> Option<Snapshot<T>> {
        let held = self.held.as_ref().filter(|held| self.timeline.now() < held.fresh_until)?;
        Some(held.document.clone())
    }

    /// The document while it may serve as last known good.
    pub(crate) fn usable(&self) -> Option<Snapshot<T>> {
        let held = self.held.as_ref().map(|held| &held.document);
        held.filter(|document| self.is_usable(document)).cloned()
    }

    /// How long ago something began.
    pub(crate) fn since(&self, begun: Duration) -> Duration {
        self.timeline.now().saturating_sub(begun)
    }

    /// Whether what a fetch brought is young enough to serve.
    pub(crate) fn is_usable(&self, snapshot: &Snapshot<T>) -> bool {
        self.age(snapshot) <= USABLE
    }

    fn age(&self, document: &Snapshot<T>) -> Duration {
        self.since(document.begun) + document.initial_age()
    }

    /// Lets what is held be fresh up to this age at most.
    pub(crate) fn expire(&mut self, age: Duration) {
        if let Some(held) = &mut self.held {
            held.fresh_until = held.fresh_until.min(held.document.reaches(age));
        }
    }

    pub(crate) fn status(&self) -> DocumentStatus {
        DocumentStatus {
            age: self.held.as_ref().map(|held| self.age(&held.document)),
            is_fresh: self.fresh().is_some(),
            is_usable: self.usable().is_some(),
            fetches: self.fetches,
            failures: self.failures,
            last_error: self.failure.as_ref().map(|failure| failure.cause.clone()),
        }
    }

    /// Notes that a fetch begins. It began at the time returned.
    pub(crate) fn begin(&mut self) -> Duration {
        self.fetches += 1;
        self.timeline.now()
    }

    /// Puts a new document in the place of the old one. Its age counts from the
    /// beginning of the fetch: an instance may have been frozen since. One that is older than
    /// what is held is passed over.
    pub(crate) fn replace(&mut self, loaded: Loaded<T>, begun: Duration) -> Snapshot<T> {
        let max_age = loaded.max_age;
        let new = Snapshot::of(loaded, begun);
        let least = begun + FRESH_LEAST;
        let age = self.age(&new);
        let passed_over = self.held.as_ref().is_some_and(|held| self.age(&held.document) < age);
        if let Some(held) = self.held.as_mut().filter(|_| passed_over) {
            if !new.is_copy() {
                return held.document.clone();
            }
            // The store has nothing newer: not to be asked again by every request.
            held.fresh_until = held.fresh_until.max(least).min(held.document.reaches(USABLE));
            // Nobody asked the provider for it just now: what is missing in it may be new.
            return held.document.clone().into_copy();
        }
        let fresh_for = max_age.map_or(FRESH, |age| age.clamp(FRESH_LEAST, FRESH_MOST));
        let fresh_until = new.reaches(fresh_for).max(least).min(new.reaches(USABLE));
        self.failure = None;
        self.held.insert(Held { document: new, fresh_until }).document.clone()
    }

    /// Notes a failed fetch.
    pub(crate) fn failed(&mut self, issuer: &Issuer, cause: FetchError) -> Unavailable {
        let count = self.failure.as_ref().map_or(0, |failure| failure.count);
        let cooldown =
            FAILURE_COOLDOWN.saturating_mul(1 << count.min(10)).min(FAILURE_COOLDOWN_MOST);
        let until = self.timeline.now() + cooldown;
        self.failure = Some(Failure { count: count + 1, until, cause: cause.clone() });
        self.failures += 1;
        Unavailable { issuer: issuer.clone(), retry_after: cooldown, cause }
    }

    /// The last failure, while the provider is left alone because of it.
    pub(crate) fn cooling(&self, issuer: &Issuer) -> Option<Unavailable> {
        let failure =
            self.failure.as_ref().filter(|failure| self.timeline.now() < failure.until)?;
        let retry_after = failure.until.saturating_sub(self.timeline.now());
        Some(Unavailable {
            issuer: issuer.clone(),
            retry_after: retry_after.max(Duration::from_secs(1)),
            cause: failure.cause.clone(),
        })
    }

    /// Whether something was missed so short ago that it is not asked for again.
    pub(crate) fn has_missed(&self) -> bool {
        self.miss.as_ref().is_some_and(|miss| self.timeline.now() < miss.until)
    }

    /// Notes that something is not in the newest document.
    pub(crate) fn missed(&mut self) {
        if self.has_missed() {
            if let Some(miss) = &mut self.miss {
                miss.presumed = false;
            }
        } else {
            self.miss = Some(Miss { until: self.timeline.now() + MISS_COOLDOWN, presumed: false });
        }
    }

    /// Presumes a miss as soon as a document that was fetched for its sake is
    /// here, so that no request slips in between and fetches again.
    pub(crate) fn may_have_missed(&mut self) {
        self.miss = Some(Miss { until: self.timeline.now() + MISS_COOLDOWN, presumed: true });
    }

    /// Takes back what was presumed.
    pub(crate) fn found(&mut self) {
        self.miss = self.miss.take().filter(|miss| !miss.presumed);
    }
}

impl<T> Default for Holding<T> {
    fn default() -> Self {
        Self {
            timeline: Timeline::default(),
            held: None,
            failure: None,
            miss: None,
            fetches: 0,
            failures: 0,
        }
    }
}
