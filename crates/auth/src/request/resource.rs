//! The API, as its clients know it.

use std::{fmt, str::FromStr};

use url::Url;

use crate::{ConfigError, config_error::without_user_info, is_safe_endpoint};

/// The protected resource's identifier (RFC 9728, section 1.2): the address
/// under which clients know the API, e.g. `https://api.example.com`.
///
/// It is configured, or said by the gateway; never taken from a `Host` header,
/// which the sender of the request chooses.
#[derive(Clone, PartialEq, Eq)]
pub struct Resource(Url);

impl Resource {
    /// Reads the address.
    ///
    /// # Errors
    /// When it is not an absolute URL, not https (loopback hosts excepted), or
    /// carries a query, a fragment or credentials.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let reason = "is no absolute URL";
        let fault = |_| ConfigError::Resource { value: without_user_info(text), reason };
        Url::parse(text).map_err(fault)?.try_into()
    }

    /// Where its metadata is (RFC 9728, section 3.1).
    pub fn metadata(&self) -> Url {
        let path = self.0.path().trim_end_matches('/');
        let mut metadata = self.0.clone();
        metadata.set_path(&format!("/.well-known/oauth-protected-resource{path}"));
        metadata
    }

    /// The address of a path on its origin, normalized (RFC 3986, section 6.2).
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        // URL parsers take a backslash for a slash and skip the others. Routers do
        // not, and a proof for one path must not do for another.
        let mut path = path.to_owned();
        for (odd, escaped) in [("\\", "%5C"), ("\t", "%09"), ("\n", "%0A"), ("\r", "%0D")] {
            path = path.replace(odd, escaped);
        }
        url.set_path(&path);
        url
    }
}

impl TryFrom<Url> for Resource {
    type Error = ConfigError;

    /// As [`parse`](Self::parse), of an address that was parsed before.
    fn try_from(url: Url) -> Result<Self, ConfigError> {
        let fault =
            |reason| ConfigError::Resource { value: without_user_info(url.as_str()), reason };
        if !is_safe_endpoint(&url) {
            return Err(fault("must be https (http only on a loopback host)"));
        }
        if url.as_str().contains(['?', '#', '@']) {
            return Err(fault("must have no query, fragment or credentials"));
        }
        Ok(Self(url))
    }
}

impl FromStr for Resource {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Resource").field(&self.0.as_str()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_stands_between_host_and_path() {
        for (resource, metadata) in [
            ("https://api.example", "https://api.example/.well-known/oauth-protected-resource"),
            ("https://api.example/", "https://api.example/.well-known/oauth-protected-resource"),
            (
                "https://api.example:8443/v1/",
                "https://api.example:8443/.well-known/oauth-protected-resource/v1",
            ),
        ] {
            assert_eq!(Resource::parse(resource).unwrap().metadata().as_str(), metadata);
        }
    }

    #[test]
    fn a_resource_is_https_or_on_a_loopback_host() {
        for bad in [
            "",
            "api",
            "http://api.example",
            "https://api.example?x",
            "https://api.example#x",
            "https://me@api.example",
        ] {
            assert!(Resource::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Resource::parse("http://localhost:3000").unwrap().to_string(),
            "http://localhost:3000"
        );
    }
}
