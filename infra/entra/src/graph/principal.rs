//! The tenant, service principals, and what was granted to them.

use serde::{Deserialize, Serialize};

/// The tenant.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
    pub(crate) verified_domains: Vec<Domain>,
}

impl Organization {
    /// The host at which the tenant answers under its name; under its id if it has no initial
    /// domain. Microsoft recommends the name.
    pub(crate) fn host(&self) -> String {
        let initial = self.verified_domains.iter().find(|it| it.is_initial);
        let name = initial.and_then(|it| it.name.as_deref()?.strip_suffix(".onmicrosoft.com"));
        format!("{}.ciamlogin.com", name.unwrap_or(&self.id))
    }

    /// Whether a host is a verified domain of the tenant, or below one.
    pub(crate) fn has(&self, host: &str) -> bool {
        self.verified_domains.iter().filter_map(|it| it.name.as_deref()).any(|domain| {
            host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
}

/// `verifiedDomain`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Domain {
    pub(crate) name: Option<String>,
    pub(crate) is_initial: bool,
}

/// A service principal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Principal {
    pub(crate) id: String,
}

/// A service principal to be made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewPrincipal {
    pub(crate) app_id: String,
    pub(crate) tags: Vec<String>,
}

/// Consent to delegated permissions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) consent_type: Option<String>,
    pub(crate) resource_id: String,
    pub(crate) scope: Option<String>,
}

/// Consent to be given.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewGrant {
    pub(crate) client_id: String,
    pub(crate) consent_type: &'static str,
    pub(crate) resource_id: String,
    pub(crate) scope: String,
}

/// Other scopes for a consent.
#[derive(Debug, Serialize)]
pub(crate) struct GrantScopes {
    pub(crate) scope: String,
}

/// An app role that was given to a principal, or is to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "Graph's own")]
pub(crate) struct RoleAssignment {
    pub(crate) principal_id: String,
    pub(crate) resource_id: String,
    pub(crate) app_role_id: String,
}
