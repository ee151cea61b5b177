//! The authorization response, which the provider sends through the browser.

use url::form_urlencoded;

use crate::Endpoints;

/// The parameters of an authorization response (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
/// It is untrusted: anyone who can make the browser open a URL can write it.
///
/// It has no `Debug`, because it contains the code.
#[derive(Default, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// The `state` of the authorization request.
    pub state: Option<String>,
    /// The issuer that responds (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The authorization code.
    pub code: Option<String>,
}

/// A parameter is repeated, which RFC 6749 (section 3.1) forbids: two readers could use different
/// values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatedParameterError;

impl AuthorizationResponse {
    /// Reads a query. Ignores unknown parameters and those without a value.
    ///
    /// # Errors
    /// When one of these parameters is repeated.
    pub fn parse(query: &str) -> Result<Self, RepeatedParameterError> {
        let mut response = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut response.state,
                "iss" => &mut response.iss,
                "error" => &mut response.error,
                "code" => &mut response.code,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(RepeatedParameterError);
            }
        }
        let Self { state, iss, error, code } = &mut response;
        for place in [state, iss, error, code] {
            place.take_if(|value| value.is_empty());
        }
        Ok(response)
    }

    /// Whether it is this issuer's (RFC 9207, section 2.4): `iss`, if present, must be the issuer,
    /// and is required if the provider's metadata says so.
    pub fn is_from(&self, issuer: &str, endpoints: &Endpoints) -> bool {
        self.iss.as_deref().map_or(!endpoints.sends_iss(), |iss| iss == issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_and_unknown_ones_ignored() {
        let response = AuthorizationResponse::parse(
            "code=a%2Bb&state=s&iss=https%3A%2F%2Fx&session_state=1&error=",
        );
        let response = response.ok().unwrap();
        assert_eq!(response.code.as_deref(), Some("a+b"));
        assert_eq!(response.state.as_deref(), Some("s"));
        assert_eq!(response.iss.as_deref(), Some("https://x"));
        assert_eq!(response.error, None);
    }

    #[test]
    fn a_repeated_parameter_is_refused_even_with_the_same_value() {
        for name in ["state", "iss", "error", "code"] {
            assert!(AuthorizationResponse::parse(&format!("{name}=1&{name}=1")).is_err(), "{name}");
            assert!(AuthorizationResponse::parse(&format!("{name}=&{name}=")).is_err(), "{name}");
        }
        assert!(AuthorizationResponse::parse("x=1&x=2").is_ok());
    }
}
