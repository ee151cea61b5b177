//! How the provider is asked.

use std::{pin::Pin, time::Duration};

use thiserror::Error;
use url::Url;

/// The shortest freshness that a sender can ask for: less would cost a fetch every few requests.
pub(crate) const MIN_FRESH: Duration = Duration::from_mins(5);

/// Asks the provider: the one thing here that does I/O.
///
/// The crate's feature `reqwest` brings [`HttpFetch`](crate::HttpFetch). An implementation
/// of your own must end by itself (a fetch that never ends keeps the others
/// waiting), must not follow redirects, and must bound what it reads.
pub trait Fetch: Send + Sync + 'static {
    /// Gets the JSON document that is wanted.
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a>;
}

/// Which document is wanted, and how old a stored copy of it may be. Who keeps no copies
/// needs only the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchRequest<'a> {
    /// Where it is.
    pub url: &'a Url,
    /// The greatest accepted age of a stored copy (`max-age` of a request, RFC 9111,
    /// 5.2.1.1). Zero accepts none.
    pub max_age: Duration,
    /// The greatest age of one when the provider fails (`stale-if-error`, RFC 5861, 4). Zero
    /// accepts none.
    pub stale_if_error: Duration,
}

impl<'a> FetchRequest<'a> {
    /// Straight from the provider: accepts no stored copy.
    pub fn new(url: &'a Url) -> Self {
        Self { url, max_age: Duration::ZERO, stale_if_error: Duration::ZERO }
    }

    /// Whether that copy is accepted: it is recent enough, and its sender still calls it fresh.
    pub fn accepts(&self, copy: &Fetched) -> bool {
        // What is called fresh for less is not stale sooner here, either.
        let fresh_for = copy.max_age.map(|age| age.max(MIN_FRESH));
        copy.is_within(self.max_age) && fresh_for.is_none_or(|limit| copy.is_within(limit))
    }

    /// Whether that copy is accepted when the provider failed.
    pub fn accepts_on_error(&self, copy: &Fetched) -> bool {
        copy.is_within(self.stale_if_error)
    }
}

/// What [`Fetch::fetch`] returns.
pub type FetchFuture<'a> = Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + 'a>>;

/// A document, how old it is, and how long its sender calls it fresh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The body.
    pub body: Vec<u8>,
    /// `max-age` of its `Cache-Control` header, see [`max_age`].
    pub max_age: Option<Duration>,
    /// Of a stored copy, how long ago the provider was asked for it. `None` says that it was
    /// asked now.
    pub age: Option<Duration>,
}

impl Fetched {
    fn is_within(&self, limit: Duration) -> bool {
        !limit.is_zero() && self.age.is_some_and(|age| age <= limit)
    }
}

/// Why a document could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No connection, or it broke.
    #[error("no connection to {host}: {reason}")]
    Connection {
        /// The host asked.
        host: String,
        /// What went wrong.
        reason: String,
    },
    /// No whole answer in time.
    #[error("{host} did not answer within {limit:?}")]
    Timeout {
        /// The host asked.
        host: String,
        /// The time it had.
        limit: Duration,
    },
    /// Another status than 200. Redirects are not followed.
    #[error("{host} answered with status {status}")]
    Status {
        /// The host asked.
        host: String,
        /// The status.
        status: u16,
    },
    /// A body over the limit.
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge {
        /// The host asked.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// A document that cannot be used.
    #[error("the {document} cannot be used: {reason}")]
    Document {
        /// Which one.
        document: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The fetch ended without a result: it panicked, or its runtime ended.
    #[error("the fetch was abandoned")]
    Abandoned,
}

/// `max-age` of the values of `Cache-Control` headers; the least, if there are
/// several. Values that are not numbers count as absent.
pub fn max_age<'a>(cache_control: impl IntoIterator<Item = &'a str>) -> Option<Duration> {
    cache_control
        .into_iter()
        .flat_map(|value| value.split(','))
        .filter_map(|directive| directive.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"))
        .filter_map(|(_, seconds)| seconds.trim().trim_matches('"').parse().ok())
        .map(Duration::from_secs)
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_read_from_cache_control() {
        let seconds = |values: &[&str]| max_age(values.iter().copied()).map(|age| age.as_secs());
        assert_eq!(seconds(&["max-age=86400, private"]), Some(86400));
        assert_eq!(seconds(&["private, Max-Age=\"60\""]), Some(60));
        assert_eq!(seconds(&["max-age=9", "max-age=7"]), Some(7));
        assert_eq!(seconds(&["no-store", "s-maxage=5, max-age=-1, max-age=x, max-age"]), None);
        assert_eq!(seconds(&[]), None);
    }
}
