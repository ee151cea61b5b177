use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use utoipa::ToSchema;

/// A moment in UTC to the millisecond (RFC 3339).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2026-01-31T12:00:00.000Z"))]
pub(crate) struct Timestamp(String);

/// Always three digits after the second, so that the texts sort like the moments.
const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Timestamp {
    pub(crate) fn of(time: SystemTime) -> Self {
        let text = OffsetDateTime::from(time).format(FORMAT);
        Self(text.expect("a date and time has every component of the format"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_timestamp_is_rfc_3339_in_utc_with_milliseconds() {
        let check = |milliseconds: u64, expected: &str| {
            let time = SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds);
            assert_eq!(Timestamp::of(time).as_str(), expected);
        };
        check(0, "1970-01-01T00:00:00.000Z");
        check(1_769_860_799_005, "2026-01-31T11:59:59.005Z");
    }
}
