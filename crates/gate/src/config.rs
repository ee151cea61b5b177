use api::ApiConfig;
use auth::AcrClaim;
use route_policy::RoutePolicies;
use settings::{Environment, OtherApis, Setting, SettingError, SettingErrors, StepUpMethod, all};

const ROUTE_POLICIES: Setting = Setting::new(
    "ROUTE_POLICIES",
    "which callers may use which routes, one policy for each method and path \
     (`crates/route-policy`); what no policy names is denied",
    "\"GET /api/orders scope=Orders.Read POST /api/orders scope=Orders.ReadWrite\"",
)
.optional("every request is denied");

/// What a function with a gate reads from its environment.
#[derive(Debug, Clone)]
pub struct GateConfig {
    /// The provider, the first API's tokens and the sessions.
    pub api: ApiConfig,
    pub(crate) policies: RoutePolicies,
    pub(crate) other_apis: OtherApis,
    pub(crate) acr_claim: AcrClaim,
}

impl GateConfig {
    /// Reads the settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (api, (policies, other_apis), step_up) = all((
            ApiConfig::from_environment(environment),
            route_policies(environment),
            StepUpMethod::from_environment(environment),
        ))?;
        let audiences = &api.rules.audiences;
        let shared = |audience: &&String| audiences.contains(audience);
        if let Some(shared) = other_apis.iter().flat_map(|it| &it.audiences).find(shared) {
            let reason = format!("`{shared}` is in API_AUDIENCE too");
            return Err(SettingError::invalid(&OtherApis::SETTING, reason).into());
        }
        let needs_acr = policies.requirements().any(|required| required.acr_values.is_some());
        if needs_acr && step_up == StepUpMethod::None {
            let reason = "OIDC_STEP_UP is none: this provider has no way to request a stronger \
                          sign-in, so no user could meet acr_values";
            return Err(SettingError::invalid(&ROUTE_POLICIES, reason).into());
        }
        Ok(Self { api, policies, other_apis, acr_claim: step_up.claim() })
    }
}

/// `ROUTE_POLICIES`, and the APIs that they name.
///
/// # Errors
/// When a policy is wrong, or names an API that `OTHER_APIS` does not have.
pub fn route_policies(
    environment: &Environment,
) -> Result<(RoutePolicies, OtherApis), SettingErrors> {
    let policies = environment.optional::<RoutePolicies>(&ROUTE_POLICIES);
    let (policies, apis) = all((policies, OtherApis::from_environment(environment)))?;
    let policies = policies.unwrap_or_default();
    let is_unknown = |name: &&String| apis.get(name).is_none();
    if let Some(unknown) = policies.requirements().filter_map(|it| it.api.as_ref()).find(is_unknown)
    {
        let reason = format!("`api={unknown}` is not in OTHER_APIS");
        return Err(SettingError::invalid(&ROUTE_POLICIES, reason).into());
    }
    Ok((policies, apis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(settings: &[(&str, &str)]) -> Environment {
        let required = [
            ("OIDC_ISSUER", "https://login.example"),
            ("API_AUDIENCE", "api"),
            ("SESSIONS_TABLE", "sessions"),
        ];
        Environment::of(required.iter().chain(settings).copied())
    }

    #[test]
    fn a_policy_that_names_an_unknown_api_ends_the_start() {
        let policies = ("ROUTE_POLICIES", "GET /a scope=A api=orders");
        let apis = ("OTHER_APIS", "orders audience=orders scope=Orders.Read");
        let error = GateConfig::from_environment(&environment(&[policies])).unwrap_err();
        assert_eq!(error.names(), ["ROUTE_POLICIES"]);
        GateConfig::from_environment(&environment(&[policies, apis])).unwrap();
    }

    #[test]
    fn an_audience_of_two_apis_ends_the_start() {
        let apis = ("OTHER_APIS", "orders audience=api scope=Orders.Read");
        let error = GateConfig::from_environment(&environment(&[apis])).unwrap_err();
        assert_eq!(error.names(), ["OTHER_APIS"]);
    }

    #[test]
    fn acr_values_that_no_sign_in_can_have_end_the_start() {
        let policies = ("ROUTE_POLICIES", "GET /a scope=A acr_values=c1");
        let environment = environment(&[policies, ("OIDC_STEP_UP", "none")]);
        let error = GateConfig::from_environment(&environment).unwrap_err();
        assert_eq!(error.names(), ["ROUTE_POLICIES"]);
    }

    #[test]
    fn all_wrong_settings_are_named_at_once() {
        let wrong = [("ROUTE_POLICIES", "GET"), ("OTHER_APIS", "="), ("OIDC_STEP_UP", "x")];
        let error = GateConfig::from_environment(&environment(&wrong)).unwrap_err();
        assert_eq!(error.names(), ["ROUTE_POLICIES", "OTHER_APIS", "OIDC_STEP_UP"]);
    }
}
