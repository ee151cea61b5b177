//! All the attempts of one browser.

use std::{cmp::Reverse, time::SystemTime};

use http::{HeaderMap, HeaderValue};

use super::{
    Attempt, MAX_ATTEMPTS,
    state::{COOKIE_PREFIX, NAME_LENGTH},
};
use crate::cookies;

/// How long the attempts that stay may be together.
///
/// # What breaks if this changes
/// They all come with the provider's answer, in whose headers API Gateway takes 10 KiB. Links to
/// our sign-in with long wishes, opened behind somebody's back, must not fill them.
const MOST_BYTES: usize = 4096;

pub(super) fn make_room(headers: &HeaderMap, now: SystemTime) -> Vec<HeaderValue> {
    let under_way = |text: &str| Attempt::decode(text).ok().filter(|it| it.is_under_way(now));
    let started_at = |text| under_way(text).map(|attempt| attempt.started_at);
    let mut all: Vec<_> =
        of(headers).map(|(name, text)| (Reverse(started_at(text)), name, text.len())).collect();
    all.sort();
    let mut bytes = 0;
    let staying = all.iter().take_while(|(Reverse(started_at), _, length)| {
        bytes += length;
        started_at.is_some() && bytes <= MOST_BYTES
    });
    let staying = staying.count();
    all.into_iter()
        .skip(staying.min(MAX_ATTEMPTS - 1))
        .map(|(_, name, _)| cookies::clear(name))
        .collect()
}

pub(super) fn clear_all(headers: &HeaderMap) -> Vec<HeaderValue> {
    of(headers).map(|(name, _)| cookies::clear(name)).collect()
}

/// Only names that we could have made are given back to the browser.
fn of(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    cookies::all(headers).filter(move |(name, _)| {
        name.strip_prefix(COOKIE_PREFIX)
            .is_some_and(|rest| rest.len() == NAME_LENGTH && rest.bytes().all(base64url))
    })
}
