//! Parameters that only some providers know.

use std::str::FromStr;

use settings::{Environment, Setting, SettingError};
use url::form_urlencoded;

use crate::Interaction;

const AUTHORIZATION_PARAMS: Setting = Setting::new(
    "OIDC_AUTHORIZATION_PARAMS",
    "further parameters of each authorization request, as a query string; a `prompt` of `GET \
     /signin` replaces the one here",
    "audience=https://todo.example.com/api",
)
.by_profile();

/// The parameters of `OIDC_AUTHORIZATION_PARAMS`: none that decides about a sign-in's safety.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdditionalParams(Vec<(String, String)>);

/// Those that we send ourselves, or whose answer we would have to check, and those that would
/// replace the others (RFC 9101).
const OURS: [&str; 18] = [
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "max_age",
    "acr_values",
    "claims",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "dpop_jkt",
];

/// In bytes. The whole redirect must stay short enough for every provider.
const LONGEST: usize = 1024;

impl AdditionalParams {
    /// Reads the setting.
    ///
    /// # Errors
    /// When it is no query string, or has a parameter that is not the provider's own.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        Ok(environment.optional(&AUTHORIZATION_PARAMS)?.unwrap_or_default())
    }

    /// Those that the request does not have itself.
    pub(crate) fn beside(&self, request: &Interaction) -> impl Iterator<Item = (&str, &str)> {
        let has = |name: &str| request.parameters().any(|(other, _)| other == name);
        let all = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(move |(name, _)| !has(name))
    }
}

impl FromStr for AdditionalParams {
    type Err = AdditionalParamsError;

    fn from_str(text: &str) -> Result<Self, AdditionalParamsError> {
        let mut params: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()).into_owned() {
            if let Some(ours) = OURS.into_iter().find(|ours| *ours == name) {
                return Err(AdditionalParamsError::Ours(ours));
            }
            let is_new = params.iter().all(|(other, _)| *other != name);
            if !(is_new && is_name(&name) && is_value(&value)) {
                return Err(AdditionalParamsError::Malformed);
            }
            params.push((name, value));
        }
        if text.len() > LONGEST { Err(AdditionalParamsError::Malformed) } else { Ok(Self(params)) }
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

fn is_value(text: &str) -> bool {
    // What is not UTF-8 was replaced.
    !text.is_empty() && !text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

/// Why these parameters cannot be added to an authorization request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdditionalParamsError {
    /// A parameter of the protocol.
    #[error("{0} is no parameter to add: each sign-in sets it or leaves it out itself")]
    Ours(&'static str),
    /// Not such parameters.
    #[error(
        "it must be a query string of at most 1024 bytes in which each name is there once and has \
         a value"
    )]
    Malformed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AdditionalParams, AdditionalParamsError> {
        text.parse()
    }

    #[test]
    fn parameters_are_read_once_and_those_of_the_request_win() {
        let params = parse("prompt=consent&audience=https://a.example/x%26y&domain_hint=a+b");
        let params = params.unwrap();
        let beside = |request: &Interaction| {
            let pairs = params.beside(request).map(|(name, value)| format!("{name}: {value}"));
            pairs.collect::<Vec<_>>()
        };
        let others = ["audience: https://a.example/x&y", "domain_hint: a b"];
        let nothing = Interaction::default();
        assert_eq!(beside(&nothing), ["prompt: consent", others[0], others[1]]);
        let login = Interaction::parse([Some("login".to_owned()), None, None]).unwrap();
        assert_eq!(beside(&login), others);
    }

    #[test]
    fn the_protocol_s_own_parameters_are_refused_by_name() {
        for name in OURS {
            let error = parse(&format!("audience=a&{name}=x")).unwrap_err();
            assert_eq!(error, AdditionalParamsError::Ours(name));
            assert!(error.to_string().starts_with(name), "{error}");
        }
        assert_eq!(parse("%73tate=x"), Err(AdditionalParamsError::Ours("state")));
    }

    #[test]
    fn what_is_no_query_string_is_refused() {
        let long = "a=".to_owned() + &"x".repeat(1023);
        for bad in
            ["a", "a=", "=a", "a=1&a=2", "?a=1", "a=%0d%0ab", "a=%ff", "a b=1", "{\"a\":1}", &long]
        {
            assert_eq!(parse(bad), Err(AdditionalParamsError::Malformed), "{bad}");
        }
        assert!(parse(&long[..1024]).is_ok());
    }

    #[test]
    fn the_setting_is_optional_and_its_error_names_it() {
        let of = |text: &str| {
            AdditionalParams::from_environment(&Environment::of([(
                AUTHORIZATION_PARAMS.name,
                text,
            )]))
        };
        assert_eq!(of(" ").unwrap(), AdditionalParams::default());
        let error = of("redirect_uri=https://evil.example").unwrap_err().to_string();
        assert!(
            error.starts_with("OIDC_AUTHORIZATION_PARAMS is not valid: redirect_uri"),
            "{error}"
        );
        assert!(!error.contains("evil"), "{error}");
    }
}
