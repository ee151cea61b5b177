//! What the query of `GET /signin` asks for.

use std::time::Duration;

use auth::{AcrValues, Issuer};
use relying_party::{Interaction, Unfit};
use serve::PublicOrigin;
use session::ReturnTo;
use url::{Position, Url, form_urlencoded};

/// The query's parameters, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub(crate) return_to: ReturnTo,
    pub(crate) interaction: Interaction,
    pub(crate) max_age: Option<Duration>,
    pub(crate) acr_values: Option<AcrValues>,
}

/// A parameter that cannot be passed on as it is. Its text names the parameter, not its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WishesError {
    #[error("{0} is there more than once")]
    Repeated(&'static str),
    #[error("{0} is not what it must be")]
    Invalid(&'static str),
    #[error("{0} is missing")]
    Missing(&'static str),
}

const NAMES: [&str; 8] = [
    "return_to",
    "prompt",
    "login_hint",
    "ui_locales",
    "max_age",
    "acr_values",
    "iss",
    "target_link_uri",
];

impl From<Unfit> for WishesError {
    fn from(Unfit(name): Unfit) -> Self {
        Self::Invalid(name)
    }
}

impl Wishes {
    /// Parameters that we do not know are ignored, those without a value count as absent, and none
    /// may be there twice (RFC 6749, section 3.1). `return_to` is never an error: what is not a
    /// path on our origin becomes `/`.
    ///
    /// `iss` and `target_link_uri` are those of a sign-in that somebody else begins (OpenID Connect
    /// Core, section 4): a sign-in that is meant for another provider does not begin here, and the
    /// target is taken like `return_to` when it is on our origin.
    pub(crate) fn parse(
        query: &str,
        issuer: &Issuer,
        origin: &PublicOrigin,
    ) -> Result<Self, WishesError> {
        let mut values: [Option<String>; NAMES.len()] = Default::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(at) = NAMES.iter().position(|known| *known == name) else { continue };
            if values[at].replace(value.into_owned()).is_some() {
                return Err(WishesError::Repeated(NAMES[at]));
            }
        }
        let given = values.map(|value| value.filter(|text| !text.is_empty()));
        let [return_to, prompt, login_hint, ui_locales, max_age, acr_values, iss, target] = given;
        if iss.is_some_and(|iss| iss != issuer.as_str()) {
            return Err(WishesError::Invalid("iss"));
        }
        let return_to = return_to.or_else(|| path_on(origin, &target?));
        let max_age = max_age.map(|text| seconds(&text).ok_or(WishesError::Invalid("max_age")));
        let acr_values = acr_values.map(|text| AcrValues::parse(&text)).transpose();
        Ok(Self {
            return_to: return_to.map_or_else(ReturnTo::home, |text| ReturnTo::parse(&text)),
            interaction: Interaction::judge([prompt, login_hint, ui_locales])?,
            max_age: max_age.transpose()?,
            acr_values: acr_values.map_err(|_| WishesError::Invalid("acr_values"))?,
        })
    }
}

impl Wishes {
    /// The address at which `GET /signin` wishes the same.
    pub(crate) fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", self.return_to.as_str());
        query.extend_pairs(self.interaction.parameters());
        if let Some(age) = self.max_age {
            query.append_pair("max_age", &age.as_secs().to_string());
        }
        if let Some(values) = &self.acr_values {
            query.append_pair("acr_values", values.as_str());
        }
        format!("/signin?{}", query.finish())
    }
}

/// Path, query and fragment of an address on our origin.
fn path_on(origin: &PublicOrigin, address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let ours = url.origin() == origin.url("/").origin();
    ours.then(|| url[Position::BeforePath..].to_owned())
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

    fn parse(query: &str) -> Result<Wishes, WishesError> {
        let issuer = Issuer::parse("https://login.example").unwrap();
        Wishes::parse(query, &issuer, &"https://todos.example.com".parse().unwrap())
    }

    #[test]
    fn nothing_is_wished_for_without_a_query() {
        let nothing = Wishes {
            return_to: ReturnTo::home(),
            interaction: Interaction::default(),
            max_age: None,
            acr_values: None,
        };
        for query in ["", "&&", "prompt=&max_age=&login_hint=", "x=1&x=2&scope=admin", "%ff=%00"] {
            assert_eq!(parse(query), Ok(nothing.clone()), "{query}");
        }
    }

    #[test]
    fn every_wish_is_read() {
        let query = "return_to=%2Ftodos%3Fa%3D1&prompt=login+consent&login_hint=ada%40example.com\
                     &ui_locales=de-CH+en&max_age=300&acr_values=gold+silver";
        let wishes = parse(query).unwrap();
        assert_eq!(wishes.return_to.as_str(), "/todos?a=1");
        let asked: Vec<_> = wishes.interaction.parameters().map(|(_, value)| value).collect();
        assert_eq!(asked, ["login consent", "ada@example.com", "de-CH en"]);
        assert_eq!(wishes.max_age, Some(Duration::from_mins(5)));
        assert_eq!(wishes.acr_values.unwrap().as_str(), "gold silver");
    }

    #[test]
    fn wishes_are_the_same_at_their_address() {
        for query in [
            "",
            "return_to=%2Ftodos%3Fa%3D1%26b%23c&prompt=login+consent&login_hint=a%26b%3D%2B\
             &ui_locales=de-CH+en&max_age=0&acr_values=gold+silver",
        ] {
            let wishes = parse(query).unwrap();
            let address = wishes.address();
            assert_eq!(parse(address.strip_prefix("/signin?").unwrap()).unwrap(), wishes);
        }
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        for name in NAMES {
            let twice = format!("{name}=&{name}=1");
            assert_eq!(parse(&twice), Err(WishesError::Repeated(name)));
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
            ("acr_values=gold++silver", "acr_values"),
            ("acr_values=caf%C3%A9", "acr_values"),
        ] {
            assert_eq!(parse(query), Err(WishesError::Invalid(name)), "{query}");
        }
        let long = "x".repeat(257);
        assert!(parse(&format!("login_hint={long}")).is_err());
        assert!(parse(&format!("login_hint={}", &long[1..])).is_ok());
        assert!(parse(&format!("ui_locales={}", &long[128..])).is_err());
    }

    #[test]
    fn a_sign_in_meant_for_another_provider_does_not_begin() {
        for iss in ["https://evil.example", "https://login.example/", "HTTPS://LOGIN.EXAMPLE", "x"]
        {
            assert_eq!(parse(&format!("iss={iss}")), Err(WishesError::Invalid("iss")), "{iss}");
        }
        assert!(parse("iss=https://login.example").is_ok());
    }

    #[test]
    fn the_target_of_a_sign_in_begun_elsewhere_is_taken_on_our_origin_only() {
        let check = |query: &str, expected: &str| {
            assert_eq!(parse(query).unwrap().return_to.as_str(), expected, "{query}");
        };
        check("target_link_uri=https://todos.example.com/a?b%23c", "/a?b#c");
        check("target_link_uri=https://todos.example.com", "/");
        check("target_link_uri=https://evil.example/a", "/");
        check("target_link_uri=https://todos.example.com@evil.example/a", "/");
        check("target_link_uri=http://todos.example.com/a", "/");
        check("target_link_uri=https://todos.example.com//evil.example", "/");
        check("target_link_uri=/a", "/");
        check("target_link_uri=https://todos.example.com/a&return_to=/b", "/b");
    }
}
