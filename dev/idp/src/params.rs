//! OAuth parameters: form-encoded, each at most once.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::{IntoResponse as _, Redirect, Response};
use url::form_urlencoded;

use crate::oauth_error::OAuthError;

/// The parameters of one request. Empty values count as absent (RFC 6749, section 3.1).
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Params {
    /// Reads a query or a form body; invalid UTF-8 becomes replacement characters.
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(encoded) {
            if value.is_empty() {
                continue;
            }
            if params.values.insert(name.to_string(), value.into_owned()).is_some() {
                params.repeated.insert(name.into_owned());
            }
        }
        params
    }

    /// The parameter, unless it is absent or repeated.
    pub(crate) fn once(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name)?;
        (!self.repeated.contains(name)).then_some(value)
    }

    /// The parameter.
    ///
    /// # Errors
    /// If it is absent or repeated.
    pub(crate) fn required(&self, name: &str) -> Result<&str, OAuthError> {
        self.once(name).ok_or_else(|| OAuthError::missing(name))
    }

    /// The parameter; empty if it is absent or repeated.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.once(name).unwrap_or_default()
    }

    /// Replaces a parameter.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The names of all parameters that are not empty.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Refuses repeated parameters.
    pub(crate) fn unrepeated(&self) -> Result<(), OAuthError> {
        match self.repeated.first() {
            None => Ok(()),
            Some(name) => {
                Err(OAuthError::malformed(format!("The parameter '{name}' is duplicated.")))
            }
        }
    }
}

/// Turns a posted form into a navigation with the same parameters. A form on another site comes
/// without our cookies (they are `SameSite=Lax`); the navigation after it comes with them.
pub(crate) fn as_query(endpoint: &str, body: &[u8]) -> Response {
    let pairs = form_urlencoded::parse(body);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Redirect::to(&format!("{endpoint}?{query}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn a_repeated_parameter_is_ignored() {
        let params = Params::parse(b"a=1&b=2&b=3&c=&d=x%20y+z");
        assert_eq!(params.once("a"), Some("1"));
        assert_eq!(params.once("b"), None);
        assert_eq!(params.once("c"), None);
        assert_eq!(params.once("d"), Some("x y z"));
        assert!(params.unrepeated().unwrap_err().message.contains("'b'"));
    }
}
