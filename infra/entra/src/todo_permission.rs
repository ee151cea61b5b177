//! The API's permissions: two scopes for users' tokens, two app roles for applications'.

use crate::graph::{AppRole, Application, Scope};

/// One permission, as scope and as app role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TodoPermission {
    scope_id: &'static str,
    pub(crate) scope: &'static str,
    role_id: &'static str,
    pub(crate) role: &'static str,
    does: &'static str,
}

/// What the API knows of.
///
/// # What breaks if an id changes
/// Ids are how consent and role assignments refer to a permission, and how one is recognized that
/// was renamed. Under another id it would be a second permission beside the first. They need to be
/// unique within a registration only, so that all tenants may have the same.
pub(crate) const TODO_PERMISSIONS: [TodoPermission; 2] = [
    TodoPermission {
        scope_id: "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e01",
        scope: "ToDoList.Read",
        role_id: "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e03",
        role: "ToDoList.Read.All",
        does: "Read",
    },
    TodoPermission {
        scope_id: "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e02",
        scope: "ToDoList.ReadWrite",
        role_id: "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e04",
        role: "ToDoList.ReadWrite.All",
        does: "Read and write",
    },
];

impl TodoPermission {
    /// The id of its scope in this registration: that of whatever has its value, or ours.
    pub(crate) fn scope_id(&self, api: Option<&Application>) -> String {
        let scopes = api.and_then(|api| api.settings.api.as_ref());
        let scopes = scopes.map(|api| api.oauth2_permission_scopes.as_slice()).unwrap_or_default();
        let found = scopes.iter().find(|it| it.value.as_deref() == Some(self.scope));
        found.map_or(self.scope_id, |it| it.id.as_str()).to_owned()
    }

    /// The id of its app role in this registration.
    pub(crate) fn role_id(&self, api: Option<&Application>) -> String {
        let roles = api.and_then(|api| api.settings.app_roles.as_deref()).unwrap_or_default();
        let found = roles.iter().find(|it| it.value.as_deref() == Some(self.role));
        found.map_or(self.role_id, |it| it.id.as_str()).to_owned()
    }

    /// Puts its scope in order among these: found by value, or else by id, or else added.
    ///
    /// Admins alone can consent: in an external tenant customers cannot.
    pub(crate) fn set_scope(&self, scopes: &mut Vec<Scope>) {
        let by_value = scopes.iter().position(|it| it.value.as_deref() == Some(self.scope));
        let at = by_value.or_else(|| scopes.iter().position(|it| it.id == self.scope_id));
        let at = at.unwrap_or_else(|| {
            scopes.push(Scope {
                id: self.scope_id.to_owned(),
                admin_consent_display_name: Some(format!("{} the user's todos", self.does)),
                admin_consent_description: Some(format!(
                    "Lets the application {} the todos of the user who is signed in.",
                    self.does.to_lowercase()
                )),
                ..Scope::default()
            });
            scopes.len() - 1
        });
        let scope = &mut scopes[at];
        scope.value = Some(self.scope.to_owned());
        scope.is_enabled = true;
        // `User` includes administrators: whoever set that by hand took nothing away.
        scope.kind.get_or_insert_with(|| "Admin".to_owned());
    }

    /// Puts its app role in order among these. Applications only: a user's role opens nothing.
    pub(crate) fn set_role(&self, roles: &mut Vec<AppRole>) {
        let by_value = roles.iter().position(|it| it.value.as_deref() == Some(self.role));
        let at = by_value.or_else(|| roles.iter().position(|it| it.id == self.role_id));
        let at = at.unwrap_or_else(|| {
            roles.push(AppRole {
                id: self.role_id.to_owned(),
                display_name: Some(format!("{} everybody's todos", self.does)),
                description: Some(format!(
                    "Lets the application {} the todos of all users.",
                    self.does.to_lowercase()
                )),
                ..AppRole::default()
            });
            roles.len() - 1
        });
        let role = &mut roles[at];
        role.value = Some(self.role.to_owned());
        role.is_enabled = true;
        role.allowed_member_types = vec!["Application".to_owned()];
    }
}
