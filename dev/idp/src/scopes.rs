//! Scopes, read with the provider's rules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    apps::{ORDERS_CLIENT_ID, ORDERS_SCOPES},
    behavior::{ApiNames, Behavior, UnknownScopes},
    oauth_error::OAuthError,
};

/// Microsoft Graph, the resource of scopes that name none.
pub(crate) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// The API's names at this provider.
pub(crate) struct Api {
    pub(crate) names: ApiNames,
    registration: &'static str,
}

impl Api {
    /// The API with this client id, where it has one.
    pub(crate) fn new(names: ApiNames, registration: &'static str) -> Self {
        Self { names, registration }
    }

    /// The `aud` of its access tokens, if they have one.
    pub(crate) fn audience(&self) -> Option<&'static str> {
        match self.names {
            ApiNames::Registration => Some(self.registration),
            ApiNames::Fixed { audience, .. } => audience,
            ApiNames::None => None,
        }
    }

    /// A scope's name as clients write it.
    pub(crate) fn full_name(&self, short: &str) -> String {
        match self.names {
            ApiNames::Registration => format!("api://{}/{short}", self.registration),
            ApiNames::Fixed { prefix, .. } => format!("{prefix}{short}"),
            ApiNames::None => short.to_owned(),
        }
    }

    /// The `aud` of tokens with these scopes, if it has one.
    pub(crate) fn audience_of(&self, scopes: &Scopes) -> Option<&'static str> {
        match scopes.is_orders {
            _ if scopes.api.is_empty() => None,
            true => Some(ORDERS_CLIENT_ID),
            false => self.audience(),
        }
    }

    /// The beginning of the full names of these scopes.
    fn prefix_of(&self, scopes: &Scopes) -> String {
        if scopes.is_orders { format!("api://{ORDERS_CLIENT_ID}/") } else { self.full_name("") }
    }

    /// A scope's or role's name as tokens have it.
    pub(crate) fn name_in_tokens(&self, short: &str) -> String {
        match self.names {
            ApiNames::Fixed { prefix, .. } => format!("{prefix}{short}"),
            ApiNames::Registration | ApiNames::None => short.to_owned(),
        }
    }
}

/// The scopes of a request or of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a scope")]
pub(crate) struct Scopes {
    pub(crate) openid: bool,
    pub(crate) profile: bool,
    pub(crate) email: bool,
    pub(crate) offline_access: bool,
    /// Short names, of one API.
    pub(crate) api: BTreeSet<String>,
    /// Whether that is the second API.
    pub(crate) is_orders: bool,
}

impl Scopes {
    /// Reads a `scope` parameter: the OpenID scopes, and scopes of one API.
    pub(crate) fn parse(text: &str, api: &Api, behavior: &Behavior) -> Result<Self, OAuthError> {
        let mut scopes = Self::default();
        let mut of_apis = Vec::new();
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            match name {
                "openid" => scopes.openid = true,
                "profile" => scopes.profile = true,
                "email" => scopes.email = true,
                "offline_access" if behavior.offline_access => scopes.offline_access = true,
                _ => of_apis.push(name),
            }
        }
        (scopes.api, scopes.is_orders) = match api.names {
            ApiNames::Registration => by_resource(&of_apis, text, api, behavior.unknown_scopes)?,
            ApiNames::Fixed { .. } | ApiNames::None => {
                (by_name(&of_apis, api, behavior.unknown_scopes)?, false)
            }
        };
        Ok(scopes)
    }

    /// The granted scopes, as token responses list them: Entra's have those of the API alone.
    pub(crate) fn granted(&self, api: &Api) -> String {
        let identity =
            if api.names == ApiNames::Registration { Vec::new() } else { self.identity() };
        let identity = identity.into_iter().map(str::to_owned);
        let names = identity.chain(self.api.iter().map(|short| api.prefix_of(self) + short));
        names.collect::<Vec<_>>().join(" ")
    }

    /// The OpenID scopes.
    pub(crate) fn identity(&self) -> Vec<&'static str> {
        let all = [
            (self.openid, "openid"),
            (self.profile, "profile"),
            (self.email, "email"),
            (self.offline_access, "offline_access"),
        ];
        all.into_iter().filter_map(|(granted, name)| granted.then_some(name)).collect()
    }
}

/// Scopes of the form `{resource}/{scope}`, all of one resource, which must be the API or, as the
/// second value says, the second API.
fn by_resource(
    names: &[&str],
    text: &str,
    api: &Api,
    unknown: UnknownScopes,
) -> Result<(BTreeSet<String>, bool), OAuthError> {
    let mut scopes = BTreeSet::new();
    let mut resources = BTreeSet::new();
    let is = |resource: &str, api| resource.trim_start_matches("api://") == api;
    for name in names {
        let Some((resource, short)) = name.rsplit_once('/') else {
            refuse(name, unknown)?;
            continue;
        };
        resources.insert(resource);
        let known: Vec<_> = if is(resource, ORDERS_CLIENT_ID) {
            ORDERS_SCOPES.to_vec()
        } else {
            permissions::all().map(|it| it.scope).collect()
        };
        if short == ".default" {
            scopes.extend(known.into_iter().map(str::to_owned));
        } else if known.contains(&short) {
            scopes.insert(short.to_owned());
        } else if !name.starts_with("api://")
            || is(resource, api.registration)
            || is(resource, ORDERS_CLIENT_ID)
        {
            // A scope of another API gets its error below.
            refuse(name, unknown)?;
        }
    }
    let other = resources.iter().find(|resource| !is(resource, api.registration));
    match other {
        _ if resources.len() > 1 => Err(OAuthError::invalid_request(
            28000,
            format!(
                "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {text} is not valid."
            ),
        )),
        Some(resource) if is(resource, ORDERS_CLIENT_ID) => Ok((scopes, true)),
        Some(resource) => Err(OAuthError::new(
            "invalid_resource",
            500_011,
            format!("The resource principal named {resource} was not found in the tenant."),
        )),
        None => Ok((scopes, false)),
    }
}

