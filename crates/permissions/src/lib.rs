#![doc = include_str!("../README.md")]

use settings::Setting;

/// One permission: a scope in users' tokens and an app role in applications' tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// The scope's name, as in a token: `ToDoList.Read`.
    pub scope: &'static str,
    /// The app role's name, as in a token: `ToDoList.Read.All`.
    pub role: &'static str,
    /// The setting that has the scope's name.
    pub scope_setting: Setting,
    /// The setting that has the app role's name.
    pub role_setting: Setting,
    /// What it allows, as the first words of a sentence: `Read`.
    pub verb: &'static str,
    /// The scope's title on the consent page.
    pub title: &'static str,
    /// The scope's description on the consent page.
    pub description: &'static str,
}

/// A permission of these names, of the settings of these names.
const fn permission(
    [scope, role]: [&'static str; 2],
    [scope_setting, role_setting]: [&'static str; 2],
    [verb, title, description]: [&'static str; 3],
) -> Permission {
    Permission {
        scope,
        role,
        scope_setting: Setting::new(scope_setting, "a scope of users' tokens", scope),
        role_setting: Setting::new(role_setting, "an app role of applications' tokens", role),
        verb,
        title,
        description,
    }
}

/// Reads todos.
pub const TODOS_READ: Permission = permission(
    ["ToDoList.Read", "ToDoList.Read.All"],
    ["TODOS_READ_SCOPE", "TODOS_READ_ROLE"],
    ["Read", "Read your to-do list", "See your tasks."],
);

/// Reads and writes todos.
pub const TODOS_WRITE: Permission = permission(
    ["ToDoList.ReadWrite", "ToDoList.ReadWrite.All"],
    ["TODOS_WRITE_SCOPE", "TODOS_WRITE_ROLE"],
    [
        "Read and write",
        "Read and change your to-do list",
        "See, add, edit, complete and delete your tasks.",
    ],
);

/// All permissions of the API, the less powerful first.
pub const ALL: [Permission; 2] = [TODOS_READ, TODOS_WRITE];
