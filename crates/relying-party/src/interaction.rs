//! Parameters that shape the pages that the provider shows.

use crate::Prompt;

/// The parameters of an authorization request that shape what the user sees at the provider
/// (`OpenID` Connect Core, section 3.1.2.1). The response doesn't need to be checked against them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interaction {
    prompt: Option<Prompt>,
    login_hint: Option<String>,
    ui_locales: Option<String>,
}

/// In bytes; longer than any email address. The whole redirect must stay short enough for every
/// provider.
const LONGEST_HINT: usize = 256;
const LONGEST_LOCALES: usize = 128;

impl Interaction {
    /// The names of its parameters, in the order in which [`parse`](Self::parse) takes their
    /// values.
    pub const NAMES: [&str; 3] = ["prompt", "login_hint", "ui_locales"];

    /// Validates the values of a query.
    ///
    /// # Errors
    /// The invalid parameter. Dropping it silently could drop a requirement.
    pub fn parse(
        [prompt, login_hint, ui_locales]: [Option<String>; 3],
    ) -> Result<Self, InteractionError> {
        let prompt = prompt.map(|text| Prompt::parse(&text)).transpose();
        Ok(Self {
            prompt: prompt.map_err(|_| InteractionError("prompt"))?,
            login_hint: validated("login_hint", login_hint, is_hint)?,
            ui_locales: validated("ui_locales", ui_locales, are_locales)?,
        })
    }

    /// What the provider asks the user to do.
    pub fn prompt(&self) -> Option<&Prompt> {
        self.prompt.as_ref()
    }

    /// The user who is probably about to sign in.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// The languages the user prefers, BCP 47 tags separated by spaces.
    pub fn ui_locales(&self) -> Option<&str> {
        self.ui_locales.as_deref()
    }

    /// The parameters that have a value.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let values = [self.prompt().map(Prompt::as_str), self.login_hint(), self.ui_locales()];
        Self::NAMES.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?)))
    }
}

/// An invalid parameter. The message names the parameter, not its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is invalid")]
pub struct InteractionError(pub &'static str);

fn validated(
    name: &'static str,
    value: Option<String>,
    is_valid: fn(&str) -> bool,
) -> Result<Option<String>, InteractionError> {
    match value {
        Some(text) if !is_valid(&text) => Err(InteractionError(name)),
        other => Ok(other),
    }
}

fn is_hint(text: &str) -> bool {
    text.len() <= LONGEST_HINT && !text.chars().any(char::is_control)
}

/// BCP 47 tags separated by single spaces, as far as their characters go.
fn are_locales(text: &str) -> bool {
    let is_tag = |tag: &str| {
        !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= LONGEST_LOCALES && text.split(' ').all(is_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, value: &str) -> Result<Interaction, InteractionError> {
        Interaction::parse(Interaction::NAMES.map(|it| (it == name).then(|| value.to_owned())))
    }

    #[test]
    fn valid_parameters_are_passed_on() {
        let values = ["login", "ada@example.com", "de-CH en"].map(|it| Some(it.to_owned()));
        let interaction = Interaction::parse(values).unwrap();
        let parameters: Vec<_> = interaction.parameters().collect();
        let expected =
            [("prompt", "login"), ("login_hint", "ada@example.com"), ("ui_locales", "de-CH en")];
        assert_eq!(parameters, expected);
        assert_eq!(Interaction::default().parameters().count(), 0);
    }

    #[test]
    fn an_invalid_parameter_is_named() {
        for (name, value) in [
            ("prompt", "whatever"),
            ("prompt", "none login"),
            ("login_hint", "a\r\nb"),
            ("login_hint", &"x".repeat(257)),
            ("ui_locales", "de,en"),
            ("ui_locales", "de  en"),
            ("ui_locales", &"x".repeat(129)),
        ] {
            assert_eq!(parse(name, value).unwrap_err().0, name, "{value:?}");
        }
        assert!(parse("login_hint", &"x".repeat(256)).is_ok());
        assert!(parse("ui_locales", &"x".repeat(128)).is_ok());
    }
}
