//! What the provider sends back through the browser.

use url::form_urlencoded;

/// The parameters of an authorization response (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
/// Nothing of it is trusted: whoever can make the browser open an address writes it.
///
/// It has no `Debug`, because of the code.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) state: Option<String>,
    pub(crate) iss: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) code: Option<String>,
}

/// A parameter is there more than once, which RFC 6749 (section 3.1) forbids: two readers could
/// take two different ones for the real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repeated;

impl Answer {
    /// Reads a query. Parameters that we do not use are ignored, those without a value count as
    /// absent.
    pub(crate) fn parse(query: &str) -> Result<Self, Repeated> {
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut answer.state,
                "iss" => &mut answer.iss,
                "error" => &mut answer.error,
                "code" => &mut answer.code,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(Repeated);
            }
        }
        let Self { state, iss, error, code } = &mut answer;
        for place in [state, iss, error, code] {
            place.take_if(|value| value.is_empty());
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_and_unknown_ones_ignored() {
        let answer = Answer::parse("code=a%2Bb&state=s&iss=https%3A%2F%2Fx&session_state=1&error=");
        let answer = answer.ok().unwrap();
        assert_eq!(answer.code.as_deref(), Some("a+b"));
        assert_eq!(answer.state.as_deref(), Some("s"));
        assert_eq!(answer.iss.as_deref(), Some("https://x"));
        assert_eq!(answer.error, None);
    }

    #[test]
    fn a_repeated_parameter_is_refused_even_with_the_same_value() {
        for name in ["state", "iss", "error", "code"] {
            assert!(Answer::parse(&format!("{name}=1&{name}=1")).is_err(), "{name}");
            assert!(Answer::parse(&format!("{name}=&{name}=")).is_err(), "{name}");
        }
        assert!(Answer::parse("x=1&x=2").is_ok());
    }
}
