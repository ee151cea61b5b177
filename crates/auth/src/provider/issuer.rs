//! Who issues tokens.

use std::{fmt, str::FromStr, sync::Arc};

use url::{Host, Url};

use crate::{ConfigError, config_error::without_user_info};

/// The exact `iss` of the tokens to accept, an address with https (or http on
/// a loopback host) without query and fragment.
///
/// It is compared byte by byte, as RFC 8414 demands, so it is kept as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Issuer {
    text: Arc<str>,
    /// Where in `text` the tenant id of an Entra issuer stands.
    tenant: Option<(usize, usize)>,
}

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// When it is not an absolute URL, not https (loopback hosts excepted), or
    /// carries a query, a fragment, credentials or a placeholder.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let fault = |reason| ConfigError::Issuer { value: without_user_info(text), reason };
        if text.contains(['{', '}']) {
            return Err(fault("is a template: no token has it (see ProviderConfig::for_tenants)"));
        }
        if text.contains("/.well-known/") {
            return Err(fault(
                "is the address of the metadata; give the `issuer` that stands in it",
            ));
        }
        // Entra's names for any tenant, which no token has.
        let path = text.trim_end_matches('/').strip_suffix("/v2.0").unwrap_or_default();
        if ["/common", "/organizations", "/consumers"].iter().any(|name| path.ends_with(name)) {
            return Err(fault(
                "names no tenant: no token has it (see ProviderConfig::for_tenants)",
            ));
        }
        Self::template(text)
    }

    /// Reads an issuer that may have placeholders.
    pub(crate) fn template(text: &str) -> Result<Self, ConfigError> {
        let fault = |reason| ConfigError::Issuer { value: without_user_info(text), reason };
        let url =
            Url::parse(text).map_err(|_| fault("is no absolute URL; it begins with https://"))?;
        if !is_safe_endpoint(&url) {
            return Err(fault("must be https (http only on a loopback host)"));
        }
        // The text too: the parser drops an empty query, and spaces and control
        // characters around it.
        let unseen = |c: char| c.is_whitespace() || c.is_control();
        if text.contains(['?', '#', '@']) || text.contains(unseen) {
            return Err(fault("must have no query, fragment, credentials or spaces"));
        }
        Ok(Self { text: text.into(), tenant: tenant(text) })
    }

    /// The issuer as it stands in a token.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is an issuer of Microsoft Entra: its path ends in
    /// `/{tenant-guid}/v2.0`. Its tokens must then carry `ver` and `tid`.
    pub fn is_entra(&self) -> bool {
        self.tenant.is_some()
    }

    /// The tenant id of an Entra issuer, as written in it.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.map(|(start, end)| &self.text[start..end])
    }
}

impl FromStr for Issuer {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn tenant(text: &str) -> Option<(usize, usize)> {
    let end = text.strip_suffix("/v2.0")?.len();
    let start = text[..end].rfind('/')? + 1;
    is_guid(&text[start..end]).then_some((start, end))
}

pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a provider may be asked at this address: https, or http on a loopback
/// host. Over plain HTTP an attacker on the network could insert a key and
/// from then on sign tokens that we accept.
///
/// Keys and metadata are never fetched from another address. Use it for the
/// endpoints that you take from [`Metadata`](crate::Metadata), too.
pub fn is_safe_endpoint(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => url.host().is_some_and(|host| is_loopback(&host)),
        _ => false,
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";

    #[test]
    fn an_entra_issuer_is_known_by_its_path() {
        let issuer =
            Issuer::parse(&format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0")).unwrap();
        assert_eq!(issuer.tenant(), Some(TENANT));
        for other in [
            "https://accounts.example.com".to_owned(),
            format!("https://login.example.com/{TENANT}/v2.0/"),
            format!("https://login.example.com/{TENANT}"),
        ] {
            assert!(!Issuer::parse(&other).unwrap().is_entra(), "{other}");
        }
    }

    #[test]
    fn an_issuer_is_https_or_on_a_loopback_host() {
        for good in
            ["https://a.example", "http://localhost:3001/x", "http://127.0.0.1", "http://[::1]:9/x"]
        {
            assert!(Issuer::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "http://a.example",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "ftp://localhost",
            "file:///etc/passwd",
            "https://a.example/?",
            "https://a.example/?x=1",
            "https://a.example/#",
            "https://user@a.example",
            " https://a.example",
            "https://a.example\u{1}",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/common/v2.0",
            "https://login.microsoftonline.com/organizations/v2.0/",
            "https://a.example/.well-known/openid-configuration",
        ] {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
    }
}
