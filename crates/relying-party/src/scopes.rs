//! What we ask for.

use auth::Scope;
use settings::{Environment, SCOPES, Setting, SettingError, SettingErrors, all};

/// The scopes of an authorization request: those of the sign-in, then those of the API.
///
/// They are all asked for at once, so that no second round is needed for the API's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedScopes(String);

/// `openid` makes it a sign-in, `profile` brings the name (and Entra's `oid`), `offline_access` the
/// refresh token, where it takes that scope.
const BASE_SCOPES: Setting = Setting::new(
    "OIDC_BASE_SCOPES",
    "the scopes to request besides the API's, `openid` among them",
    "\"openid profile offline_access\"",
)
.by_profile();

impl RequestedScopes {
    /// Reads `OIDC_BASE_SCOPES`, and `OIDC_SCOPES`, at least one API scope where there are some.
    ///
    /// # Errors
    /// When one is not a scope, `openid` is missing, or there is no API scope: the access token would
    /// be for nothing, and every call to the API would fail later and less clearly.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (base, api) =
            all((base_scopes(environment), environment.required_list::<Scope>(&SCOPES)))?;
        let mut scopes = Vec::new();
        for scope in base.iter().chain(&api).map(Scope::as_str) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Ok(Self(scopes.join(" ")))
    }

    /// The `scope` parameter.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn base_scopes(environment: &Environment) -> Result<Vec<Scope>, SettingError> {
    let scopes = environment.required_list::<Scope>(&BASE_SCOPES)?;
    if scopes.iter().all(|scope| scope.as_str() != "openid") {
        let reason = "openid must be among them: without it there is no ID token";
        return Err(SettingError::invalid(&BASE_SCOPES, reason));
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(value: &str) -> Result<RequestedScopes, SettingErrors> {
        RequestedScopes::from_environment(&Environment::of([(SCOPES.name, value)]))
    }

    #[test]
    fn the_api_scopes_are_asked_for_at_once_with_the_sign_in() {
        let asked = scopes("api://a/ToDoList.Read  openid api://a/ToDoList.ReadWrite").unwrap();
        assert_eq!(
            asked.as_str(),
            "openid profile offline_access api://a/ToDoList.Read api://a/ToDoList.ReadWrite"
        );
    }

    #[test]
    fn the_base_scopes_can_be_others_but_openid_is_among_them() {
        let with = |base: &str| {
            let environment = Environment::of([(SCOPES.name, "a"), (BASE_SCOPES.name, base)]);
            RequestedScopes::from_environment(&environment)
        };
        assert_eq!(with("email openid email").unwrap().as_str(), "email openid a");
        assert_eq!(with(" ").unwrap().as_str(), "openid profile offline_access a");
        for bad in ["profile", "openidx", "OpenID", "openid a\"b"] {
            assert_eq!(with(bad).unwrap_err().names(), [BASE_SCOPES.name], "{bad}");
        }
    }

    #[test]
    fn a_provider_without_api_scopes_needs_none() {
        let environment = Environment::of([("OIDC_PROVIDER", "google")]);
        let with = |environment: &Environment| {
            RequestedScopes::from_environment(environment).unwrap().as_str().to_owned()
        };
        assert_eq!(with(&environment), "openid profile email");
        let base = environment.clone().with(BASE_SCOPES.name, "openid");
        assert_eq!(with(&base), "openid");
        assert_eq!(with(&environment.with(SCOPES.name, "a")), "openid profile email a");
    }

    #[test]
    fn an_empty_scope_setting_is_refused() {
        assert!(scopes(" ").unwrap_err().to_string().starts_with("OIDC_SCOPES is not set"));
        assert!(scopes("a\"b").unwrap_err().to_string().starts_with("OIDC_SCOPES is not valid"));
    }
}
