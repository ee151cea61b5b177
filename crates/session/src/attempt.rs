//! One sign-in under way, from leaving for the provider to coming back.

mod crowd;
mod encoding;
mod state;

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use auth::AcrValues;
use http::{HeaderMap, HeaderValue};

pub use state::State;

use crate::{
    cookies,
    random::{self, Random},
    return_to::ReturnTo,
};

/// How long a sign-in may take.
pub const ATTEMPT_LIFETIME: Duration = Duration::from_mins(15);

/// How many sign-ins a browser may have under way, the newest included. API Gateway refuses
/// requests with more than 10 KiB of headers, so cookies must not pile up.
pub const MAX_ATTEMPTS: usize = 8;

/// How far the clocks of two instances may be apart.
const LEEWAY: Duration = Duration::from_mins(1);

/// Why there is no attempt for a `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptError {
    /// This browser has no cookie for it: another browser began, or the cookie is gone.
    Missing,
    /// The cookie is not one that we made, or there are two of that name.
    Malformed,
    /// It began more than [`ATTEMPT_LIFETIME`] ago.
    Expired,
}

/// A sign-in under way. It rides in a cookie of its own, so that `signin` needs no table.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    state: State,
    nonce: String,
    verifier: String,
    return_to: ReturnTo,
    /// In whole seconds since 1970, as the cookie holds it.
    started_at: u64,
    max_age: Option<Duration>,
    acr_values: Option<AcrValues>,
}

impl Attempt {
    /// About 31 000 years: what fits into twelve digits.
    pub const LONGEST_MAX_AGE: Duration = Duration::from_secs(999_999_999_999);

    /// Begins one. `max_age` is what the provider will be asked for, in whole seconds; more than
    /// [`LONGEST_MAX_AGE`](Self::LONGEST_MAX_AGE) is as good as that.
    pub fn begin(
        random: &dyn Random,
        now: SystemTime,
        return_to: ReturnTo,
        max_age: Option<Duration>,
    ) -> Self {
        Self {
            state: State::generate(random),
            nonce: random::text(random),
            verifier: random::text(random),
            return_to,
            started_at: seconds(now),
            max_age: max_age
                .map(|age| Duration::from_secs(age.as_secs()).min(Self::LONGEST_MAX_AGE)),
            acr_values: None,
        }
    }

    /// The same, for a sign-in that must be as strong as one of these.
    #[must_use]
    pub fn as_strong_as(self, acr_values: Option<AcrValues>) -> Self {
        Self { acr_values, ..self }
    }

    /// The attempt that `state` belongs to, from this request's cookies.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn find(headers: &HeaderMap, state: &State, now: SystemTime) -> Result<Self, AttemptError> {
        let cookie = cookies::one(headers, &state.cookie_name());
        let text = cookie.map_err(|cookies::Duplicate| AttemptError::Malformed)?;
        let attempt = Self::decode(text.ok_or(AttemptError::Missing)?)?;
        if attempt.state != *state {
            return Err(AttemptError::Missing);
        }
        if !attempt.is_under_way(now) {
            return Err(AttemptError::Expired);
        }
        Ok(attempt)
    }

    /// The `state` parameter of the authorization request (RFC 6749, 4.1.1).
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The `nonce` that the ID token must carry (OpenID Connect Core, 3.1.2.1).
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The PKCE code verifier (RFC 7636, 4.1), 43 characters.
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// Where the browser goes when it is signed in.
    pub fn return_to(&self) -> &ReturnTo {
        &self.return_to
    }

    /// When it began, in whole seconds.
    pub fn started_at(&self) -> SystemTime {
        // Twelve digits at most when it came in a cookie.
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.started_at)
    }

    /// The oldest authentication that was asked for, if any was.
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// How strong the authentication must be, if that was asked for.
    pub fn acr_values(&self) -> Option<&AcrValues> {
        self.acr_values.as_ref()
    }

    /// The `Set-Cookie` value that sends the attempt along with the browser.
    pub fn set_cookie(&self) -> HeaderValue {
        cookies::set(self.state.cookie_name(), self.encode(), Some(ATTEMPT_LIFETIME))
    }

    /// The `Set-Cookie` value that ends the attempt of that state.
    pub fn clear_cookie(state: &State) -> HeaderValue {
        cookies::clear(state.cookie_name())
    }

    /// The `Set-Cookie` values that make room for one more attempt: whatever is no attempt, has
    /// expired, or is among the oldest of more than seven, goes.
    pub fn make_room(headers: &HeaderMap, now: SystemTime) -> Vec<HeaderValue> {
        crowd::make_room(headers, now)
    }

    /// The `Set-Cookie` values that end all attempts of this browser.
    pub fn clear_all(headers: &HeaderMap) -> Vec<HeaderValue> {
        crowd::clear_all(headers)
    }

    fn is_under_way(&self, now: SystemTime) -> bool {
        let now = seconds(now);
        self.started_at <= now + LEEWAY.as_secs()
            && now < self.started_at.saturating_add(ATTEMPT_LIFETIME.as_secs())
    }
}

/// Nothing that a log must not hold.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("return_to", &self.return_to)
            .field("started_at", &self.started_at)
            .field("max_age", &self.max_age)
            .field("acr_values", &self.acr_values)
            .finish_non_exhaustive()
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests;
