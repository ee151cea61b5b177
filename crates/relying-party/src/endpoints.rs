//! Where the provider wants to be asked.

use std::fmt;

use serde_json::{Map, Value};
use url::Url;

/// The endpoints that a provider's metadata names (`OpenID` Connect Discovery, section 3; RFC 8414,
/// section 2).
///
/// A missing or unusable one is an error only for the function that needs it: `signin` runs without
/// a token endpoint, and sign-out works without an end-session endpoint.
#[derive(Debug, Clone)]
pub struct Endpoints {
    urls: [Result<Url, EndpointError>; EndpointName::ALL.len()],
    requires_pushing: bool,
    sends_iss: bool,
    assertion_algorithms: Vec<String>,
}

impl Endpoints {
    /// Reads them from the metadata document, which is already known to be the issuer's.
    ///
    /// A loopback host is for development: it counts only where the issuer is on one, too. From a
    /// provider elsewhere it would be this machine, which must not be sent codes and secrets.
    pub fn of(document: &Map<String, Value>) -> Self {
        let issuer = document.get("issuer").and_then(Value::as_str);
        let local = issuer.is_some_and(|issuer| issuer.starts_with("http://"));
        Self {
            urls: EndpointName::ALL.map(|name| endpoint(document, name, local)),
            requires_pushing: is_true(document, REQUIRES_PUSHING),
            sends_iss: is_true(document, SENDS_ISS),
            assertion_algorithms: strings(document.get(ASSERTION_ALGORITHMS)),
        }
    }

    /// The address of an endpoint.
    ///
    /// # Errors
    /// When the metadata has none that can be used.
    pub fn url(&self, name: EndpointName) -> Result<&Url, EndpointError> {
        self.urls[name as usize].as_ref().map_err(Clone::clone)
    }

    /// Whether the provider takes no authorization request that was not pushed (RFC 9126, section
    /// 5).
    pub fn requires_pushing(&self) -> bool {
        self.requires_pushing
    }

    /// Whether every authorization response carries `iss` (RFC 9207, section 3). One without it is
    /// then an attack or a fault.
    pub fn sends_iss(&self) -> bool {
        self.sends_iss
    }

    /// The algorithms that the provider takes for `private_key_jwt`; empty when it does not say.
    pub fn assertion_algorithms(&self) -> &[String] {
        &self.assertion_algorithms
    }
}

const REQUIRES_PUSHING: &str = "require_pushed_authorization_requests";
const SENDS_ISS: &str = "authorization_response_iss_parameter_supported";
const ASSERTION_ALGORITHMS: &str = "token_endpoint_auth_signing_alg_values_supported";

/// One of the endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointName {
    /// `authorization_endpoint`: where the browser is sent to sign in.
    Authorization,
    /// `token_endpoint`: where codes and refresh tokens are redeemed.
    Token,
    /// `end_session_endpoint`: where the browser is sent to sign out.
    EndSession,
    /// `revocation_endpoint`: where tokens are revoked (RFC 7009).
    Revocation,
    /// `userinfo_endpoint`: claims about a user (`OpenID` Connect Core, section 5.3).
    Userinfo,
    /// `pushed_authorization_request_endpoint`: where an authorization request is sent before the
    /// browser leaves (RFC 9126).
    PushedAuthorization,
}

impl EndpointName {
    /// In the order of their discriminants.
    const ALL: [Self; 6] = [
        Self::Authorization,
        Self::Token,
        Self::EndSession,
        Self::Revocation,
        Self::Userinfo,
        Self::PushedAuthorization,
    ];

    /// Its name in the metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization_endpoint",
            Self::Token => "token_endpoint",
            Self::EndSession => "end_session_endpoint",
            Self::Revocation => "revocation_endpoint",
            Self::Userinfo => "userinfo_endpoint",
            Self::PushedAuthorization => "pushed_authorization_request_endpoint",
        }
    }
}

impl fmt::Display for EndpointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The provider's metadata has no usable endpoint of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider's metadata has no usable {endpoint}: it {kind}")]
pub struct EndpointError {
    /// Which one.
    pub endpoint: EndpointName,
    /// Why it cannot be used.
    pub kind: EndpointErrorKind,
}

/// Why an endpoint cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointErrorKind {
    /// The metadata does not name it.
    #[error("is absent")]
    Missing,
    /// It is not a string that is an absolute URL.
    #[error("is not a URL")]
    NotUrl,
    /// Plain HTTP to another machine: whoever is on the way would read codes and secrets.
    #[error("is not https (http only if it and the issuer are on a loopback host)")]
    Insecure,
    /// It carries credentials or a fragment, which RFC 6749 (3.1, 3.2) does not allow.
    #[error("carries credentials or a fragment")]
    HasCredentialsOrFragment,
}

