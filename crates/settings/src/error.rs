use std::fmt;

/// A setting that is missing or wrong. Its `Display` is the one line that a person sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The variable's name.
    pub variable: &'static str,
    /// What is wrong, as a predicate: `is not set`, `is not valid: …`.
    pub fault: String,
    /// A value that would do.
    pub example: &'static str,
}

impl SettingError {
    /// The variable is absent, or set and empty, and has no default.
    pub fn missing(variable: &'static str, example: &'static str) -> Self {
        Self { variable, fault: "is not set".to_owned(), example }
    }

    /// The variable is set to something that cannot be used. `why` must not repeat the value.
    pub fn invalid(variable: &'static str, why: impl fmt::Display, example: &'static str) -> Self {
        Self { variable, fault: format!("is not valid: {why}"), example }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, fault, example } = self;
        write!(f, "{variable} {fault}; for example {variable}={example}")
    }
}

impl std::error::Error for SettingError {}
