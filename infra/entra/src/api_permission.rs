//! The API's permissions in a tenant: scopes for users' tokens, app roles for applications'.

use permissions::Permission;

use crate::graph::{AppRole, Application, Entitlement, Scope};

/// The id of its scope in this registration: that of the scope with its value, or ours.
pub(crate) fn scope_id(permission: &Permission, api: Option<&Application>) -> String {
    let scopes = api.and_then(|api| api.settings.api.as_ref());
    let scopes = scopes.map(|api| api.oauth2_permission_scopes.as_slice()).unwrap_or_default();
    id_of(scopes, permission.scope, permission.scope_id)
}

/// The id of its app role in this registration.
pub(crate) fn role_id(permission: &Permission, api: Option<&Application>) -> String {
    let roles = api.and_then(|api| api.settings.app_roles.as_deref()).unwrap_or_default();
    id_of(roles, permission.role, permission.role_id)
}

/// Enables its scope among these, and adds it if it is missing.
///
/// Only admins can consent: customers in an external tenant cannot.
pub(crate) fn set_scope(permission: &Permission, scopes: &mut Vec<Scope>) {
    let Permission { verb, object, .. } = *permission;
    let does = verb.to_lowercase();
    let scope = find_or_add(scopes, permission.scope, permission.scope_id, |id| Scope {
        id,
        admin_consent_display_name: Some(format!("{verb} the user's {object}")),
        admin_consent_description: Some(format!(
            "Lets the application {does} the {object} of the user who is signed in."
        )),
        ..Scope::default()
    });
    scope.value = Some(permission.scope.to_owned());
    scope.is_enabled = true;
    // `User` includes administrators, so a `User` that was set by hand stays.
    scope.kind.get_or_insert_with(|| "Admin".to_owned());
}

/// Enables its app role among these, and adds it if it is missing. For applications only: a
/// user's role grants nothing.
pub(crate) fn set_role(permission: &Permission, roles: &mut Vec<AppRole>) {
    let Permission { verb, object, .. } = *permission;
    let does = verb.to_lowercase();
    let role = find_or_add(roles, permission.role, permission.role_id, |id| AppRole {
        id,
        display_name: Some(format!("{verb} everybody's {object}")),
        description: Some(format!("Lets the application {does} the {object} of all users.")),
        ..AppRole::default()
    });
    role.value = Some(permission.role.to_owned());
    role.is_enabled = true;
    role.allowed_member_types = vec!["Application".to_owned()];
}
fn id_of<T: Entitlement>(all: &[T], value: &str, default: &str) -> String {
    let found = all.iter().find(|it| it.value() == Some(value));
    found.map_or(default, Entitlement::id).to_owned()
}

/// The one with this value, else the one with this id, else a new one.
fn find_or_add<'a, T: Entitlement>(
    all: &'a mut Vec<T>,
    value: &str,
    id: &str,
    new: impl FnOnce(String) -> T,
) -> &'a mut T {
    let by_value = all.iter().position(|it| it.value() == Some(value));
    let at = by_value.or_else(|| all.iter().position(|it| it.id() == id)).unwrap_or_else(|| {
        all.push(new(id.to_owned()));
        all.len() - 1
    });
    &mut all[at]
}
