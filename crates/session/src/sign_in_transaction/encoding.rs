//! The value of a transaction cookie.
//!
//! - `1.state.nonce.verifier.started_at.max_age.return_to`
//! - `2.state.nonce.verifier.started_at.max_age.acr_values.return_to`, only for a transaction that has
//!   `acr_values`: as long as nothing needs a later version, instances of before and after a
//!   deployment read each other's.

use std::time::Duration;

use auth::AcrValues;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{OAuthState, SignInTransaction, TransactionError};
use crate::{random, return_to::ReturnTo};

/// Cookies of other versions are refused: a change of the fields needs a new version.
const PLAIN: &str = "1";
const WITH_ACR_VALUES: &str = "2";

/// The longest that we make: three times 43 characters, two numbers, 96 and 512 bytes in base64.
const MAX_LENGTH: usize = 980;

impl SignInTransaction {
    pub(super) fn encode(&self) -> String {
        let Self { state, nonce, verifier, return_to, started_at, max_age, acr_values } = self;
        let state = state.as_str();
        let max_age = max_age.map(|age| age.as_secs().to_string()).unwrap_or_default();
        let return_to = URL_SAFE_NO_PAD.encode(return_to.as_str());
        let both = format!("{state}.{nonce}.{verifier}.{started_at}.{max_age}");
        match acr_values {
            None => format!("{PLAIN}.{both}.{return_to}"),
            Some(acr_values) => {
                let acr_values = URL_SAFE_NO_PAD.encode(acr_values.as_str());
                format!("{WITH_ACR_VALUES}.{both}.{acr_values}.{return_to}")
            }
        }
    }

    pub(super) fn decode(text: &str) -> Result<Self, TransactionError> {
        strict(text).ok_or(TransactionError::Malformed)
    }
}

fn strict(text: &str) -> Option<SignInTransaction> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let fields: Vec<&str> = text.split('.').collect();
    let (both, acr_values, return_to) = match &fields[..] {
        [PLAIN, both @ .., return_to] => (both, None, return_to),
        [WITH_ACR_VALUES, both @ .., acr_values, return_to] => {
            (both, Some(AcrValues::parse(&decoded(acr_values)?).ok()?), return_to)
        }
        _ => return None,
    };
    let &[state, nonce, verifier, started_at, max_age] = both else { return None };
    let max_age = if max_age.is_empty() { None } else { Some(number(max_age)?) };
    Some(SignInTransaction {
        state: OAuthState::parse(state)?,
        nonce: random::is_text(nonce).then(|| nonce.to_owned())?,
        verifier: random::is_text(verifier).then(|| verifier.to_owned())?,
        return_to: path(return_to)?,
        started_at: number(started_at)?,
        max_age: max_age.map(Duration::from_secs),
        acr_values,
    })
}

/// Digits only (`parse` alone takes a sign), and few enough that no sum overflows.
fn number(text: &str) -> Option<u64> {
    let digits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The path is judged again: whoever can write a cookie must not choose where users go.
fn path(text: &str) -> Option<ReturnTo> {
    let decoded = decoded(text)?;
    let path = ReturnTo::parse(&decoded);
    (path.as_str() == decoded).then_some(path)
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
