//! What a sign-in must be like for what an unlocked computer alone must not be enough for.

use std::{
    num::NonZeroU16,
    time::{Duration, SystemTime},
};

use auth::StepUpError;
use http::StatusCode;
use serve::Problem;
use session::Session;
use settings::{Environment, Setting, SettingError, SettingErrors, StepUpMethod, all};

/// How fresh, and how strong, the sign-in of a session must be for a request that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepUp(auth::StepUp);

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
        let max_age = Some(Duration::from_mins(minutes.get().into()));
        Ok(Self(auth::StepUp { max_age, acr_values, acr_claim: method.claim(), leeway }))
    }

    /// Lets only a session pass that somebody signed in to not long ago and strongly enough.
    ///
    /// # Errors
    /// What to ask the sign-in for that would do.
    pub(crate) fn judge(&self, session: &Session, now: SystemTime) -> Result<(), StepUpError> {
        self.0.check(&session.contents().claims, Some(session.created_at()), now)
    }
}

/// 401 with the parameters of `GET /signin`.
pub(crate) fn problem(again: &StepUpError) -> Problem {
    let problem = Problem::new(StatusCode::UNAUTHORIZED)
        .code("sign_in_again")
        .detail("This needs a sign-in that is newer or stronger. Sign in again first.");
    again.parameters().fold(problem, |problem, (name, value)| problem.member(name, value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

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
        let mut claims = Map::new();
        claims.extend(auth_time.map(|time| ("auth_time".to_owned(), json!(time))));
        claims.extend(acr.map(|acr| ("acr".to_owned(), json!(acr))));
        let judged = step_up(settings).unwrap().0.check(&claims, Some(at(began)), at(NOON));
        let Err(again) = judged else { return Value::Null };
        let mut problem = serde_json::to_value(problem(&again)).unwrap();
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
