//! The copies.

use std::time::{Duration, SystemTime};

use auth::Issuer;
use serde_json::json;

/// How old a copy may be in any case.
///
/// # What breaks if this is longer
/// Whoever keeps the writer from writing keeps withdrawn keys alive for as long.
const OLDEST: Duration = Duration::from_hours(24);

/// How far ahead the writer's clock may be. A copy from further in the future would be young
/// for longer than it may be.
const AHEAD: Duration = Duration::from_mins(1);

/// A provider's keys as they were at one time, and where its metadata says they are.
///
/// Nothing else of the metadata is in it: the addresses that receive secrets come from the provider
/// itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// When the provider was asked for its metadata, in whole seconds.
    pub fetched_at: SystemTime,
    /// The address of the metadata that names `keys.url`.
    pub metadata_url: String,
    /// How long the provider calls its metadata fresh, if it does.
    pub metadata_max_age: Option<Duration>,
    /// The keys, from the metadata's `jwks_uri`.
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

    /// The document of that address: the keys, or the part of the metadata that finding them takes.
    pub fn document(&self, issuer: &Issuer, url: &str) -> Option<Document> {
        if url == self.keys.url {
            return Some(self.keys.clone());
        }
        (url == self.metadata_url).then(|| Document {
            url: url.to_owned(),
            body: json!({ "issuer": issuer.as_str(), "jwks_uri": self.keys.url }).to_string(),
            max_age: self.metadata_max_age,
        })
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
        let snapshot = Snapshot {
            fetched_at: seconds(100_000),
            metadata_url: String::new(),
            metadata_max_age: None,
            keys: Document { url: String::new(), body: String::new(), max_age: None },
        };
        let age = |now| snapshot.age(seconds(now)).map(|age| age.as_secs());
        assert_eq!(age(100_000 + 86_400), Some(86_400));
        assert_eq!(age(100_000 + 86_401), None);
        assert_eq!(age(100_000 - 60), Some(0));
        assert_eq!(age(100_000 - 61), None);
    }
}
