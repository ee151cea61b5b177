//! Which proofs were used.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet},
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use thiserror::Error;

/// Remembers which proofs were used (RFC 9449, section 11.1).
///
/// An implementation must be atomic: of two calls with the same proof, one gets
/// `true`. In DynamoDB that is a put under `attribute_not_exists`, with `expires`
/// as time to live.
pub trait ReplayStore: Send + Sync + 'static {
    /// Notes that this proof is used. `true` the first time, `false` when it was
    /// used before or this is unknown. `proof` is a hash that names it; after
    /// `expires` it is refused for its age and may be forgotten.
    fn first_use(&self, proof: [u8; 32], now: SystemTime, expires: SystemTime) -> FirstUse<'_>;
}

/// What [`ReplayStore::first_use`] returns.
pub type FirstUse<'a> = Pin<Box<dyn Future<Output = Result<bool, ReplayStoreError>> + Send + 'a>>;

/// The store could not say whether a proof was used before: 503.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the replay store does not tell whether a proof was used before: {reason}")]
pub struct ReplayStoreError {
    /// Why, for the log.
    pub reason: String,
}

/// The most proofs that are remembered, some tens of bytes each. Each was signed
/// by the holder of a good token, and goes after its time.
const CAPACITY: usize = 100_000;

/// Remembers proofs in this process: a proof that is replayed to another instance is not
/// noticed. Remembers at most 100 000 at a time; more are refused.
#[derive(Debug)]
pub struct InMemoryReplayStore {
    capacity: usize,
    used: Mutex<Used>,
}

#[derive(Debug)]
struct Used {
    proofs: HashSet<[u8; 32]>,
    /// The same by expiry, so that expired ones are found without a full scan, also while the
    /// store is full.
    ends: BinaryHeap<Reverse<(SystemTime, [u8; 32])>>,
    /// The latest end of a proof that is no longer known. Were the clock set back,
    /// it would seem good again. (Not the time at which it was forgotten: a clock
    /// that is a year ahead for a moment must not refuse good proofs for a year.)
    forgotten: SystemTime,
}

impl InMemoryReplayStore {
    /// Remembers at most this many proofs at a time.
    pub fn with_capacity(capacity: usize) -> Self {
        let used = Used {
            proofs: HashSet::new(),
            ends: BinaryHeap::new(),
            forgotten: SystemTime::UNIX_EPOCH,
        };
        Self { capacity, used: Mutex::new(used) }
    }

    fn note(
        &self,
        proof: [u8; 32],
        now: SystemTime,
        expires: SystemTime,
    ) -> Result<bool, ReplayStoreError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.forget(now);
        if expires <= used.forgotten || used.proofs.contains(&proof) {
            return Ok(false);
        }
        if used.proofs.len() >= self.capacity {
            let reason =
                format!("{} proofs are remembered, and none is past its time", self.capacity);
            return Err(ReplayStoreError { reason });
        }
        used.proofs.insert(proof);
        used.ends.push(Reverse((expires, proof)));
        Ok(true)
    }
}

impl Default for InMemoryReplayStore {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl ReplayStore for InMemoryReplayStore {
    fn first_use(&self, proof: [u8; 32], now: SystemTime, expires: SystemTime) -> FirstUse<'_> {
        Box::pin(std::future::ready(self.note(proof, now, expires)))
    }
}

impl Used {
    fn forget(&mut self, now: SystemTime) {
        while let Some(&Reverse((expires, proof))) = self.ends.peek()
            && expires <= now
        {
            self.ends.pop();
            self.proofs.remove(&proof);
            self.forgotten = self.forgotten.max(expires);
        }
    }
}
