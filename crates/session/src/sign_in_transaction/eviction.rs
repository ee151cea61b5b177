//! Limits how many transactions a browser keeps.

use std::{cmp::Reverse, time::SystemTime};

use http::{HeaderMap, HeaderValue};

use super::{
    MAX_TRANSACTIONS, SignInTransaction,
    state::{COOKIE_PREFIX, NAME_LENGTH},
};
use crate::cookies;

/// The most bytes that the kept transactions may have together.
///
/// # What breaks if this changes
/// The browser sends all of them to the callback, and API Gateway accepts 10 KiB of headers. Links
/// to our sign-in with long parameters, opened without the user's knowledge, must not fill them.
const MAX_BYTES: usize = 4096;

impl SignInTransaction {
    /// The `Set-Cookie` values that make room for one more transaction: they delete cookies that
    /// are invalid or expired, and the oldest of more than seven.
    pub fn evict(headers: &HeaderMap, now: SystemTime) -> Vec<HeaderValue> {
        let active = |text: &str| Self::decode(text).ok().filter(|it| it.is_active(now));
        let started_at = |text| active(text).map(|transaction| transaction.started_at);
        let mut newest_first: Vec<_> = transaction_cookies(headers)
            .map(|(name, text)| (Reverse(started_at(text)), name, text.len()))
            .collect();
        newest_first.sort();
        let mut bytes = 0;
        let kept = newest_first.iter().take_while(|(Reverse(started_at), _, length)| {
            bytes += length;
            started_at.is_some() && bytes <= MAX_BYTES
        });
        let kept = kept.count().min(MAX_TRANSACTIONS - 1);
        newest_first.into_iter().skip(kept).map(|(_, name, _)| cookies::clear(name)).collect()
    }

    /// The `Set-Cookie` values that delete all transactions of this browser.
    pub fn clear_all(headers: &HeaderMap) -> Vec<HeaderValue> {
        transaction_cookies(headers).map(|(name, _)| cookies::clear(name)).collect()
    }
}

/// Only names that we could have made, because they are sent back to the browser.
fn transaction_cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    cookies::all(headers).filter(move |(name, _)| {
        name.strip_prefix(COOKIE_PREFIX)
            .is_some_and(|rest| rest.len() == NAME_LENGTH && rest.bytes().all(base64url))
    })
}
