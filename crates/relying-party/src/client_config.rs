//! Which provider, and who we are there.

use std::time::Duration;

use auth::{Algorithm, Issuer, ProviderConfig};
use settings::{Environment, SettingError};
use url::Url;

use crate::{ClientId, endpoints};

/// The settings that every function of the web app shares.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The provider that users sign in at.
    pub provider: ProviderConfig,
    /// The web app's id there.
    pub client_id: ClientId,
}

const ISSUER_EXAMPLE: &str = "https://<tenant-id>.ciamlogin.com/<tenant-id>/v2.0";
const METADATA_URL: &str = "OIDC_METADATA_URL";
const METADATA_URL_EXAMPLE: &str =
    "https://<name>.ciamlogin.com/<tenant-id>/v2.0/.well-known/openid-configuration";

impl ClientConfig {
    /// Reads `OIDC_ISSUER`, `OIDC_CLIENT_ID`, `OIDC_METADATA_URL` (where discovery puts it),
    /// `OIDC_ALGORITHMS` (RS256) and `OIDC_LEEWAY_SECONDS` (60).
    ///
    /// # Errors
    /// When one is wrong, or issuer or client id is missing.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let issuer: Issuer = environment.required("OIDC_ISSUER", ISSUER_EXAMPLE)?;
        let mut provider = ProviderConfig::new(issuer);
        provider.metadata_url = metadata_url(environment)?;
        let algorithms: Vec<Algorithm> = environment.list("OIDC_ALGORITHMS", "RS256")?;
        if !algorithms.is_empty() {
            provider.algorithms = algorithms;
        }
        if let Some(seconds) = environment.optional::<u16>("OIDC_LEEWAY_SECONDS", "60")? {
            provider.leeway = Duration::from_secs(seconds.into());
        }
        let example = "22222222-bbbb-4bbb-8bbb-222222222222";
        Ok(Self { provider, client_id: environment.required("OIDC_CLIENT_ID", example)? })
    }
}

fn metadata_url(environment: &Environment) -> Result<Option<Url>, SettingError> {
    let url = environment.optional::<Url>(METADATA_URL, METADATA_URL_EXAMPLE)?;
    if url.as_ref().is_none_or(endpoints::is_safe) {
        return Ok(url);
    }
    let why = "it must be https (http is for localhost only)";
    Err(SettingError::invalid(METADATA_URL, why, METADATA_URL_EXAMPLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment::of([("OIDC_ISSUER", "https://login.example"), ("OIDC_CLIENT_ID", "web")])
    }

    #[test]
    fn issuer_and_client_are_enough() {
        let config = ClientConfig::from_environment(&environment()).unwrap();
        assert_eq!(config.client_id.as_str(), "web");
        assert_eq!(config.provider.issuer.as_str(), "https://login.example");
        assert_eq!(config.provider.algorithms, [Algorithm::RS256]);
        assert_eq!(config.provider.leeway, Duration::from_mins(1));
        assert_eq!(config.provider.metadata_url, None);
    }

    #[test]
    fn a_missing_or_wrong_setting_is_named() {
        for (name, value, fault) in [
            ("OIDC_ISSUER", "", "is not set"),
            ("OIDC_ISSUER", "http://login.example", "is not valid"),
            ("OIDC_CLIENT_ID", " ", "is not set"),
            ("OIDC_CLIENT_ID", "caf\u{e9}", "is not valid"),
            ("OIDC_METADATA_URL", "http://login.example/x", "is not valid"),
            ("OIDC_METADATA_URL", "login", "is not valid"),
            ("OIDC_ALGORITHMS", "RS256 HS256", "is not valid"),
            ("OIDC_ALGORITHMS", "none", "is not valid"),
            ("OIDC_LEEWAY_SECONDS", "-1", "is not valid"),
        ] {
            let environment = environment().with(name, value);
            let error = ClientConfig::from_environment(&environment).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} {fault}")), "{error}");
        }
    }
}
