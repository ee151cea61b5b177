//! How the provider is told to behave towards one user, so that a person or a test can see
//! what the application makes of it. Others notice nothing: tests run side by side.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    ops::RangeInclusive,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use crate::{config::RefreshReuse, params::Params, provider::Idp};

/// The longest the token endpoint can be told to wait.
pub(crate) const LONGEST_DELAY: u64 = 120;
/// The longest life an access token can be told to have: a day.
pub(crate) const LONGEST_LIFE: i64 = 24 * 60 * 60;
/// How long ago an access token can have ended when it comes. An API that allows for clocks
/// that differ takes one longer than it lives: whoever does not want to wait for that.
pub(crate) const LONGEST_OVER: i64 = 60 * 60;

const DELAY: &str = "delay_seconds";
const LIFE: &str = "access_token_seconds";

/// Something that is either on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oddity {
    /// The token endpoint answers 500 and does nothing.
    TokenEndpointFails,
    /// Every refresh token is refused.
    RefreshRefused,
    /// A refresh token that comes a second time ends its sign-in.
    ReuseDetected,
    /// The ID token names nobody.
    ThinIdToken,
    /// No logout token is posted, so that what is framed at a sign-out is all there is.
    LogoutTokensLost,
}

impl Oddity {
    pub(crate) const ALL: [Self; 5] = [
        Self::TokenEndpointFails,
        Self::RefreshRefused,
        Self::ReuseDetected,
        Self::ThinIdToken,
        Self::LogoutTokensLost,
    ];

    /// The form's field.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TokenEndpointFails => "token_endpoint_fails",
            Self::RefreshRefused => "refresh_refused",
            Self::ReuseDetected => "reuse_detected",
            Self::ThinIdToken => "thin_id_token",
            Self::LogoutTokensLost => "logout_tokens_lost",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::TokenEndpointFails => "The token endpoint fails",
            Self::RefreshRefused => "Refreshing is refused",
            Self::ReuseDetected => "A refresh token used twice ends the sign-in",
            Self::ThinIdToken => "The ID token names nobody",
            Self::LogoutTokensLost => "Logout tokens are lost",
        }
    }

    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::TokenEndpointFails => {
                "It answers 500 and uses nothing up. The session must go on while its access \
                 token is good."
            }
            Self::RefreshRefused => {
                "It answers invalid_grant, as when a password was changed. The session must end."
            }
            Self::ReuseDetected => {
                "As RFC 9700 advises. Of many refreshes at once only one may come here."
            }
            Self::ThinIdToken => {
                "No name, email or preferred_username: the application has to ask the userinfo \
                 endpoint. Counts from the next sign-in on."
            }
            Self::LogoutTokensLost => {
                "No back-channel logout: the page that is framed at a sign-out must end the \
                 session in that browser by itself."
            }
        }
    }
}

/// What is ordered for one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conduct {
    /// How long the token endpoint waits before it does anything.
    pub(crate) delay_seconds: u64,
    /// How long access tokens live, where not as long as everybody's.
    pub(crate) access_token_seconds: Option<i64>,
    on: BTreeSet<Oddity>,
}

impl Conduct {
    pub(crate) fn has(&self, oddity: Oddity) -> bool {
        self.on.contains(&oddity)
    }

    /// Reads the control page's form. What it does not name is as it should be.
    ///
    /// # Errors
    /// With a sentence on what is wrong; a name that means nothing would else look obeyed.
    pub(crate) fn read(form: &Params) -> Result<Self, String> {
        let mut conduct = Self::default();
        for name in form.names() {
            let value =
                form.once(name).ok_or_else(|| format!("The field {name} is there twice."))?;
            if name == DELAY {
                conduct.delay_seconds = number(name, value, 0..=LONGEST_DELAY)?;
            } else if name == LIFE {
                conduct.access_token_seconds =
                    Some(number(name, value, -LONGEST_OVER..=LONGEST_LIFE)?);
            } else if let Some(oddity) = Oddity::ALL.into_iter().find(|it| it.name() == name) {
                conduct.on.insert(oddity);
            } else {
                return Err(format!("There is no field {name}."));
            }
        }
        Ok(conduct)
    }

    /// The same for scripts.
    pub(crate) fn json(&self) -> Value {
        let mut value = json!({ DELAY: self.delay_seconds, LIFE: self.access_token_seconds });
        for oddity in Oddity::ALL {
            value[oddity.name()] = self.has(oddity).into();
        }
        value
    }
}

fn number<N>(name: &str, value: &str, range: RangeInclusive<N>) -> Result<N, String>
where
    N: FromStr + PartialOrd + Display,
{
    value.trim().parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        format!("{name} is a number of seconds from {} to {}.", range.start(), range.end())
    })
}

/// What is ordered, by object id; forgotten at the end of the process.
#[derive(Default)]
pub(crate) struct Conducts(Mutex<BTreeMap<String, Conduct>>);

impl Conducts {
    /// What is ordered for this user; for most, nothing.
    pub(crate) fn of(&self, oid: &str) -> Conduct {
        self.lock().get(oid).cloned().unwrap_or_default()
    }

    pub(crate) fn order(&self, oid: &str, conduct: Conduct) {
        self.lock().insert(oid.to_owned(), conduct);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Conduct>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idp {
    /// What a used refresh token of this user does.
    pub(crate) fn refresh_reuse(&self, oid: &str) -> RefreshReuse {
        if self.conducts().of(oid).has(Oddity::ReuseDetected) {
            return RefreshReuse::Detected;
        }
        self.config().refresh_reuse
    }

    /// How long access tokens of this user live.
    pub(crate) fn access_token_lifetime_of(&self, oid: &str) -> i64 {
        let ordered = self.conducts().of(oid).access_token_seconds;
        ordered.unwrap_or_else(|| self.access_token_lifetime().cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::{Conduct, Oddity};
    use crate::params::Params;

    fn read(form: &str) -> Result<Conduct, String> {
        Conduct::read(&Params::parse(form.as_bytes()))
    }

    #[test]
    fn a_form_orders_what_it_names_and_nothing_else() {
        let conduct = read("delay_seconds=3&access_token_seconds=&thin_id_token=on").unwrap();
        assert_eq!((conduct.delay_seconds, conduct.access_token_seconds), (3, None));
        for oddity in Oddity::ALL {
            assert_eq!(conduct.has(oddity), oddity == Oddity::ThinIdToken);
        }
        assert_eq!(read("").unwrap(), Conduct::default());
    }

    #[test]
    fn an_order_that_means_nothing_is_refused() {
        for form in [
            "thin=on",
            "delay_seconds=x",
            "delay_seconds=121",
            "access_token_seconds=-3601",
            "access_token_seconds=86401",
            "delay_seconds=1&delay_seconds=2",
        ] {
            assert!(read(form).is_err(), "{form}");
        }
    }
}
