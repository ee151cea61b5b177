//! The copies.

use std::time::{Duration, SystemTime};

/// How old a copy may be in any case.
///
/// # What breaks if this is longer
/// Whoever keeps the writer from writing keeps withdrawn keys alive for as long.
const OLDEST: Duration = Duration::from_hours(24);

/// How far ahead the writer's clock may be. A copy from further in the future would be young
/// for longer than it may be.
const AHEAD: Duration = Duration::from_mins(1);

/// A provider's metadata and keys as they were at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// When the provider was asked for the first of them, in whole seconds.
    pub fetched_at: SystemTime,
    /// The metadata.
    pub metadata: Document,
    /// The keys.
    pub keys: Document,
}

/// One of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its address.
    pub url: String,
    /// What the provider sent.
    pub body: String,
    /// How long the provider calls it fresh, when it says so.
    pub max_age: Option<Duration>,
}

impl Snapshot {
    /// How old it is; `None` when it is too old, or from the future.
    pub fn age(&self, now: SystemTime) -> Option<Duration> {
        match now.duration_since(self.fetched_at) {
            Ok(age) => (age <= OLDEST).then_some(age),
            Err(ahead) => (ahead.duration() <= AHEAD).then_some(Duration::ZERO),
        }
    }

    /// When it is good for nothing any more.
    pub(crate) fn expires_at(&self) -> SystemTime {
        self.fetched_at + OLDEST
    }

    /// The document of that address.
    pub fn document(&self, url: &str) -> Option<&Document> {
        [&self.metadata, &self.keys].into_iter().find(|document| document.url == url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_copy_of_more_than_a_day_or_from_the_future_has_no_age() {
        let document = Document { url: String::new(), body: String::new(), max_age: None };
        let keys = document.clone();
        let snapshot = Snapshot { fetched_at: seconds(100_000), metadata: document, keys };
        let age = |now| snapshot.age(seconds(now)).map(|age| age.as_secs());
        assert_eq!(age(100_000 + 86_400), Some(86_400));
        assert_eq!(age(100_000 + 86_401), None);
        assert_eq!(age(100_000 - 60), Some(0));
        assert_eq!(age(100_000 - 61), None);
    }
}
