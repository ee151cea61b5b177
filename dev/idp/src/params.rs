//! Parameters as OAuth sends them: form-encoded, each at most once.

use std::collections::{BTreeMap, BTreeSet};

/// The parameters of one request. Empty values count as absent (RFC 6749, section 3.1).
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Params {
    /// Reads a query or a form body; bytes that are no UTF-8 become replacement characters.
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        let mut params = Self::default();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            if value.is_empty() {
                continue;
            }
            if params.values.insert(name.to_string(), value.into_owned()).is_some() {
                params.repeated.insert(name.into_owned());
            }
        }
        params
    }

    /// The parameter, unless it is absent or was sent twice.
    pub(crate) fn once(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name)?;
        (!self.repeated.contains(name)).then_some(value)
    }

    /// The same with this parameter, whatever it was before.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The names of all parameters that are not empty.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The name of a parameter that was sent twice.
    pub(crate) fn repeated(&self) -> Option<&str> {
        self.repeated.first().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn a_repeated_parameter_is_no_parameter() {
        let params = Params::parse(b"a=1&b=2&b=3&c=&d=x%20y+z");
        assert_eq!(params.once("a"), Some("1"));
        assert_eq!(params.once("b"), None);
        assert_eq!(params.once("c"), None);
        assert_eq!(params.once("d"), Some("x y z"));
        assert_eq!(params.repeated(), Some("b"));
    }
}
