//! The state of a provider's cache, for metrics.

use std::time::Duration;

use crate::FetchError;

/// What is cached of a provider, and how the fetches went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderStatus {
    /// The metadata document.
    pub metadata: DocumentStatus,
    /// The key set.
    pub keys: DocumentStatus,
}

/// The state of one cached document. Counters count from the start of the
/// process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentStatus {
    /// How long ago the fetch began that brought it. `None` when there is none.
    pub age: Option<Duration>,
    /// Whether it serves without asking the provider.
    pub is_fresh: bool,
    /// Whether it serves at all. When not, tokens get 503 until a fetch succeeds.
    pub is_usable: bool,
    /// Fetches that were begun.
    pub fetches: u64,
    /// Fetches that failed.
    pub failures: u64,
    /// Why the last fetch failed. `None` when it succeeded.
    pub last_error: Option<FetchError>,
}
