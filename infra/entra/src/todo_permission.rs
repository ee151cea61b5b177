//! The API's permissions: two scopes for users' tokens, two app roles for applications'.

use permissions::{TODOS_READ, TODOS_WRITE};

use crate::graph::{AppRole, Application, Entitlement, Scope};

/// One permission, as scope and as app role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TodoPermission {
    scope_id: &'static str,
    pub(crate) scope: &'static str,
    role_id: &'static str,
    pub(crate) role: &'static str,
    does: &'static str,
}

/// All permissions of the API.
///
/// # What breaks if an id changes
/// Ids are how consent and role assignments refer to a permission, and how one is recognized that
/// was renamed. Under another id it would be a second permission beside the first. They need to be
/// unique within a registration only, so that all tenants may have the same.
pub(crate) const TODO_PERMISSIONS: [TodoPermission; 2] = [
    TodoPermission {
        scope_id: "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e01",
        scope: TODOS_READ.scope,
        role_id: "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e03",
        role: TODOS_READ.role,
        does: TODOS_READ.verb,
    },
    TodoPermission {
        scope_id: "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e02",
        scope: TODOS_WRITE.scope,
        role_id: "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e04",
        role: TODOS_WRITE.role,
        does: TODOS_WRITE.verb,
    },
];

impl TodoPermission {
    /// The id of its scope in this registration: that of the scope with its value, or ours.
    pub(crate) fn scope_id(&self, api: Option<&Application>) -> String {
        let scopes = api.and_then(|api| api.settings.api.as_ref());
        let scopes = scopes.map(|api| api.oauth2_permission_scopes.as_slice()).unwrap_or_default();
        id_of(scopes, self.scope, self.scope_id)
    }

    /// The id of its app role in this registration.
    pub(crate) fn role_id(&self, api: Option<&Application>) -> String {
        let roles = api.and_then(|api| api.settings.app_roles.as_deref()).unwrap_or_default();
        id_of(roles, self.role, self.role_id)
    }

    /// Enables its scope among these, and adds it if it is missing.
    ///
    /// Only admins can consent: customers in an external tenant cannot.
    pub(crate) fn set_scope(&self, scopes: &mut Vec<Scope>) {
        let does = self.does.to_lowercase();
        let scope = find_or_add(scopes, self.scope, self.scope_id, |id| Scope {
            id,
            admin_consent_display_name: Some(format!("{} the user's todos", self.does)),
            admin_consent_description: Some(format!(
                "Lets the application {does} the todos of the user who is signed in."
            )),
            ..Scope::default()
        });
        scope.value = Some(self.scope.to_owned());
        scope.is_enabled = true;
        // `User` includes administrators, so a `User` that was set by hand stays.
        scope.kind.get_or_insert_with(|| "Admin".to_owned());
    }

    /// Enables its app role among these, and adds it if it is missing. For applications only: a
    /// user's role grants nothing.
    pub(crate) fn set_role(&self, roles: &mut Vec<AppRole>) {
        let does = self.does.to_lowercase();
        let role = find_or_add(roles, self.role, self.role_id, |id| AppRole {
            id,
            display_name: Some(format!("{} everybody's todos", self.does)),
            description: Some(format!("Lets the application {does} the todos of all users.")),
            ..AppRole::default()
        });
        role.value = Some(self.role.to_owned());
        role.is_enabled = true;
        role.allowed_member_types = vec!["Application".to_owned()];
    }
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