/// Scopes that go by their names alone.
fn by_name(
    names: &[&str],
    api: &Api,
    unknown: UnknownScopes,
) -> Result<BTreeSet<String>, OAuthError> {
    let mut scopes = BTreeSet::new();
    for name in names {
        let known = permissions::all()
            .find(|it| api.names != ApiNames::None && api.full_name(it.scope) == *name);
        match known {
            Some(permission) => drop(scopes.insert(permission.scope.to_owned())),
            None => refuse(name, unknown)?,
        }
    }
    Ok(scopes)
}

/// Refuses an unknown scope, unless the provider leaves it out.
fn refuse(name: &str, unknown: UnknownScopes) -> Result<(), OAuthError> {
    match unknown {
        UnknownScopes::Dropped => Ok(()),
        UnknownScopes::Graph => Err(OAuthError::new(
            "invalid_client",
            650_053,
            format!(
                "The application asked for scope '{name}' that doesn't exist on the resource '{GRAPH}'. Contact the app vendor."
            ),
        )),
        UnknownScopes::Refused => Err(OAuthError::new(
            "invalid_scope",
            70011,
            format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {name} is not valid."
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{apps::API_CLIENT_ID, profiles};

    fn parse(like: &str, scope: &str) -> Result<Scopes, OAuthError> {
        let behavior = profiles::behavior(settings::Profile::named(like).unwrap());
        Scopes::parse(scope, &Api::new(behavior.api, API_CLIENT_ID), behavior)
    }

    fn error(like: &str, scope: &str) -> (&'static str, u32) {
        let error = parse(like, scope).expect_err(scope);
        (error.error, error.code)
    }

    #[test]
    fn scopes_of_the_api_are_read_by_the_names_that_the_provider_knows() {
        for (like, prefix) in [
            ("entra-external-id", "api://11111111-aaaa-4aaa-8aaa-111111111111/"),
            ("cognito", "todos/"),
            ("auth0", ""),
            ("okta", ""),
            ("keycloak", ""),
        ] {
            let name = format!("{prefix}ToDoList.Read");
            let scopes = parse(like, &format!("openid {name}")).unwrap();
            assert!(scopes.openid && !scopes.offline_access);
            assert!(scopes.api.iter().eq(["ToDoList.Read"]), "{like}");
        }
        let all = parse("entra-id", &format!("api://{API_CLIENT_ID}/.default")).unwrap();
        assert!(permissions::all().all(|it| all.api.contains(it.scope)));
    }

    #[test]
    fn entra_takes_a_short_name_for_one_of_microsoft_graph() {
        let unknown = format!("api://{API_CLIENT_ID}/ToDoList.Reader");
        for scope in ["openid ToDoList.Read", &unknown] {
            assert_eq!(error("entra-external-id", scope), ("invalid_client", 650_053));
        }
        assert_eq!(error("generic", "ToDoList.Read"), ("invalid_scope", 70011));
    }

    #[test]
    fn entra_refuses_other_apis_and_two_at_once() {
        assert_eq!(error("entra-id", "api://another/Scope").0, "invalid_resource");
        let two = format!("api://{API_CLIENT_ID}/ToDoList.Read api://another/Scope");
        assert_eq!(error("entra-id", &two), ("invalid_request", 28000));
        let orders = format!("api://{ORDERS_CLIENT_ID}/Orders.Read");
        let scopes = parse("entra-id", &format!("openid {orders}")).unwrap();
        assert!(scopes.is_orders && scopes.api.iter().eq(["Orders.Read"]));
        let two = format!("api://{API_CLIENT_ID}/ToDoList.Read {orders}");
        assert_eq!(error("entra-id", &two), ("invalid_request", 28000));
        let unknown = format!("api://{ORDERS_CLIENT_ID}/ToDoList.Read");
        assert_eq!(error("entra-id", &unknown), ("invalid_client", 650_053));
        assert_eq!(error("okta", &orders).0, "invalid_scope");
    }

    #[test]
    fn unknown_scopes_are_refused_or_left_out_as_the_provider_does() {
        for (like, scope) in [
            ("cognito", "openid offline_access"),
            ("cognito", "ToDoList.Read"),
            ("okta", "openid ToDoList.Reader"),
            ("keycloak", "openid ToDoList.Reader"),
            ("google", "openid offline_access"),
            ("google", "openid ToDoList.Read"),
        ] {
            assert_eq!(error(like, scope).0, "invalid_scope", "{like}: {scope}");
        }
        assert!(parse("auth0", "openid ToDoList.Reader").unwrap().api.is_empty());
        assert!(parse("auth0", "openid offline_access").unwrap().offline_access);
    }
}
