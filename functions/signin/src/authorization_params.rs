//! The query of `GET /signin`.

use std::time::Duration;

use auth::{AcrValues, Issuer};
use relying_party::{Interaction, InteractionError};
use serve::PublicOrigin;
use session::ReturnTo;
use settings::StepUpMethod;
use url::{Position, Url, form_urlencoded};

/// The validated parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuthorizationParams {
    pub(crate) return_to: ReturnTo,
    pub(crate) interaction: Interaction,
    pub(crate) max_age: Option<Duration>,
    pub(crate) acr_values: Option<AcrValues>,
}

/// An invalid parameter. The message names the parameter, not its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParamsError {
    #[error("{0} is repeated")]
    Repeated(&'static str),
    #[error("{0} is invalid")]
    Invalid(&'static str),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("acr_values cannot be requested: OIDC_STEP_UP is none")]
    StepUpUnsupported,
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

impl From<InteractionError> for ParamsError {
    fn from(InteractionError(name): InteractionError) -> Self {
        Self::Invalid(name)
    }
}

impl AuthorizationParams {
    /// Ignores unknown parameters and those without a value, and refuses repeated ones (RFC 6749,
    /// section 3.1). `return_to` is never an error: anything but a path on our origin becomes `/`.
    ///
    /// `iss` and `target_link_uri` belong to third-party-initiated login (OpenID Connect Core,
    /// section 4): `iss` must be our provider, and the target is used like `return_to` if it is on
    /// our origin.
    pub(crate) fn parse(
        query: &str,
        issuer: &Issuer,
        origin: &PublicOrigin,
        step_up: StepUpMethod,
    ) -> Result<Self, ParamsError> {
        let mut values: [Option<String>; NAMES.len()] = Default::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(at) = NAMES.iter().position(|known| *known == name) else { continue };
            if values[at].replace(value.into_owned()).is_some() {
                return Err(ParamsError::Repeated(NAMES[at]));
            }
        }
        let given = values.map(|value| value.filter(|text| !text.is_empty()));
        let [return_to, prompt, login_hint, ui_locales, max_age, acr_values, iss, target] = given;
        if iss.is_some_and(|iss| iss != issuer.as_str()) {
            return Err(ParamsError::Invalid("iss"));
        }
        let return_to = return_to.or_else(|| path_on(origin, &target?));
        let max_age = max_age.map(|text| seconds(&text).ok_or(ParamsError::Invalid("max_age")));
        if acr_values.is_some() && step_up == StepUpMethod::None {
            return Err(ParamsError::StepUpUnsupported);
        }
        let acr_values = acr_values.map(|text| AcrValues::parse(&text)).transpose();
        Ok(Self {
            return_to: return_to.map_or_else(ReturnTo::home, |text| ReturnTo::parse(&text)),
            interaction: Interaction::parse([prompt, login_hint, ui_locales])?,
            max_age: max_age.transpose()?,
            acr_values: acr_values.map_err(|_| ParamsError::Invalid("acr_values"))?,
        })
    }
}

impl AuthorizationParams {
    /// The URL of `GET /signin` with the same parameters.
    pub(crate) fn url(&self) -> String {
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

    fn parse(query: &str) -> Result<AuthorizationParams, ParamsError> {
        let issuer = Issuer::parse("https://login.example").unwrap();
        let origin = "https://todos.example.com".parse().unwrap();
        AuthorizationParams::parse(query, &issuer, &origin, StepUpMethod::AcrValues)
    }

    #[test]
    fn an_empty_query_has_no_params() {
        let nothing = AuthorizationParams {
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
    fn every_parameter_is_read() {
        let query = "return_to=%2Ftodos%3Fa%3D1&prompt=login+consent&login_hint=ada%40example.com\
                     &ui_locales=de-CH+en&max_age=300&acr_values=gold+silver";
        let params = parse(query).unwrap();
        assert_eq!(params.return_to.as_str(), "/todos?a=1");
        let asked: Vec<_> = params.interaction.parameters().map(|(_, value)| value).collect();
        assert_eq!(asked, ["login consent", "ada@example.com", "de-CH en"]);
        assert_eq!(params.max_age, Some(Duration::from_mins(5)));
        assert_eq!(params.acr_values.unwrap().as_str(), "gold silver");
    }

    #[test]
    fn params_survive_their_own_url() {
        for query in [
            "",
            "return_to=%2Ftodos%3Fa%3D1%26b%23c&prompt=login+consent&login_hint=a%26b%3D%2B\
             &ui_locales=de-CH+en&max_age=0&acr_values=gold+silver",
        ] {
            let params = parse(query).unwrap();
            let url = params.url();
            assert_eq!(parse(url.strip_prefix("/signin?").unwrap()).unwrap(), params);
        }
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        for name in NAMES {
            let twice = format!("{name}=&{name}=1");
            assert_eq!(parse(&twice), Err(ParamsError::Repeated(name)));
        }
    }

    #[test]
    fn an_invalid_parameter_is_refused() {
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
            assert_eq!(parse(query), Err(ParamsError::Invalid(name)), "{query}");
        }
        let long = "x".repeat(257);
        assert!(parse(&format!("login_hint={long}")).is_err());
        assert!(parse(&format!("login_hint={}", &long[1..])).is_ok());
        assert!(parse(&format!("ui_locales={}", &long[128..])).is_err());
    }

    #[test]
    fn a_sign_in_for_another_provider_is_refused() {
        for iss in ["https://evil.example", "https://login.example/", "HTTPS://LOGIN.EXAMPLE", "x"]
        {
            assert_eq!(parse(&format!("iss={iss}")), Err(ParamsError::Invalid("iss")), "{iss}");
        }
        assert!(parse("iss=https://login.example").is_ok());
    }

    #[test]
    fn target_link_uri_is_used_only_on_our_origin() {
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
