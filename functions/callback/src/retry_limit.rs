//! Stops offering a retry after several failed sign-ins.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use session::cookies;

/// Failures after which the page offers no retry. With a provider that signs users in without a
/// prompt, each retry would fail at once and lead back to the page.
const LIMIT: u8 = 3;

/// How long failures count, from the first one.
const WINDOW: Duration = Duration::from_mins(10);

/// The cookie is not authenticated: a user who changes it only changes whether their page has a
/// link. The name differs from those of transactions, which have 16 characters after `signin-`.
const COOKIE_NAME: &str = "__Host-signin-failures";

/// The failed sign-ins of this browser within [`WINDOW`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FailedSignIns {
    count: u8,
    /// The time of the first one, in seconds since 1970.
    first: u64,
}

impl FailedSignIns {
    /// The failures so far, including this one.
    pub(crate) fn with_this_failure(headers: &HeaderMap, now: SystemTime) -> Self {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let recent = |failed: &Self| failed.first <= now && now - failed.first < WINDOW.as_secs();
        match read(headers).filter(recent) {
            Some(before) => Self { count: before.count.saturating_add(1), ..before },
            None => Self { count: 1, first: now },
        }
    }

    /// Whether the page must not offer a retry.
    pub(crate) fn is_limit_reached(self) -> bool {
        self.count >= LIMIT
    }

    /// The `Set-Cookie` value that stores them.
    pub(crate) fn set_cookie(self) -> HeaderValue {
        let Self { count, first } = self;
        cookies::set(COOKIE_NAME, format_args!("{count}.{first}"), Some(WINDOW))
    }

    /// The `Set-Cookie` value that clears them, if the browser sent any.
    pub(crate) fn clear(headers: &HeaderMap) -> Option<HeaderValue> {
        let is_sent = !matches!(cookies::one(headers, COOKIE_NAME), Ok(None));
        is_sent.then(|| cookies::clear(COOKIE_NAME))
    }
}

fn read(headers: &HeaderMap) -> Option<FailedSignIns> {
    let (count, first) = cookies::one(headers, COOKIE_NAME).ok()??.split_once('.')?;
    Some(FailedSignIns { count: count.parse().ok()?, first: first.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    const NOON: u64 = 1_800_000_000;

    fn next(cookie: &str, now: u64) -> FailedSignIns {
        let line = HeaderValue::try_from(cookie).unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        FailedSignIns::with_this_failure(&HeaderMap::from_iter([(COOKIE, line)]), now)
    }

    #[test]
    fn the_third_failure_in_ten_minutes_reaches_the_limit() {
        let first = next("other=1", NOON);
        assert_eq!(first, FailedSignIns { count: 1, first: NOON });
        let line = first.set_cookie();
        let pair = line.to_str().unwrap().split(';').next().unwrap();
        let second = next(pair, NOON + 300);
        assert_eq!((second.count, second.is_limit_reached()), (2, false));
        let third = next(&format!("a=b; __Host-signin-failures=2.{NOON}"), NOON + 599);
        assert!(third.is_limit_reached());
        assert_eq!(next(&format!("__Host-signin-failures=2.{NOON}"), NOON + 600).count, 1);
    }

    #[test]
    fn an_invalid_cookie_counts_from_one() {
        for value in ["", "x", "3", "3.", ".3", "-1.2", "999.1800000000", "2.1800000001"] {
            assert_eq!(next(&format!("__Host-signin-failures={value}"), NOON).count, 1, "{value}");
        }
    }

    #[test]
    fn a_foreign_cookie_that_is_not_text_does_not_reset_the_count() {
        let line = [b"x=\xff\xfe; __Host-signin-failures=2.", NOON.to_string().as_bytes()].concat();
        let line = HeaderValue::from_bytes(&line).unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOON);
        let headers = HeaderMap::from_iter([(COOKIE, line)]);
        assert!(FailedSignIns::with_this_failure(&headers, now).is_limit_reached());
        assert!(FailedSignIns::clear(&headers).is_some());
    }

    #[test]
    fn a_duplicate_cookie_counts_from_one() {
        let twice = format!("__Host-signin-failures=2.{NOON}; __Host-signin-failures=1.{NOON}");
        assert_eq!(next(&twice, NOON).count, 1);
    }

    #[test]
    fn the_count_does_not_overflow() {
        assert!(next(&format!("__Host-signin-failures=255.{NOON}"), NOON).is_limit_reached());
    }
}
