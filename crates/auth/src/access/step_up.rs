//! How fresh and how strong a user's sign-in must be (RFC 9470).

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::{AcrClaim, AcrValues};

/// How fresh and how strong a user's sign-in must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepUp {
    /// How long ago it may have been.
    pub max_age: Option<Duration>,
    /// The authentication context classes of which it needs one.
    pub acr_values: Option<AcrValues>,
    /// The claim that has them.
    pub acr_claim: AcrClaim,
    /// How far the provider's clock may differ from ours. Use the value that tokens are verified
    /// with, or a user may be sent to sign in again forever.
    pub leeway: Duration,
}

/// The sign-in is too old or too weak: 401.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sign-in is too old or too weak")]
pub struct StepUpError {
    /// How fresh the next one must be.
    pub freshness: Freshness,
    /// How strong it must be.
    pub acr_values: Option<AcrValues>,
}

/// How fresh the next sign-in must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As it is.
    Any,
    /// `max_age`.
    MaxAge(Duration),
    /// `prompt=login`, for a session whose provider leaves out `auth_time`: it would refuse
    /// `max_age` each time.
    Login,
}

impl StepUp {
    /// Accepts a sign-in with these verified claims, of an access token or an ID token. Without
    /// `auth_time` (Entra sends it only as an optional claim), its age is that of the session, if
    /// there is one, and otherwise unknown and too old.
    ///
    /// # Errors
    /// What the next sign-in must be like.
    pub fn check(
        &self,
        claims: &Map<String, Value>,
        session_began: Option<SystemTime>,
        now: SystemTime,
    ) -> Result<(), StepUpError> {
        let auth_time = claims.get("auth_time").and_then(Value::as_f64);
        let signed_in = auth_time.or(session_began.map(seconds));
        let is_fresh = self.max_age.is_none_or(|age| {
            let oldest = seconds(now) - (age + self.leeway).as_secs_f64();
            signed_in.is_some_and(|time| time >= oldest)
        });
        let is_strong = self
            .acr_values
            .as_ref()
            .is_none_or(|values| acrs(claims, self.acr_claim).any(|acr| values.contain(acr)));
        if is_fresh && is_strong {
            return Ok(());
        }
        let without_auth_time = auth_time.is_none() && session_began.is_some();
        let freshness = match self.max_age {
            Some(_) if without_auth_time && !is_fresh => Freshness::Login,
            Some(age) if !without_auth_time => Freshness::MaxAge(age),
            _ => Freshness::Any,
        };
        Err(StepUpError { freshness, acr_values: self.acr_values.clone() })
    }
}

impl StepUpError {
    /// The parameters of the next sign-in: `max_age` or `prompt`, and `acr_values`.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let freshness = match self.freshness {
            Freshness::Any => None,
            Freshness::MaxAge(age) => Some(("max_age", age.as_secs().into())),
            Freshness::Login => Some(("prompt", "login".into())),
        };
        let values = self.acr_values.as_ref().map(|it| ("acr_values", it.as_str().into()));
        freshness.into_iter().chain(values)
    }
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The values of that claim. `acr` is one, `acrs` a list, or one.
fn acrs(claims: &Map<String, Value>, claim: AcrClaim) -> impl Iterator<Item = &str> {
    let (only, list) = match (claim, claims.get(claim.as_str())) {
        (_, Some(Value::String(only))) => (Some(&**only), &[][..]),
        (AcrClaim::Acrs, Some(Value::Array(list))) => (None, &list[..]),
        _ => (None, &[][..]),
    };
    only.into_iter().chain(list.iter().filter_map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOON: u64 = 1_800_000_000;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn check(step_up: &StepUp, claims: &Value) -> Result<(), StepUpError> {
        step_up.check(claims.as_object().unwrap(), None, at(NOON))
    }

    fn step_up(acr_claim: AcrClaim) -> StepUp {
        StepUp {
            max_age: None,
            acr_values: Some(AcrValues::parse("c1 c2").unwrap()),
            acr_claim,
            leeway: Duration::from_mins(1),
        }
    }

    #[test]
    fn a_token_that_does_not_say_when_its_user_signed_in_is_too_old() {
        let max_age = Some(Duration::from_mins(10));
        let recent = StepUp { max_age, acr_values: None, ..step_up(AcrClaim::Acr) };
        check(&recent, &json!({ "auth_time": NOON - 660 })).unwrap();
        for claims in [json!({}), json!({ "auth_time": "now" }), json!({ "auth_time": NOON - 661 })]
        {
            let error = check(&recent, &claims).unwrap_err();
            assert_eq!(error.freshness, Freshness::MaxAge(Duration::from_mins(10)), "{claims}");
        }
    }

    #[test]
    fn only_the_claim_of_the_setting_says_how_strong_a_sign_in_was() {
        for (claim, claims, is_strong) in [
            (AcrClaim::Acr, json!({ "acr": "c2" }), true),
            (AcrClaim::Acr, json!({ "acrs": ["c2"] }), false),
            (AcrClaim::Acr, json!({ "acr": ["c2"] }), false),
            (AcrClaim::Acrs, json!({ "acrs": ["p1", "c2"] }), true),
            (AcrClaim::Acrs, json!({ "acrs": "c2" }), true),
            (AcrClaim::Acrs, json!({ "acr": "c2" }), false),
            (AcrClaim::Acrs, json!({ "acrs": ["c3"] }), false),
            (AcrClaim::Acrs, json!({}), false),
        ] {
            let checked = check(&step_up(claim), &claims);
            assert_eq!(checked.is_ok(), is_strong, "{claim:?} {claims}");
        }
    }
}
