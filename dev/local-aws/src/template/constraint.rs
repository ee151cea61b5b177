use regex::bytes::Regex;

use super::Template;

/// What a template demands of the values of a parameter.
#[derive(Debug, Clone)]
pub struct Constraint {
    pattern: Regex,
    /// What a value must be.
    pub description: String,
}

impl Constraint {
    /// Whether CloudFormation takes this value.
    pub fn allows(&self, value: &str) -> bool {
        self.pattern.is_match(value.as_bytes())
    }
}

impl Template {
    /// The constraint of a parameter with a pattern.
    ///
    /// # Panics
    /// For a pattern that only CloudFormation knows; a test reads all of `template.yaml`.
    pub fn constraint(&self, parameter: &str) -> Option<Constraint> {
        let text = |name: &str| self.parameter(parameter)?.get(name)?.as_str();
        let pattern = text("AllowedPattern")?;
        // CloudFormation's patterns cover the whole value and know ASCII classes.
        let regex = Regex::new(&format!("^(?-u:{pattern})$")).expect("a common pattern");
        let description = text("ConstraintDescription").unwrap_or(pattern).to_owned();
        Some(Constraint { pattern: regex, description })
    }
}
