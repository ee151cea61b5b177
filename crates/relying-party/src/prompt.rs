//! What the provider is to ask of the user.

use std::{fmt, str::FromStr};

/// The `prompt` parameter: known values, each once (`OpenID` Connect Core, section 3.1.2.1, and
/// Initiating User Registration for `create`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt(String);

const VALUES: [&str; 5] = ["none", "login", "consent", "select_account", "create"];

impl Prompt {
    /// Reads values separated by single spaces.
    ///
    /// # Errors
    /// When one is unknown or there twice, or `none` is not alone.
    pub fn parse(text: &str) -> Result<Self, PromptError> {
        let values: Vec<&str> = text.split(' ').collect();
        for (at, value) in values.iter().enumerate() {
            if !VALUES.contains(value) || values[..at].contains(value) {
                return Err(PromptError);
            }
        }
        if values.contains(&"none") && values.len() > 1 {
            return Err(PromptError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The parameter's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Prompt {
    type Err = PromptError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Not a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("prompt is none, or some of login, consent, select_account and create")]
pub struct PromptError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_prompts_are_taken() {
        for good in ["none", "login", "login consent", "select_account", "create"] {
            assert_eq!(Prompt::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn unknown_repeated_and_contradictory_prompts_are_refused() {
        for bad in
            ["", " ", "LOGIN", "login  consent", "login login", "none login", "x", "login&a=b"]
        {
            assert_eq!(Prompt::parse(bad), Err(PromptError), "{bad:?}");
        }
    }
}
