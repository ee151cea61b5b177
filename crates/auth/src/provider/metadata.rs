//! The provider's metadata document.

use serde_json::{Map, Value};
use url::Url;

use crate::{FetchError, Issuer, UntrustedText, is_safe_endpoint};

/// A discovery document (OpenID Connect Discovery, section 3) whose issuer is
/// the configured one and whose `jwks_uri` is safe to ask.
#[derive(Clone, Debug)]
pub struct Metadata {
    issuer: Issuer,
    jwks_uri: Url,
    document: Map<String, Value>,
}

impl Metadata {
    /// The issuer, equal to the configured one.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Where the keys are.
    pub fn jwks_uri(&self) -> &Url {
        &self.jwks_uri
    }

    /// The whole document. What is in it besides `issuer` and `jwks_uri` was
    /// not checked: check an endpoint before you use it.
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    pub(crate) fn parse(body: &[u8], issuer: &Issuer, asked: &Url) -> Result<Self, FetchError> {
        let fault =
            |reason: &str| FetchError::Document { document: "metadata", reason: reason.to_owned() };
        let document: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| fault("it is not a JSON object"))?;
        let named = document
            .get("issuer")
            .and_then(Value::as_str)
            .ok_or_else(|| fault("it names no issuer"))?;
        if named != issuer.as_str() {
            let slash = named.trim_end_matches('/') == issuer.as_str().trim_end_matches('/');
            let hint = if slash { "; they differ by the slash at the end" } else { "" };
            let said = UntrustedText::new(named);
            return Err(fault(&format!("its issuer is {said}, not {:?}{hint}", issuer.as_str())));
        }
        let jwks_uri = document
            .get("jwks_uri")
            .and_then(Value::as_str)
            .ok_or_else(|| fault("it has no jwks_uri"))?;
        let jwks_uri = Url::parse(jwks_uri)
            .ok()
            .filter(is_safe_endpoint)
            // A loopback host is for development. From a provider elsewhere it would be this
            // machine, where on Lambda the Runtime API hands out the next event.
            .filter(|url| url.scheme() == "https" || asked.scheme() == "http")
            .ok_or_else(|| {
                fault("its jwks_uri is not https (http only if both are on a loopback host)")
            })?;
        Ok(Self { issuer: issuer.clone(), jwks_uri, document })
    }
}
