/// An environment variable, declared once, next to the code that reads it.
///
/// Startup errors, `cargo xtask doctor` and the README's table come from this declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// What it means, as one line of Markdown.
    pub summary: &'static str,
    /// A valid value.
    pub example: &'static str,
    /// What applies if the variable is not set.
    pub if_unset: IfUnset,
    /// Whether the value is secret. `template.yaml` does not have it: it gives `<name>_ARN`, which
    /// names the secret in AWS Secrets Manager.
    pub secret: bool,
}

/// What applies if a variable is not set, or set but empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfUnset {
    /// Startup fails.
    Fails,
    /// This value.
    Default(&'static str),
    /// The function works without a value; the text says how.
    Means(&'static str),
    /// The value of the provider's [`Profile`](crate::Profile).
    ByProfile,
}

impl Setting {
    /// A setting that is required unless one of the methods below says otherwise.
    pub const fn new(name: &'static str, summary: &'static str, example: &'static str) -> Self {
        Self { name, summary, example, if_unset: IfUnset::Fails, secret: false }
    }

    /// The value that applies if the variable is not set.
    #[must_use]
    pub const fn default(self, value: &'static str) -> Self {
        Self { if_unset: IfUnset::Default(value), ..self }
    }

    /// How the function works without a value.
    #[must_use]
    pub const fn optional(self, meaning: &'static str) -> Self {
        Self { if_unset: IfUnset::Means(meaning), ..self }
    }

    /// The value of the provider's profile applies if the variable is not set.
    #[must_use]
    pub const fn by_profile(self) -> Self {
        Self { if_unset: IfUnset::ByProfile, ..self }
    }

    /// Marks the value as secret.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

/// The API scopes that the web app requests. An API function reads it to tell clients how to
/// request them, and works without it.
pub const SCOPES: Setting = Setting::new(
    "OIDC_SCOPES",
    "the API scopes to request, full names separated by spaces; required unless the profile has a value",
    "\"api://11111111-aaaa-4aaa-8aaa-111111111111/ToDoList.Read\"",
)
.by_profile();

/// The provider that is trusted.
pub(crate) const ISSUER: Setting = Setting::new(
    "OIDC_ISSUER",
    "the exact `iss` to accept",
    "https://<tenant-id>.ciamlogin.com/<tenant-id>/v2.0",
);
