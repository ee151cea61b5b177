#![doc = include_str!("../README.md")]

use settings::Setting;

/// One permission: a scope in users' tokens and an app role in applications' tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// The scope's name, as in a token: `ToDoList.Read`.
    pub scope: &'static str,
    /// The app role's name, as in a token: `ToDoList.Read.All`.
    pub role: &'static str,
    /// The scope's id in an Entra tenant.
    pub scope_id: &'static str,
    /// The app role's id in an Entra tenant.
    pub role_id: &'static str,
    /// The setting that has the scope's name.
    pub scope_setting: Setting,
    /// The setting that has the app role's name.
    pub role_setting: Setting,
    /// What it allows, as the first words of a sentence: `Read`.
    pub verb: &'static str,
    /// What it is about, as the last words of that sentence: `todos`.
    pub object: &'static str,
    /// The scope's title on the consent page.
    pub title: &'static str,
    /// The scope's description on the consent page.
    pub description: &'static str,
}

/// A permission of these names and ids, of the settings of these names.
const fn permission(
    [scope, role]: [&'static str; 2],
    [scope_id, role_id]: [&'static str; 2],
    [scope_setting, role_setting]: [&'static str; 2],
    [verb, object]: [&'static str; 2],
    [title, description]: [&'static str; 2],
) -> Permission {
    Permission {
        scope,
        role,
        scope_id,
        role_id,
        scope_setting: Setting::new(scope_setting, "a scope of users' tokens", scope),
        role_setting: Setting::new(role_setting, "an app role of applications' tokens", role),
        verb,
        object,
        title,
        description,
    }
}

/// The permissions of the function `todos`.
pub const TODOS: [Permission; 2] = [
    permission(
        ["ToDoList.Read", "ToDoList.Read.All"],
        ["e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e01", "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e03"],
        ["TODOS_READ_SCOPE", "TODOS_READ_ROLE"],
        ["Read", "todos"],
        ["Read your to-do list", "See your tasks."],
    ),
    permission(
        ["ToDoList.ReadWrite", "ToDoList.ReadWrite.All"],
        ["e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e02", "e3c0d3f4-1a55-4b0e-9f0a-5d6a3c1b7e04"],
        ["TODOS_WRITE_SCOPE", "TODOS_WRITE_ROLE"],
        ["Read and write", "todos"],
        ["Read and change your to-do list", "See, add, edit, complete and delete your tasks."],
    ),
];

/// The permissions of all functions. In each list, a permission includes those before it.
pub const HIERARCHIES: &[&[Permission]] = &[&TODOS];

/// All permissions of the API.
pub fn all() -> impl Iterator<Item = Permission> + Clone {
    HIERARCHIES.iter().copied().flatten().copied()
}
