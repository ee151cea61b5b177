//! The value of an attempt's cookie: `1.state.nonce.verifier.started_at.max_age.return_to`.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Attempt, AttemptError, State};
use crate::{random, return_to::ReturnTo};

/// A cookie of another version is no attempt: whoever changes the fields changes this.
const VERSION: &str = "1";

/// The longest that we make: three times 43 characters, two numbers, 512 bytes in base64.
const MAX_LENGTH: usize = 900;

impl Attempt {
    pub(super) fn encode(&self) -> String {
        let Self { state, nonce, verifier, return_to, started_at, max_age } = self;
        let state = state.as_str();
        let max_age = max_age.map(|age| age.as_secs().to_string()).unwrap_or_default();
        let return_to = URL_SAFE_NO_PAD.encode(return_to.as_str());
        format!("{VERSION}.{state}.{nonce}.{verifier}.{started_at}.{max_age}.{return_to}")
    }

    pub(super) fn decode(text: &str) -> Result<Self, AttemptError> {
        strict(text).ok_or(AttemptError::Malformed)
    }
}

fn strict(text: &str) -> Option<Attempt> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let fields: Vec<&str> = text.split('.').collect();
    let [VERSION, state, nonce, verifier, started_at, max_age, return_to] = fields[..] else {
        return None;
    };
    let max_age = if max_age.is_empty() { None } else { Some(number(max_age)?) };
    Some(Attempt {
        state: State::parse(state)?,
        nonce: random::is_text(nonce).then(|| nonce.to_owned())?,
        verifier: random::is_text(verifier).then(|| verifier.to_owned())?,
        return_to: path(return_to)?,
        started_at: number(started_at)?,
        max_age: max_age.map(Duration::from_secs),
    })
}

/// Digits only (`parse` alone takes a sign), and few enough that no sum overflows.
fn number(text: &str) -> Option<u64> {
    let digits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The path is judged again: whoever can write a cookie must not choose where users go.
fn path(text: &str) -> Option<ReturnTo> {
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let path = ReturnTo::parse(&decoded);
    (path.as_str() == decoded).then_some(path)
}
