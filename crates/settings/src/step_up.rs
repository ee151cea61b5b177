//! How a stronger sign-in is requested, and where the ID token says that it was one.

use std::str::FromStr;

use auth::AcrClaim;

use crate::{Environment, Setting, SettingError};

const STEP_UP: Setting = Setting::new(
    "OIDC_STEP_UP",
    "how a stronger sign-in is requested, and which claim proves it: `acr_values` (`acr`), `acrs` \
     (authentication contexts of Entra, in `claims`), or `none` if the provider has no way",
    "acr_values",
)
.by_profile();

/// How a stronger sign-in is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepUpMethod {
    /// By `acr_values` (`OpenID` Connect Core, section 3.1.2.1).
    AcrValues,
    /// By the `claims` parameter (`OpenID` Connect Core, section 5.5), as Entra wants its
    /// authentication contexts.
    Acrs,
    /// Not at all.
    None,
}

impl StepUpMethod {
    /// Reads `OIDC_STEP_UP`.
    ///
    /// # Errors
    /// When it is none of the methods.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        environment.required(&STEP_UP)
    }

    /// The claim of the ID token that has one of the values. Without a method, it is one that the
    /// provider does not send: a demand is never dropped.
    pub fn claim(self) -> AcrClaim {
        match self {
            Self::Acrs => AcrClaim::Acrs,
            Self::AcrValues | Self::None => AcrClaim::Acr,
        }
    }
}

impl FromStr for StepUpMethod {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "acr_values" => Ok(Self::AcrValues),
            "acrs" => Ok(Self::Acrs),
            "none" => Ok(Self::None),
            _ => Err("it must be acr_values, acrs or none"),
        }
    }
}
