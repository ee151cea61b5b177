//! The settings that say which OpenID provider is trusted.

use std::time::Duration;

use auth::{Algorithm, Issuer, ProviderConfig};
use url::Url;

use crate::{
    Environment, Profile, Setting, SettingError, SettingErrors, all, profile::PROVIDER,
    setting::ISSUER,
};

const METADATA_URL: Setting = Setting::new(
    "OIDC_METADATA_URL",
    "the discovery document",
    "https://<name>.ciamlogin.com/<tenant-id>/v2.0/.well-known/openid-configuration",
)
.optional("`{issuer}/.well-known/openid-configuration`");

const ALGORITHMS: Setting =
    Setting::new("OIDC_ALGORITHMS", "accepted signature algorithms", "RS256").default("RS256");

const LEEWAY: Setting =
    Setting::new("OIDC_LEEWAY_SECONDS", "allowed clock skew in seconds", "60").default("60");

/// The provider of a function that verifies tokens.
///
/// # Errors
/// The settings that are wrong, and the issuer if it is missing.
pub fn provider_config(environment: &Environment) -> Result<ProviderConfig, SettingErrors> {
    let (mut config, leeway) = all((provider_with_keys(environment), leeway(environment)))?;
    config.leeway = leeway;
    Ok(config)
}

/// The provider of a function that reads its keys and verifies nothing.
///
/// # Errors
/// As [`provider_config`].
pub fn provider_with_keys(environment: &Environment) -> Result<ProviderConfig, SettingErrors> {
    let algorithms = environment.required_list::<Algorithm>(&ALGORITHMS);
    let (mut config, algorithms) = all((provider_metadata(environment), algorithms))?;
    config.algorithms = algorithms;
    Ok(config)
}

/// The provider of a function that only reads its metadata.
///
/// # Errors
/// As [`provider_config`].
pub fn provider_metadata(environment: &Environment) -> Result<ProviderConfig, SettingErrors> {
    let issuer = environment.required::<Issuer>(&ISSUER);
    let profile = environment.optional::<&Profile>(&PROVIDER);
    let (issuer, metadata_url, _) = all((issuer, metadata_url(environment), profile))?;
    let mut config = ProviderConfig::new(issuer);
    config.metadata_url = metadata_url;
    Ok(config)
}

/// `OIDC_LEEWAY_SECONDS`.
///
/// # Errors
/// When it is not a whole number from 0 to 65535.
pub fn leeway(environment: &Environment) -> Result<Duration, SettingError> {
    let seconds = environment.whole_number::<u16>(&LEEWAY)?;
    Ok(Duration::from_secs(seconds.into()))
}

fn metadata_url(environment: &Environment) -> Result<Option<Url>, SettingError> {
    let url = environment.optional::<Url>(&METADATA_URL)?;
    let reason = match &url {
        Some(url) if !auth::is_safe_endpoint(url) => {
            "it must be https (http is for localhost only)"
        }
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            "it must have no user name and no password"
        }
        _ => return Ok(url),
    };
    Err(SettingError::invalid(&METADATA_URL, reason))
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
            ("OIDC_METADATA_URL", "https://ada:secret@login.example/x", "is not valid"),
            ("OIDC_METADATA_URL", "login", "is not valid"),
            ("OIDC_ALGORITHMS", "RS256 HS256", "is not valid"),
            ("OIDC_ALGORITHMS", "none", "is not valid"),
            ("OIDC_LEEWAY_SECONDS", "-1", "is not valid"),
        ] {
            let errors = provider_config(&environment().with(name, value)).unwrap_err();
            assert_eq!(errors.names(), [name]);
            let error = errors.to_string();
            assert!(error.starts_with(&format!("{name} {fault}")), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
