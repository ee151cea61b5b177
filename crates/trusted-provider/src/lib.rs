#![doc = include_str!("../README.md")]

use std::time::Duration;

use auth::{Algorithm, Issuer, ProviderConfig};
use settings::{Environment, SettingError};
use url::Url;

const ISSUER_EXAMPLE: &str = "https://<tenant-id>.ciamlogin.com/<tenant-id>/v2.0";
const METADATA_URL: &str = "OIDC_METADATA_URL";
const METADATA_URL_EXAMPLE: &str =
    "https://<name>.ciamlogin.com/<tenant-id>/v2.0/.well-known/openid-configuration";

/// Reads the four settings.
///
/// # Errors
/// When one is wrong, or the issuer is missing.
pub fn provider_config(environment: &Environment) -> Result<ProviderConfig, SettingError> {
    let issuer: Issuer = environment.required("OIDC_ISSUER", ISSUER_EXAMPLE)?;
    let mut config = ProviderConfig::new(issuer);
    config.metadata_url = metadata_url(environment)?;
    let algorithms: Vec<Algorithm> = environment.list("OIDC_ALGORITHMS", "RS256")?;
    if !algorithms.is_empty() {
        config.algorithms = algorithms;
    }
    if let Some(seconds) = environment.whole_number::<u16>("OIDC_LEEWAY_SECONDS", "60")? {
        config.leeway = Duration::from_secs(seconds.into());
    }
    Ok(config)
}

fn metadata_url(environment: &Environment) -> Result<Option<Url>, SettingError> {
    let url = environment.optional::<Url>(METADATA_URL, METADATA_URL_EXAMPLE)?;
    if url.as_ref().is_none_or(auth::is_safe_endpoint) {
        return Ok(url);
    }
    let why = "it must be https (http is for localhost only)";
    Err(SettingError::invalid(METADATA_URL, why, METADATA_URL_EXAMPLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment::of([("OIDC_ISSUER", "https://login.example")])
    }

    #[test]
    fn the_issuer_is_enough() {
        let config = provider_config(&environment()).unwrap();
        assert_eq!(config.issuer.as_str(), "https://login.example");
        assert_eq!(config.algorithms, [Algorithm::RS256]);
        assert_eq!(config.leeway, Duration::from_mins(1));
        assert_eq!(config.metadata_url, None);
    }

    #[test]
    fn an_optional_setting_that_is_empty_counts_as_absent() {
        let names = ["OIDC_METADATA_URL", "OIDC_ALGORITHMS", "OIDC_LEEWAY_SECONDS"];
        let empty = names.iter().fold(environment(), |all, name| all.with(*name, ""));
        assert_eq!(provider_config(&empty).unwrap().algorithms, [Algorithm::RS256]);
    }

    #[test]
    fn a_missing_or_wrong_setting_is_named() {
        for (name, value, fault) in [
            ("OIDC_ISSUER", "", "is not set"),
            ("OIDC_ISSUER", "http://login.example", "is not valid"),
            ("OIDC_METADATA_URL", "http://login.example/x", "is not valid"),
            ("OIDC_METADATA_URL", "login", "is not valid"),
            ("OIDC_ALGORITHMS", "RS256 HS256", "is not valid"),
            ("OIDC_ALGORITHMS", "none", "is not valid"),
            ("OIDC_LEEWAY_SECONDS", "-1", "is not valid"),
        ] {
            let error = provider_config(&environment().with(name, value)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} {fault}")), "{error}");
        }
    }
}
