//! How strong a sign-in is to be.

use std::{fmt, str::FromStr};

/// Accepted classes of authentication, the preferred one first: the value of
/// `acr_values` (OpenID Connect Core, section 3.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrValues(Box<str>);

impl AcrValues {
    /// In bytes. They ride in a cookie and in two addresses.
    pub const LONGEST: usize = 96;

    /// Reads values separated by single spaces.
    ///
    /// # Errors
    /// When there is none, one has other characters than printable ASCII, or they are longer than
    /// [`LONGEST`](Self::LONGEST).
    pub fn parse(text: &str) -> Result<Self, AcrValuesError> {
        let is_value =
            |value: &str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() > Self::LONGEST || !text.split(' ').all(is_value) {
            return Err(AcrValuesError);
        }
        Ok(Self(text.into()))
    }

    /// The parameter's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a sign-in with this `acr` is accepted.
    pub fn contain(&self, acr: &str) -> bool {
        self.0.split(' ').any(|value| value == acr)
    }
}

impl FromStr for AcrValues {
    type Err = AcrValuesError;

    fn from_str(text: &str) -> Result<Self, AcrValuesError> {
        Self::parse(text)
    }
}

impl fmt::Display for AcrValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The claim of an ID token that says how strong the sign-in was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AcrClaim {
    /// `acr`, one value (OpenID Connect Core, section 2).
    #[default]
    Acr,
    /// `acrs`, a list: the authentication contexts of Microsoft Entra.
    Acrs,
}

impl AcrClaim {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acr => "acr",
            Self::Acrs => "acrs",
        }
    }
}

/// Not values of `acr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("acr values are printable ASCII with single spaces between them, 96 bytes at most")]
pub struct AcrValuesError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_separated_by_single_spaces() {
        for good in ["1", "gold silver", "http://eidas.europa.eu/LoA/high", &"x".repeat(96)] {
            assert_eq!(AcrValues::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", " ", "a  b", " a", "a ", "a\tb", "a\nb", "caf\u{e9}", &"x".repeat(97)] {
            assert_eq!(AcrValues::parse(bad), Err(AcrValuesError), "{bad:?}");
        }
    }

    #[test]
    fn one_whole_value_will_do() {
        let values = AcrValues::parse("gold silver").unwrap();
        assert!(values.contain("gold") && values.contain("silver"));
        for other in ["", "gol", "GOLD", "gold silver", "bronze"] {
            assert!(!values.contain(other), "{other}");
        }
    }
}