fn endpoint(
    document: &Map<String, Value>,
    endpoint: EndpointName,
    local: bool,
) -> Result<Url, EndpointError> {
    let found = match document.get(endpoint.as_str()) {
        None | Some(Value::Null) => Err(EndpointErrorKind::Missing),
        Some(Value::String(text)) => usable(text, local),
        Some(_) => Err(EndpointErrorKind::NotUrl),
    };
    found.map_err(|kind| EndpointError { endpoint, kind })
}

fn usable(text: &str, local: bool) -> Result<Url, EndpointErrorKind> {
    let url = Url::parse(text).map_err(|_| EndpointErrorKind::NotUrl)?;
    if !auth::is_safe_endpoint(&url) || (url.scheme() != "https" && !local) {
        return Err(EndpointErrorKind::Insecure);
    }
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointErrorKind::HasCredentialsOrFragment);
    }
    Ok(url)
}

fn is_true(document: &Map<String, Value>, name: &str) -> bool {
    document.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let values = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn endpoints(document: &Value) -> Endpoints {
        Endpoints::of(document.as_object().unwrap())
    }

    fn error_kind(value: &Value) -> EndpointErrorKind {
        endpoints(&json!({ "token_endpoint": value })).url(EndpointName::Token).unwrap_err().kind
    }

    #[test]
    fn endpoints_are_read_from_the_metadata() {
        let found = endpoints(&json!({
            "issuer": "http://localhost:9",
            "authorization_endpoint": "https://login.example/authorize?p=1",
            "token_endpoint": "http://127.0.0.1:9/token",
            "end_session_endpoint": "http://localhost:9/logout",
            "revocation_endpoint": "http://[::1]:9/revoke",
            "userinfo_endpoint": "https://login.example/userinfo",
            "pushed_authorization_request_endpoint": "https://login.example/par",
            "require_pushed_authorization_requests": true,
            "authorization_response_iss_parameter_supported": true,
        }));
        assert_eq!(
            found.url(EndpointName::Authorization).unwrap().as_str(),
            "https://login.example/authorize?p=1"
        );
        assert_eq!(found.url(EndpointName::Token).unwrap().as_str(), "http://127.0.0.1:9/token");
        assert_eq!(
            found.url(EndpointName::EndSession).unwrap().as_str(),
            "http://localhost:9/logout"
        );
        assert_eq!(found.url(EndpointName::Revocation).unwrap().as_str(), "http://[::1]:9/revoke");
        assert_eq!(
            found.url(EndpointName::Userinfo).unwrap().as_str(),
            "https://login.example/userinfo"
        );
        assert_eq!(
            found.url(EndpointName::PushedAuthorization).unwrap().as_str(),
            "https://login.example/par"
        );
        assert!(found.requires_pushing());
        assert!(found.sends_iss());
    }

    #[test]
    fn a_missing_endpoint_is_an_error_only_where_it_is_needed() {
        let found =
            endpoints(&json!({ "authorization_endpoint": "https://login.example/authorize" }));
        assert!(found.url(EndpointName::Authorization).is_ok());
        assert!(!found.sends_iss());
        assert!(!found.requires_pushing());
        let error = found.url(EndpointName::Token).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the provider's metadata has no usable token_endpoint: it is absent"
        );
    }

    #[test]
    fn an_endpoint_on_plain_http_elsewhere_is_refused() {
        for url in ["http://login.example/token", "http://localhost.example/", "ftp://localhost/"] {
            let document = json!({ "issuer": "http://localhost:9", "token_endpoint": url });
            assert_eq!(
                endpoints(&document).url(EndpointName::Token).unwrap_err().kind,
                EndpointErrorKind::Insecure,
                "{url}"
            );
        }
    }

    #[test]
    fn a_provider_elsewhere_cannot_name_this_machine_as_an_endpoint() {
        for url in
            ["http://127.0.0.1:9001/2018-06-01/runtime", "http://localhost/", "http://[::1]/"]
        {
            let document = json!({ "issuer": "https://login.example", "token_endpoint": url });
            assert_eq!(
                endpoints(&document).url(EndpointName::Token).unwrap_err().kind,
                EndpointErrorKind::Insecure,
                "{url}"
            );
        }
    }

    #[test]
    fn an_endpoint_that_is_no_plain_url_is_refused() {
        for value in [json!("token"), json!(7), json!(["https://login.example/"]), json!("")] {
            assert_eq!(error_kind(&value), EndpointErrorKind::NotUrl, "{value}");
        }
        for url in ["https://a:b@login.example/", "https://login.example/#x"] {
            assert_eq!(
                error_kind(&json!(url)),
                EndpointErrorKind::HasCredentialsOrFragment,
                "{url}"
            );
        }
        assert_eq!(error_kind(&Value::Null), EndpointErrorKind::Missing);
    }
}
