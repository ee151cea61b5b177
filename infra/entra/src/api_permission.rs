//! The API's permissions in a tenant: scopes for users' tokens, app roles for applications'.

use permissions::Permission;

use crate::graph::{AppRole, Application, Scope};

/// The id of its scope in this registration: that of the scope with its value, or ours.
pub(crate) fn scope_id(permission: &Permission, api: Option<&Application>) -> String {
    let scopes = api.and_then(|api| api.settings.api.as_ref());
    let scopes = scopes.map(|api| api.oauth2_permission_scopes.as_slice()).unwrap_or_default();
    let found = scopes.iter().find(|it| it.value.as_deref() == Some(permission.scope));
    found.map_or(permission.scope_id, |it| &it.id).to_owned()
}

/// The id of its app role in this registration.
pub(crate) fn role_id(permission: &Permission, api: Option<&Application>) -> String {
    let roles = api.and_then(|api| api.settings.app_roles.as_deref()).unwrap_or_default();
    let found = roles.iter().find(|it| it.value.as_deref() == Some(permission.role));
    found.map_or(permission.role_id, |it| &it.id).to_owned()
}

/// Enables its scope among these, and adds it if it is missing.
///
/// Only admins can consent: customers in an external tenant cannot.
pub(crate) fn set_scope(permission: &Permission, scopes: &mut Vec<Scope>) {
    let Permission { verb, object, .. } = *permission;
    let does = verb.to_lowercase();
    let has_value = |it: &Scope| it.value.as_deref() == Some(permission.scope);
    let has_id = |it: &Scope| it.id == permission.scope_id;
    let scope = find_or_add(scopes, has_value, has_id, || Scope {
        id: permission.scope_id.to_owned(),
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
    let has_value = |it: &AppRole| it.value.as_deref() == Some(permission.role);
    let has_id = |it: &AppRole| it.id == permission.role_id;
    let role = find_or_add(roles, has_value, has_id, || AppRole {
        id: permission.role_id.to_owned(),
        display_name: Some(format!("{verb} everybody's {object}")),
        description: Some(format!("Lets the application {does} the {object} of all users.")),
        ..AppRole::default()
    });
    role.value = Some(permission.role.to_owned());
    role.is_enabled = true;
    role.allowed_member_types = vec!["Application".to_owned()];
}

/// The one with this value, else the one with this id, else a new one.
fn find_or_add<T>(
    all: &mut Vec<T>,
    has_value: impl Fn(&T) -> bool,
    has_id: impl Fn(&T) -> bool,
    new: impl FnOnce() -> T,
) -> &mut T {
    let found = all.iter().position(has_value).or_else(|| all.iter().position(has_id));
    let at = found.unwrap_or_else(|| {
        all.push(new());
        all.len() - 1
    });
    &mut all[at]
}
