//! What a sign-in must be like for what an unlocked computer alone must not be enough for.

use std::{
    num::NonZeroU16,
    time::{Duration, SystemTime},
};

use auth::{AcrClaim, AcrValues};
use http::StatusCode;
use relying_party::StepUpMethod;
use serde_json::{Map, Value};
use serve::Problem;
use session::Session;
use settings::{Environment, Setting, SettingError, SettingErrors, all};

/// How fresh, and how strong, the sign-in of a session must be for a request that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepUp {
    fresh: Duration,
    acr_values: Option<AcrValues>,
    acr_claim: AcrClaim,
    /// What the clocks of provider and functions may differ by. The same as where the ID token is
    /// verified: whoever passes there passes here, and nobody is sent around for ever.
    leeway: Duration,
}

const FRESH_MINUTES: Setting = Setting::new(
    "SESSION_FRESH_MINUTES",
    "how many minutes ago the user may have signed in when a request needs a fresh sign-in, such \
     as ending another session (1 to 65535)",
    "60",
)
.default("60");

const STEP_UP_ACR: Setting = Setting::new(
    "SESSION_STEP_UP_ACR",
    "the values of which a sign-in needs one before it can end another session, separated by \
     spaces: of `acr`, or Entra's authentication contexts (`OIDC_STEP_UP`); the provider must know \
     them",
    "c1",
)
.optional("any");

impl StepUp {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are wrong.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (minutes, acr_values, method, leeway) = all((
            environment.whole_number::<NonZeroU16>(&FRESH_MINUTES),
            environment.optional(&STEP_UP_ACR),
            StepUpMethod::from_environment(environment),
            settings::leeway(environment),
        ))?;
        if acr_values.is_some() && method == StepUpMethod::None {
            let reason = "OIDC_STEP_UP is none: this provider has no way to request a stronger \
                          sign-in, so no other session could ever be ended; leave it empty";
            return Err(SettingError::invalid(&STEP_UP_ACR, reason).into());
        }
        let fresh = Duration::from_mins(minutes.get().into());
        Ok(Self { fresh, acr_values, acr_claim: method.claim(), leeway })
    }

    /// Lets only a session pass that somebody signed in to not long ago and strongly enough.
    ///
    /// # Errors
    /// What to ask the sign-in for that would do.
    pub(crate) fn judge(&self, session: &Session, now: SystemTime) -> Result<(), StepUpError> {
        let claims = &session.contents().claims;
        let sign_in = SignIn {
            auth_time: claims.get("auth_time").and_then(Value::as_f64),
            acrs: acrs(claims, self.acr_claim),
            session_began: session.created_at(),
        };
        self.judge_sign_in(&sign_in, now)
    }

    fn judge_sign_in(&self, sign_in: &SignIn<'_>, now: SystemTime) -> Result<(), StepUpError> {
        let is_fresh = sign_in.age(now) <= (self.fresh + self.leeway).as_secs_f64();
        let is_strong = self
            .acr_values
            .as_ref()
            .is_none_or(|values| sign_in.acrs.iter().any(|acr| values.contain(acr)));
        if is_fresh && is_strong {
            return Ok(());
        }
        Err(StepUpError {
            freshness: match sign_in.auth_time {
                Some(_) => Freshness::MaxAge(self.fresh),
                None if is_fresh => Freshness::AsItIs,
                None => Freshness::Login,
            },
            acr_values: self.acr_values.clone(),
        })
    }
}

/// The values of that claim. `acr` is one, `acrs` a list, or one.
fn acrs(claims: &Map<String, Value>, claim: AcrClaim) -> Vec<&str> {
    match (claim, claims.get(claim.as_str())) {
        (AcrClaim::Acr | AcrClaim::Acrs, Some(Value::String(only))) => vec![only],
        (AcrClaim::Acrs, Some(Value::Array(list))) => {
            list.iter().filter_map(Value::as_str).collect()
        }
        _ => Vec::new(),
    }
}

/// What is known of how somebody signed in.
struct SignIn<'a> {
    /// When they proved who they are, in seconds since 1970, as the provider says.
    auth_time: Option<f64>,
    acrs: Vec<&'a str>,
    session_began: SystemTime,
}

impl SignIn<'_> {
    /// In seconds. A provider that does not say when (Entra does so only as an optional claim)
    /// leaves nothing but the session's own beginning to judge by.
    fn age(&self, now: SystemTime) -> f64 {
        let seconds = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
        };
        seconds(now) - self.auth_time.unwrap_or_else(|| seconds(self.session_began))
    }
}

/// The sign-in that a request needs first: the parameters of `GET /signin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepUpError {
    freshness: Freshness,
    acr_values: Option<AcrValues>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freshness {
    /// Nothing to ask for: it is new enough.
    AsItIs,
    /// `max_age`, which `callback` holds the provider to.
    MaxAge(Duration),
    /// `prompt=login`, of a provider that leaves out `auth_time`: with `max_age` the sign-in would
    /// be refused for that, every time.
    Login,
}

