/// What a request needs: a delegated permission of the token, and a role of the user who signed in.
#[derive(Debug, PartialEq, Eq)]
pub struct Permission {
    /// The permission, by its name in Microsoft Graph.
    pub scope: &'static str,
    /// The least role in Microsoft Entra that may do it.
    pub role: &'static str,
}

/// Reading the tenant's id and domains.
pub(crate) const TENANT: Permission = Permission { scope: "User.Read", role: "Directory Readers" };

/// Application registrations, their certificates and service principals.
pub(crate) const APPLICATIONS: Permission =
    Permission { scope: "Application.ReadWrite.All", role: "Application Administrator" };

/// Admin consent to delegated permissions.
pub(crate) const CONSENT: Permission = Permission {
    scope: "DelegatedPermissionGrant.ReadWrite.All",
    role: "Cloud Application Administrator",
};

/// App roles given to applications.
pub(crate) const ROLES: Permission = Permission {
    scope: "AppRoleAssignment.ReadWrite.All",
    role: "Cloud Application Administrator",
};

/// User flows.
pub(crate) const FLOWS: Permission = Permission {
    scope: "EventListener.ReadWrite.All",
    role: "External ID User Flow Administrator",
};

/// What a plan is made with. To read consents, Graph documents no lower permission than to change
/// them, apart from reading the whole directory.
pub(crate) const READING: [&str; 4] =
    [TENANT.scope, "Application.Read.All", CONSENT.scope, "EventListener.Read.All"];
