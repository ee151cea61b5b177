//! The time, which tests can set, and how it is written.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use time::{OffsetDateTime, format_description::BorrowedFormatItem};

/// Where the provider reads the time; tests put a settable one here.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The time, in seconds since 1970.
pub(crate) fn seconds(clock: &Clock) -> u64 {
    clock().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Writes a time in UTC; empty for one that no calendar has.
pub(crate) fn utc(seconds: u64, format: &[BorrowedFormatItem<'_>]) -> String {
    let date =
        i64::try_from(seconds).ok().and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok());
    date.and_then(|date| date.format(format).ok()).unwrap_or_default()
}
