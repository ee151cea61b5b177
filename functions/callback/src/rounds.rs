//! How often the browser failed to sign in lately.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, header::COOKIE};

/// Rounds after which a page no longer offers to try again. With a provider that signs users in
/// without asking, a person who keeps trying goes round and round and sees nothing else.
const MANY: u8 = 3;

/// What counts as lately, from the first failed round on.
const LATELY: Duration = Duration::from_mins(10);

/// In the browser only, and of no importance but to the browser's own user: whoever changes it
/// changes whether a page has a link. A name that cannot be an attempt's, which has 16 characters
/// after `signin-`.
const COOKIE_NAME: &str = "__Host-signin-failures";

/// Failed rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rounds {
    failed: u8,
    /// In seconds since 1970.
    first: u64,
}

impl Rounds {
    /// The rounds that failed up to now, this one included.
    pub(crate) fn with_this_one(headers: &HeaderMap, now: SystemTime) -> Self {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let lately = |rounds: &Self| rounds.first <= now && now - rounds.first < LATELY.as_secs();
        match read(headers).filter(lately) {
            Some(before) => Self { failed: before.failed.saturating_add(1), ..before },
            None => Self { failed: 1, first: now },
        }
    }

    /// Whether another round is of no use.
    pub(crate) fn are_many(self) -> bool {
        self.failed >= MANY
    }

    /// The `Set-Cookie` value that remembers them.
    pub(crate) fn set_cookie(self) -> HeaderValue {
        let Self { failed, first } = self;
        cookie(&format!("{failed}.{first}"), LATELY)
    }

    /// The `Set-Cookie` value that forgets them; none if the browser knows of none.
    pub(crate) fn forget(headers: &HeaderMap) -> Option<HeaderValue> {
        values(headers).next().map(|_| cookie("", Duration::ZERO))
    }
}

fn cookie(value: &str, age: Duration) -> HeaderValue {
    let age = age.as_secs();
    let line =
        format!("{COOKIE_NAME}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}");
    HeaderValue::try_from(line).expect("digits and a dot need no quoting")
}

fn read(headers: &HeaderMap) -> Option<Rounds> {
    let (failed, first) = values(headers).next()?.split_once('.')?;
    Some(Rounds { failed: failed.parse().ok()?, first: first.parse().ok()? })
}

fn values(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_800_000_000;

    fn next(cookie: &str, now: u64) -> Rounds {
        let line = HeaderValue::try_from(cookie).unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        Rounds::with_this_one(&HeaderMap::from_iter([(COOKIE, line)]), now)
    }

    #[test]
    fn the_third_failed_round_in_ten_minutes_is_one_too_many() {
        let first = next("other=1", NOON);
        assert_eq!(first, Rounds { failed: 1, first: NOON });
        let line = first.set_cookie();
        let pair = line.to_str().unwrap().split(';').next().unwrap();
        let second = next(pair, NOON + 300);
        assert_eq!((second.failed, second.are_many()), (2, false));
        let third = next(&format!("a=b; __Host-signin-failures=2.{NOON}"), NOON + 599);
        assert!(third.are_many());
        assert_eq!(next(&format!("__Host-signin-failures=2.{NOON}"), NOON + 600).failed, 1);
    }

    #[test]
    fn a_strange_count_counts_from_one() {
        for value in ["", "x", "3", "3.", ".3", "-1.2", "999.1800000000", "2.1800000001"] {
            assert_eq!(next(&format!("__Host-signin-failures={value}"), NOON).failed, 1, "{value}");
        }
    }

    #[test]
    fn the_count_does_not_overflow() {
        assert!(next(&format!("__Host-signin-failures=255.{NOON}"), NOON).are_many());
    }
}
