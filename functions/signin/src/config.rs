use relying_party::{AdditionalParams, ClientConfig, PushedAuthorization, RequestedScopes};
use serve::PublicUrl;
use settings::{Environment, SettingErrors, StepUpMethod, all};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) client: ClientConfig,
    pub(crate) scopes: RequestedScopes,
    pub(crate) additional_params: AdditionalParams,
    pub(crate) pushed_authorization: PushedAuthorization,
    pub(crate) step_up: StepUpMethod,
    pub(crate) public_url: PublicUrl,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (client, scopes, additional_params, pushed_authorization, step_up, public_url) =
            all((
                ClientConfig::without_verification(environment),
                RequestedScopes::from_environment(environment),
                AdditionalParams::from_environment(environment),
                PushedAuthorization::from_environment(environment),
                StepUpMethod::from_environment(environment),
                PublicUrl::from_environment(environment),
            ))?;
        Ok(Self { client, scopes, additional_params, pushed_authorization, step_up, public_url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_client_or_scope_that_is_missing_or_empty_ends_the_start() {
        let good = Environment::of([
            ("OIDC_ISSUER", "https://login.example"),
            ("OIDC_CLIENT_ID", "web"),
            ("OIDC_SCOPES", "api://a/Read"),
        ]);
        assert!(Config::from_environment(&good).is_ok());
        for name in ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_SCOPES"] {
            for bad in [good.clone().without(name), good.clone().with(name, " ")] {
                let error = Config::from_environment(&bad).unwrap_err();
                assert!(error.to_string().starts_with(&format!("{name} is not set")), "{error}");
            }
        }
    }
}
