//! Scopes, read with Entra's rules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{apps::API_CLIENT_ID, oauth_error::OAuthError};

/// A scope's name as clients write it.
pub(crate) fn full_name(short: &str) -> String {
    format!("api://{API_CLIENT_ID}/{short}")
}

/// The scopes of a request or of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Scopes {
    pub(crate) openid: bool,
    pub(crate) offline_access: bool,
    /// Short names, of this one API.
    pub(crate) api: BTreeSet<String>,
}

impl Scopes {
    /// Reads a `scope` parameter: the OpenID scopes, and scopes of one API.
    pub(crate) fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut scopes = Self::default();
        let mut resources = BTreeSet::new();
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            match name {
                "openid" => scopes.openid = true,
                // Tokens always contain their claims.
                "profile" | "email" => {}
                "offline_access" => scopes.offline_access = true,
                _ => {
                    let (resource, short) = name.rsplit_once('/').ok_or_else(|| unknown(name))?;
                    resources.insert(resource);
                    if short == ".default" {
                        scopes.api.extend(permissions::all().map(|it| it.scope.to_owned()));
                    } else if permissions::all().any(|it| it.scope == short) {
                        scopes.api.insert(short.to_owned());
                    } else if !name.starts_with("api://") || name.starts_with(&full_name("")) {
                        // A scope of another API gets its error below.
                        return Err(unknown(name));
                    }
                }
            }
        }
        let is_api = |resource: &&str| resource.trim_start_matches("api://") == API_CLIENT_ID;
        match resources.iter().find(|resource| !is_api(resource)) {
            _ if resources.len() > 1 => Err(OAuthError::invalid_request(
                28000,
                format!(
                    "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {text} is not valid."
                ),
            )),
            Some(resource) => Err(OAuthError::new(
                "invalid_resource",
                500_011,
                format!("The resource principal named {resource} was not found in the tenant."),
            )),
            None => Ok(scopes),
        }
    }

    /// The API scopes by their full names, as token responses list them.
    pub(crate) fn full_names(&self) -> String {
        self.api.iter().map(|short| full_name(short)).collect::<Vec<_>>().join(" ")
    }

    /// The API scopes by their short names, as `scp` lists them.
    pub(crate) fn short_names(&self) -> String {
        self.api.iter().cloned().collect::<Vec<_>>().join(" ")
    }
}

fn unknown(name: &str) -> OAuthError {
    OAuthError::new(
        "invalid_scope",
        70011,
        format!(
            "The provided value for the input parameter 'scope' is not valid. The scope {name} is not valid."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::{Scopes, full_name};

    fn error(scope: &str) -> &'static str {
        Scopes::parse(scope).expect_err(scope).error
    }

    #[test]
    fn scopes_of_the_api_are_read_by_their_full_names() {
        let scopes = Scopes::parse(&format!("openid {}", full_name("ToDoList.Read"))).unwrap();
        assert!(scopes.openid && !scopes.offline_access);
        assert_eq!(scopes.short_names(), "ToDoList.Read");
        assert_eq!(scopes.full_names(), full_name("ToDoList.Read"));
        let all = Scopes::parse(&full_name(".default")).unwrap();
        assert!(permissions::all().all(|it| all.api.contains(it.scope)));
    }

    #[test]
    fn unknown_scopes_and_scopes_of_two_apis_are_refused() {
        assert_eq!(error("ToDoList.Read"), "invalid_scope");
        assert_eq!(error(&full_name("ToDoList.Reader")), "invalid_scope");
        assert_eq!(error("api://another/Scope"), "invalid_resource");
        assert_eq!(
            error(&format!("{} api://another/Scope", full_name("ToDoList.Read"))),
            "invalid_request"
        );
    }
}
