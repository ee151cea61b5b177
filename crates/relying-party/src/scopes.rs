//! What we ask for.

use auth::Scope;
use settings::{Environment, Setting, SettingError};

/// The scopes of an authorization request: `openid profile offline_access`, then those of the API.
///
/// They are all asked for at once, so that no second round is needed for the API's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedScopes(String);

const SCOPES: Setting = Setting::new(
    "OIDC_SCOPES",
    "the API scopes to request, full names separated by spaces",
    "\"api://11111111-aaaa-4aaa-8aaa-111111111111/ToDoList.Read\"",
);

/// `openid` makes it a sign-in, `profile` brings the name (and Entra's `oid`), `offline_access` the
/// refresh token.
const ALWAYS: [&str; 3] = ["openid", "profile", "offline_access"];

impl RequestedScopes {
    /// Reads `OIDC_SCOPES`, at least one API scope, separated by spaces.
    ///
    /// # Errors
    /// When there is none or one is not a scope: without an API scope the access token would be for
    /// nothing, and every call to the API would fail later and less clearly.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let api = environment.required_list::<Scope>(&SCOPES)?;
        let mut scopes = ALWAYS.to_vec();
        for scope in &api {
            if !scopes.contains(&scope.as_str()) {
                scopes.push(scope.as_str());
            }
        }
        Ok(Self(scopes.join(" ")))
    }

    /// The `scope` parameter.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(value: &str) -> Result<RequestedScopes, SettingError> {
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
    fn an_empty_scope_setting_is_refused() {
        assert!(scopes(" ").unwrap_err().to_string().starts_with("OIDC_SCOPES is not set"));
        assert!(scopes("a\"b").unwrap_err().to_string().starts_with("OIDC_SCOPES is not valid"));
    }
}