impl From<StepUpError> for Problem {
    fn from(again: StepUpError) -> Self {
        let mut problem = Problem::new(StatusCode::UNAUTHORIZED)
            .code("sign_in_again")
            .detail("This needs a sign-in that is newer or stronger. Sign in again first.");
        problem = match again.freshness {
            Freshness::AsItIs => problem,
            Freshness::MaxAge(age) => problem.member("max_age", age.as_secs()),
            Freshness::Login => problem.member("prompt", "login"),
        };
        match again.acr_values {
            Some(values) => problem.member("acr_values", values.as_str()),
            None => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOON: u64 = 1_800_000_000;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn step_up(settings: &[(&str, &str)]) -> Result<StepUp, SettingErrors> {
        StepUp::from_environment(&Environment::of(settings.iter().copied()))
    }

    /// What a request is answered at noon; null when it passes.
    fn answer(
        settings: &[(&str, &str)],
        auth_time: impl Into<Option<f64>>,
        acr: Option<&str>,
        began: u64,
    ) -> Value {
        let auth_time = auth_time.into();
        let acrs = acr.into_iter().collect();
        let sign_in = SignIn { auth_time, acrs, session_began: at(began) };
        let judged = step_up(settings).unwrap().judge_sign_in(&sign_in, at(NOON));
        let Err(again) = judged else { return Value::Null };
        let mut problem = serde_json::to_value(Problem::from(again)).unwrap();
        for name in ["type", "title", "detail"] {
            problem.as_object_mut().unwrap().remove(name);
        }
        problem
    }

    #[expect(clippy::cast_precision_loss, reason = "a time of our days")]
    fn ago(seconds: u64) -> f64 {
        (NOON - seconds) as f64
    }

    fn again(members: Value) -> Value {
        let mut problem = json!({ "status": 401, "code": "sign_in_again" });
        let Value::Object(members) = members else { panic!("an object") };
        problem.as_object_mut().unwrap().extend(members);
        problem
    }

    #[test]
    fn a_sign_in_is_fresh_for_sixty_minutes_and_the_leeway() {
        assert_eq!(answer(&[], ago(3660), None, NOON), Value::Null);
        assert_eq!(answer(&[], ago(3661), None, NOON), again(json!({ "max_age": 3600 })));
        let ten = [("SESSION_FRESH_MINUTES", "10")];
        assert_eq!(answer(&ten, ago(660), None, NOON), Value::Null);
        assert_eq!(answer(&ten, ago(661), None, NOON), again(json!({ "max_age": 600 })));
        assert_eq!(answer(&[], f64::MAX, None, NOON), Value::Null, "another clock's future");
    }

    #[test]
    fn without_auth_time_the_session_s_beginning_counts_and_no_max_age_is_asked_for() {
        assert_eq!(answer(&[], None, None, NOON - 3660), Value::Null);
        assert_eq!(answer(&[], None, None, NOON - 3661), again(json!({ "prompt": "login" })));
    }

    #[test]
    fn a_new_session_of_an_old_sign_in_is_not_fresh() {
        assert_eq!(answer(&[], ago(7200), None, NOON), again(json!({ "max_age": 3600 })));
    }

    #[test]
    fn a_sign_in_must_be_as_strong_as_one_of_the_values() {
        let strong = [("SESSION_STEP_UP_ACR", "gold silver")];
        for acr in ["gold", "silver"] {
            assert_eq!(answer(&strong, ago(0), Some(acr), NOON), Value::Null, "{acr}");
        }
        for acr in [None, Some("bronze"), Some("gold silver"), Some("")] {
            let both = json!({ "max_age": 3600, "acr_values": "gold silver" });
            assert_eq!(answer(&strong, ago(0), acr, NOON), again(both));
            let strength = json!({ "acr_values": "gold silver" });
            assert_eq!(answer(&strong, None, acr, NOON), again(strength));
        }
        let old = json!({ "max_age": 3600, "acr_values": "gold silver" });
        assert_eq!(answer(&strong, ago(7200), Some("gold"), NOON), again(old));
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_named() {
        for (name, value) in [
            ("SESSION_FRESH_MINUTES", "0"),
            ("SESSION_FRESH_MINUTES", "soon"),
            ("SESSION_STEP_UP_ACR", "caf\u{e9}"),
            ("OIDC_STEP_UP", "acr"),
        ] {
            assert_eq!(step_up(&[(name, value)]).unwrap_err().names(), [name]);
            assert_eq!(step_up(&[(name, "")]), step_up(&[]), "empty is absent");
        }
    }
}
