//! Parameters that shape the pages that the provider shows.

/// The parameters of an authorization request that shape what the user sees at the provider
/// (`OpenID` Connect Core, section 3.1.2.1). The response doesn't need to be checked against them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interaction([Option<String>; 3]);

/// Of `prompt` (`OpenID` Connect Core, section 3.1.2.1, and Initiating User Registration for
/// `create`).
const PROMPTS: [&str; 5] = ["none", "login", "consent", "select_account", "create"];

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
    pub fn parse(values: [Option<String>; 3]) -> Result<Self, InteractionError> {
        let rules: [fn(&str) -> bool; 3] = [is_prompt, is_hint, are_locales];
        for ((name, is_valid), value) in Self::NAMES.into_iter().zip(rules).zip(&values) {
            if value.as_deref().is_some_and(|text| !is_valid(text)) {
                return Err(InteractionError(name));
            }
        }
        Ok(Self(values))
    }

    /// The parameters that have a value.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let values = self.0.iter().map(Option::as_deref);
        Self::NAMES.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?)))
    }
}

/// An invalid parameter. The message names the parameter, not its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is invalid")]
pub struct InteractionError(pub &'static str);

/// Known values separated by single spaces, each once, and `none` alone.
fn is_prompt(text: &str) -> bool {
    let values: Vec<_> = text.split(' ').collect();
    let is_known_and_new = |(at, value)| PROMPTS.contains(value) && !values[..at].contains(value);
    values.iter().enumerate().all(is_known_and_new)
        && (values == ["none"] || !values.contains(&"none"))
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
    fn known_prompts_are_valid() {
        for good in ["none", "login", "login consent", "select_account", "create"] {
            assert!(parse("prompt", good).is_ok(), "{good}");
        }
    }

    #[test]
    fn unknown_repeated_and_contradictory_prompts_are_invalid() {
        for bad in
            ["", " ", "LOGIN", "login  consent", "login login", "none login", "x", "login&a=b"]
        {
            assert_eq!(parse("prompt", bad), Err(InteractionError("prompt")), "{bad:?}");
        }
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
