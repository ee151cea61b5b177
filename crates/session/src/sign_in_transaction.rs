//! A sign-in in progress: from the redirect to the provider until the browser comes back.

mod encoding;
mod eviction;
mod state;

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use auth::AcrValues;
use http::{HeaderMap, HeaderValue};

pub use state::OAuthState;

use crate::{
    cookies,
    random::{self, Random},
    return_to::ReturnTo,
};

/// How long a sign-in may take.
pub const SIGN_IN_LIFETIME: Duration = Duration::from_mins(15);

/// How many sign-ins a browser may have in progress, including the newest. API Gateway refuses
/// requests with more than 10 KiB of headers, so cookies must not pile up.
pub const MAX_TRANSACTIONS: usize = 8;

/// How far the clocks of two instances may be apart.
const LEEWAY: Duration = Duration::from_mins(1);

/// Why there is no transaction for a `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionError {
    /// This browser has no cookie for it: the sign-in began in another browser, or the cookie was
    /// deleted.
    Missing,
    /// The cookie has an invalid value, or there are two of that name.
    Malformed,
    /// It began more than [`SIGN_IN_LIFETIME`] ago.
    Expired,
}

/// A sign-in in progress. It is stored in its own cookie, so that `signin` needs no table.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInTransaction {
    state: OAuthState,
    nonce: String,
    verifier: String,
    return_to: ReturnTo,
    /// In whole seconds since 1970, as the cookie holds it.
    started_at: u64,
    max_age: Option<Duration>,
    acr_values: Option<AcrValues>,
}

impl SignInTransaction {
    /// About 31 000 years: what fits into twelve digits.
    pub const LONGEST_MAX_AGE: Duration = Duration::from_secs(999_999_999_999);

    /// Starts a sign-in. `max_age` is requested from the provider in whole seconds, at most
    /// [`LONGEST_MAX_AGE`](Self::LONGEST_MAX_AGE).
    pub fn begin(
        random: &dyn Random,
        now: SystemTime,
        return_to: ReturnTo,
        max_age: Option<Duration>,
    ) -> Self {
        Self {
            state: OAuthState::generate(random),
            nonce: random::text(random),
            verifier: random::text(random),
            return_to,
            started_at: seconds(now),
            max_age: max_age
                .map(|age| Duration::from_secs(age.as_secs()).min(Self::LONGEST_MAX_AGE)),
            acr_values: None,
        }
    }

    /// The same sign-in, which must also reach one of these authentication contexts.
    #[must_use]
    pub fn with_acr_values(self, acr_values: Option<AcrValues>) -> Self {
        Self { acr_values, ..self }
    }

    /// The transaction that `state` belongs to, from this request's cookies.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn find(
        headers: &HeaderMap,
        state: &OAuthState,
        now: SystemTime,
    ) -> Result<Self, TransactionError> {
        let cookie = cookies::one(headers, &state.cookie_name());
        let text = cookie.map_err(|cookies::DuplicateCookieError| TransactionError::Malformed)?;
        let transaction = Self::decode(text.ok_or(TransactionError::Missing)?)?;
        if transaction.state != *state {
            return Err(TransactionError::Missing);
        }
        if !transaction.is_active(now) {
            return Err(TransactionError::Expired);
        }
        Ok(transaction)
    }

    /// The `state` parameter of the authorization request (RFC 6749, 4.1.1).
    pub fn state(&self) -> &OAuthState {
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

    /// Where the browser goes after sign-in.
    pub fn return_to(&self) -> &ReturnTo {
        &self.return_to
    }

    /// When it started, in whole seconds.
    pub fn started_at(&self) -> SystemTime {
        // Twelve digits at most when it came in a cookie.
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.started_at)
    }

    /// The requested maximum age of the authentication.
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// The requested authentication contexts.
    pub fn acr_values(&self) -> Option<&AcrValues> {
        self.acr_values.as_ref()
    }

    /// The `Set-Cookie` value that stores the transaction in the browser.
    pub fn set_cookie(&self) -> HeaderValue {
        cookies::set(self.state.cookie_name(), self.encode(), Some(SIGN_IN_LIFETIME))
    }

    /// The `Set-Cookie` value that deletes the transaction with that state.
    pub fn clear_cookie(state: &OAuthState) -> HeaderValue {
        cookies::clear(state.cookie_name())
    }

    fn is_active(&self, now: SystemTime) -> bool {
        let now = seconds(now);
        self.started_at <= now + LEEWAY.as_secs()
            && now < self.started_at.saturating_add(SIGN_IN_LIFETIME.as_secs())
    }
}

/// Omits state, nonce and verifier, which must not be logged.
impl fmt::Debug for SignInTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInTransaction")
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
