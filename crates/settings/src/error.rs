use std::fmt;

use crate::Setting;

/// A setting that is missing or wrong. Its `Display` is one line: the variable, what is wrong with
/// its value, and an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The setting.
    pub setting: &'static Setting,
    /// What is wrong, as a predicate: `is not set`, `is not valid: …`.
    problem: String,
}

impl SettingError {
    /// The variable is not set, or set but empty, and has no default.
    pub fn missing(setting: &'static Setting) -> Self {
        Self { setting, problem: "is not set".to_owned() }
    }

    /// The variable's value is invalid. `reason` must not repeat the value: it may be secret.
    pub fn invalid(setting: &'static Setting, reason: impl fmt::Display) -> Self {
        Self { setting, problem: format!("is not valid: {reason}") }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { name, example, .. } = self.setting;
        write!(f, "{name} {}; for example {name}={example}", self.problem)
    }
}

impl std::error::Error for SettingError {}

/// All settings that are missing or wrong: at least one, each once. Its `Display` is one line for
/// each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingErrors(Vec<SettingError>);

impl SettingErrors {
    /// One error for each setting.
    pub fn iter(&self) -> impl Iterator<Item = &SettingError> {
        self.0.iter()
    }

    /// The variables' names.
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(|error| error.setting.name).collect()
    }
}

impl From<SettingError> for SettingErrors {
    fn from(error: SettingError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for SettingErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.iter().map(SettingError::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for SettingErrors {}

/// Combines results: all values, or all errors.
///
/// # Errors
/// When at least one of the results is an error.
pub fn all<R: Results>(results: R) -> Result<R::Values, SettingErrors> {
    results.all()
}

/// Combines any number of results: all errors, or none.
///
/// # Errors
/// When at least one of the results is an error.
pub fn combine(
    results: impl IntoIterator<Item = Result<(), SettingErrors>>,
) -> Result<(), SettingErrors> {
    let mut errors = Vec::new();
    for result in results {
        value(result, &mut errors);
    }
    if errors.is_empty() { Ok(()) } else { Err(SettingErrors(errors)) }
}

/// A tuple of results, for [`all`].
pub trait Results {
    /// The tuple of their values.
    type Values;

    /// See [`all`].
    ///
    /// # Errors
    /// When at least one of the results is an error.
    fn all(self) -> Result<Self::Values, SettingErrors>;
}

/// Adds the errors of a result that are not known yet.
fn value<T>(
    result: Result<T, impl Into<SettingErrors>>,
    errors: &mut Vec<SettingError>,
) -> Option<T> {
    let new = match result {
        Ok(value) => return Some(value),
        Err(error) => error.into().0,
    };
    for error in new {
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    None
}

macro_rules! results {
    ($($name:ident: $value:ident $error:ident),+) => {
        impl<$($value, $error: Into<SettingErrors>),+> Results for ($(Result<$value, $error>,)+) {
            type Values = ($($value,)+);

            fn all(self) -> Result<Self::Values, SettingErrors> {
                let ($($name,)+) = self;
                let mut errors = Vec::new();
                match ($(value($name, &mut errors),)+) {
                    ($(Some($name),)+) => Ok(($($name,)+)),
                    _ => Err(SettingErrors(errors)),
                }
            }
        }
    };
}

results!(a: A AE, b: B BE);
results!(a: A AE, b: B BE, c: C CE);
results!(a: A AE, b: B BE, c: C CE, d: D DE);
results!(a: A AE, b: B BE, c: C CE, d: D DE, e: E EE);
results!(a: A AE, b: B BE, c: C CE, d: D DE, e: E EE, f: F FE);
results!(a: A AE, b: B BE, c: C CE, d: D DE, e: E EE, f: F FE, g: G GE);
results!(a: A AE, b: B BE, c: C CE, d: D DE, e: E EE, f: F FE, g: G GE, h: H HE);

#[cfg(test)]
mod tests {
    use super::*;

    const A: Setting = Setting::new("A", "", "1");
    const B: Setting = Setting::new("B", "", "2");

    fn missing(setting: &'static Setting) -> Result<(), SettingError> {
        Err(SettingError::missing(setting))
    }

    #[test]
    fn all_errors_are_reported_each_once_in_one_line() {
        let both = all((missing(&A), missing(&B)));
        let errors = all((missing(&B), Ok::<_, SettingError>(1), both)).unwrap_err();
        assert_eq!(errors.names(), ["B", "A"]);
        let lines = "B is not set; for example B=2\nA is not set; for example A=1";
        assert_eq!(errors.to_string(), lines);
    }

    #[test]
    fn without_an_error_all_values_are_returned() {
        let results = (Ok::<_, SettingError>(1), Ok::<_, SettingErrors>("two"));
        assert_eq!(all(results), Ok((1, "two")));
    }
}
