//! Fault injection: how the provider misbehaves for one user, so that a person or a test can
//! see how the application reacts. Other users are not affected, so tests can run in parallel.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};

use crate::params::Params;

/// The longest delay of the token endpoint, in seconds.
pub(crate) const MAX_DELAY: i64 = 120;
/// The longest lifetime of an access token, in seconds: a day.
pub(crate) const MAX_LIFETIME: i64 = 24 * 60 * 60;
/// How many seconds ago an access token can have expired when it is issued. An API that allows
/// for clock skew accepts a token for longer than it lives; this saves waiting for that.
pub(crate) const MAX_EXPIRED: i64 = 60 * 60;

const DELAY: &str = "delay_seconds";
const LIFETIME: &str = "access_token_seconds";

/// A fault that is either on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The token endpoint answers 500 and does nothing.
    TokenEndpointFails,
    /// Every refresh token is refused.
    RefreshRefused,
    /// Using a refresh token a second time ends its sign-in.
    ReuseDetected,
    /// ID tokens don't contain the user's names.
    ThinIdToken,
    /// No logout token is posted, so that only the front-channel logout frames remain.
    LogoutTokensLost,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] = [
        Self::TokenEndpointFails,
        Self::RefreshRefused,
        Self::ReuseDetected,
        Self::ThinIdToken,
        Self::LogoutTokensLost,
    ];

    /// The form's field.
    pub(crate) fn name(self) -> &'static str {
        self.texts().0
    }

    pub(crate) fn title(self) -> &'static str {
        self.texts().1
    }

    pub(crate) fn help(self) -> &'static str {
        self.texts().2
    }

    fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::TokenEndpointFails => (
                "token_endpoint_fails",
                "The token endpoint fails",
                "It answers 500, and codes and refresh tokens stay unused. The session must \
                 continue while its access token is valid.",
            ),
            Self::RefreshRefused => (
                "refresh_refused",
                "Refresh is refused",
                "It answers invalid_grant, as after a password change. The session must end.",
            ),
            Self::ReuseDetected => (
                "reuse_detected",
                "Reusing a refresh token ends the sign-in",
                "As RFC 9700 advises. When the application refreshes many times at once, only \
                 one request may arrive here.",
            ),
            Self::ThinIdToken => (
                "thin_id_token",
                "The ID token has no names",
                "No name, email or preferred_username: the application has to call the userinfo \
                 endpoint. Takes effect at the next sign-in.",
            ),
            Self::LogoutTokensLost => (
                "logout_tokens_lost",
                "Logout tokens are lost",
                "No back-channel logout: the front-channel logout frame alone must end the \
                 session in that browser.",
            ),
        }
    }
}

/// The faults that are set for one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UserFaults {
    /// How many seconds the token endpoint waits before it does anything.
    pub(crate) delay_seconds: u64,
    /// How many seconds access tokens live, if not as configured.
    pub(crate) access_token_seconds: Option<i64>,
    on: BTreeSet<Fault>,
}

impl UserFaults {
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.on.contains(&fault)
    }

    /// Reads the control page's form. Fields that it leaves out get their defaults.
    ///
    /// # Errors
    /// A sentence on the first invalid or unknown field.
    pub(crate) fn parse(form: &Params) -> Result<Self, String> {
        let mut parsed = Self::default();
        for name in form.names() {
            let value = form.once(name).ok_or_else(|| format!("The field {name} is repeated."))?;
            if name == DELAY {
                parsed.delay_seconds = number(name, value, 0..=MAX_DELAY)?.unsigned_abs();
            } else if name == LIFETIME {
                parsed.access_token_seconds =
                    Some(number(name, value, -MAX_EXPIRED..=MAX_LIFETIME)?);
            } else if let Some(fault) = Fault::ALL.into_iter().find(|it| it.name() == name) {
                parsed.on.insert(fault);
            } else {
                return Err(format!("Unknown field {name}."));
            }
        }
        Ok(parsed)
    }

    /// The same fields as JSON.
    pub(crate) fn json(&self) -> Value {
        let mut value = json!({ DELAY: self.delay_seconds, LIFETIME: self.access_token_seconds });
        for fault in Fault::ALL {
            value[fault.name()] = self.has(fault).into();
        }
        value
    }
}

fn number(name: &str, value: &str, range: RangeInclusive<i64>) -> Result<i64, String> {
    value.trim().parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        format!("{name} must be a number of seconds from {} to {}.", range.start(), range.end())
    })
}

/// The faults by object id; forgotten when the process ends.
#[derive(Default)]
pub(crate) struct FaultInjection(Mutex<BTreeMap<String, UserFaults>>);

impl FaultInjection {
    /// The faults for this user: none for most.
    pub(crate) fn of(&self, oid: &str) -> UserFaults {
        self.lock().get(oid).cloned().unwrap_or_default()
    }

    pub(crate) fn set(&self, oid: &str, faults: UserFaults) {
        self.lock().insert(oid.to_owned(), faults);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, UserFaults>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, UserFaults};
    use crate::params::Params;

    fn parse(form: &str) -> Result<UserFaults, String> {
        UserFaults::parse(&Params::parse(form.as_bytes()))
    }

    #[test]
    fn a_form_sets_the_fields_it_names_and_no_others() {
        let parsed = parse("delay_seconds=3&access_token_seconds=&thin_id_token=on").unwrap();
        assert_eq!((parsed.delay_seconds, parsed.access_token_seconds), (3, None));
        for fault in Fault::ALL {
            assert_eq!(parsed.has(fault), fault == Fault::ThinIdToken);
        }
        assert_eq!(parse("").unwrap(), UserFaults::default());
    }

    #[test]
    fn an_invalid_form_is_refused() {
        for form in [
            "thin=on",
            "delay_seconds=x",
            "delay_seconds=121",
            "access_token_seconds=-3601",
            "access_token_seconds=86401",
            "delay_seconds=1&delay_seconds=2",
        ] {
            assert!(parse(form).is_err(), "{form}");
        }
    }
}
