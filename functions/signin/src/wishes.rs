//! What the query of `GET /signin` asks for.

use std::time::Duration;

use relying_party::Prompt;
use session::ReturnTo;
use url::form_urlencoded;

/// The query's parameters, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub(crate) return_to: ReturnTo,
    pub(crate) prompt: Option<Prompt>,
    pub(crate) login_hint: Option<String>,
    pub(crate) ui_locales: Option<String>,
    pub(crate) max_age: Option<Duration>,
}

/// A parameter that cannot be passed on as it is. Its text names the parameter, not its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WishesError {
    #[error("{0} is there more than once")]
    Repeated(&'static str),
    #[error("{0} is not what it must be")]
    Invalid(&'static str),
}

const NAMES: [&str; 5] = ["return_to", "prompt", "login_hint", "ui_locales", "max_age"];

/// In bytes; longer than any email address. The whole redirect must stay short enough for every
/// provider.
const LONGEST_HINT: usize = 256;
const LONGEST_LOCALES: usize = 128;

impl Wishes {
    /// Parameters that we do not know are ignored, those without a value count as absent, and none
    /// may be there twice (RFC 6749, section 3.1). `return_to` is never an error: what is not a
    /// path on our origin becomes `/`.
    pub(crate) fn parse(query: &str) -> Result<Self, WishesError> {
        let mut values: [Option<String>; NAMES.len()] = Default::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(at) = NAMES.iter().position(|known| *known == name) else { continue };
            if values[at].replace(value.into_owned()).is_some() {
                return Err(WishesError::Repeated(NAMES[at]));
            }
        }
        let given = values.map(|value| value.filter(|text| !text.is_empty()));
        let [return_to, prompt, login_hint, ui_locales, max_age] = given;
        let prompt = prompt.map(|text| Prompt::parse(&text)).transpose();
        let max_age = max_age.map(|text| seconds(&text).ok_or(WishesError::Invalid("max_age")));
        Ok(Self {
            return_to: return_to.map_or_else(ReturnTo::home, |text| ReturnTo::parse(&text)),
            prompt: prompt.map_err(|_| WishesError::Invalid("prompt"))?,
            login_hint: judged("login_hint", login_hint, is_hint)?,
            ui_locales: judged("ui_locales", ui_locales, are_locales)?,
            max_age: max_age.transpose()?,
        })
    }
}

fn judged(
    name: &'static str,
    value: Option<String>,
    is_good: fn(&str) -> bool,
) -> Result<Option<String>, WishesError> {
    match value {
        Some(text) if !is_good(&text) => Err(WishesError::Invalid(name)),
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

/// Digits alone, few enough for any sum.
fn seconds(text: &str) -> Option<Duration> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u32 = digits.then(|| text.parse().ok()).flatten()?;
    Some(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wished_for_without_a_query() {
        let nothing = Wishes {
            return_to: ReturnTo::home(),
            prompt: None,
            login_hint: None,
            ui_locales: None,
            max_age: None,
        };
        for query in ["", "&&", "prompt=&max_age=&login_hint=", "x=1&x=2&scope=admin", "%ff=%00"] {
            assert_eq!(Wishes::parse(query), Ok(nothing.clone()), "{query}");
        }
    }

    #[test]
    fn every_wish_is_read() {
        let query = "return_to=%2Ftodos%3Fa%3D1&prompt=login+consent&login_hint=ada%40example.com\
                     &ui_locales=de-CH+en&max_age=300";
        let wishes = Wishes::parse(query).unwrap();
        assert_eq!(wishes.return_to.as_str(), "/todos?a=1");
        assert_eq!(wishes.prompt.unwrap().as_str(), "login consent");
        assert_eq!(wishes.login_hint.as_deref(), Some("ada@example.com"));
        assert_eq!(wishes.ui_locales.as_deref(), Some("de-CH en"));
        assert_eq!(wishes.max_age, Some(Duration::from_mins(5)));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        for name in NAMES {
            let twice = format!("{name}=&{name}=1");
            assert_eq!(Wishes::parse(&twice), Err(WishesError::Repeated(name)));
        }
    }

    #[test]
    fn a_wish_that_cannot_be_passed_on_is_refused() {
        for (query, name) in [
            ("prompt=whatever", "prompt"),
            ("prompt=none+login", "prompt"),
            ("max_age=soon", "max_age"),
            ("max_age=-1", "max_age"),
            ("max_age=%2B1", "max_age"),
            ("max_age=1.5", "max_age"),
            ("max_age=4294967296", "max_age"),
            ("login_hint=a%0d%0ab", "login_hint"),
            ("ui_locales=de,en", "ui_locales"),
            ("ui_locales=de++en", "ui_locales"),
        ] {
            assert_eq!(Wishes::parse(query), Err(WishesError::Invalid(name)), "{query}");
        }
        let long = "x".repeat(257);
        assert!(Wishes::parse(&format!("login_hint={long}")).is_err());
        assert!(Wishes::parse(&format!("login_hint={}", &long[1..])).is_ok());
        assert!(Wishes::parse(&format!("ui_locales={}", &long[128..])).is_err());
    }
}
