//! Fills in templates: `{{name}}` is a value, and lines between `{{if write}}` or
//! `{{if read-only}}` and `{{end}}` count only for such a function.

use super::name::{Name, Scope};
use anyhow::{Result, ensure};
use uuid::Uuid;

/// What a function's templates are filled in with.
pub(super) struct Template {
    values: Vec<(&'static str, String)>,
    can_write: bool,
}

impl Template {
    /// For a function with a scope to read and, if there is a second one, a scope to write.
    pub(super) fn new(name: &Name, scopes: &[Scope]) -> Self {
        let scope = |at: usize| scopes.get(at).map(Scope::to_string).unwrap_or_default();
        let can_write = scopes.len() > 1;
        let if_write = |text: String| if can_write { text } else { String::new() };
        let mut values = vec![
            ("name", name.to_string()),
            ("crate", name.module()),
            ("NAME", name.constant()),
            ("Name", name.resource()),
            ("words", name.words()),
            ("count", scopes.len().to_string()),
            ("read_scope", scope(0)),
            ("write_scope", scope(1)),
            ("or_write", if_write(format!(" or `{}`", scope(1)))),
            ("post", if_write(".post(routes::write)".to_owned())),
        ];
        let ids = ["read_scope_id", "read_role_id", "write_scope_id", "write_role_id"];
        values.extend(ids.map(|id| (id, Uuid::now_v7().to_string())));
        Self { values, can_write }
    }

    /// # Errors
    /// When the template asks for a value that there is none of.
    pub(super) fn fill(&self, text: &str) -> Result<String> {
        let (mut filled, mut counts) = (String::new(), true);
        for line in text.split_inclusive('\n') {
            match line.trim_end() {
                "{{if write}}" => counts = self.can_write,
                "{{if read-only}}" => counts = !self.can_write,
                "{{end}}" => counts = true,
                _ if counts => filled.push_str(line),
                _ => {}
            }
        }
        for (name, value) in &self.values {
            filled = filled.replace(&format!("{{{{{name}}}}}"), value);
        }
        ensure!(!filled.contains("{{"), "a value is missing: {filled}");
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(scopes: &[&str], text: &str) -> Result<String> {
        let scopes: Vec<Scope> = scopes.iter().map(|it| it.parse().unwrap()).collect();
        Template::new(&"notes".parse().unwrap(), &scopes).fill(text)
    }

    #[test]
    fn values_and_conditional_lines_are_filled_in() {
        let text = "{{Name}} ${{{Name}}}\n{{if write}}\nw {{write_scope}}\n{{end}}\n\
                    {{if read-only}}\nr\n{{end}}\nend\n";
        assert_eq!(filled(&["a"], text).unwrap(), "Notes ${Notes}\nr\nend\n");
        assert_eq!(filled(&["a", "b"], text).unwrap(), "Notes ${Notes}\nw b\nend\n");
        assert!(filled(&["a"], "{{nothing}}").is_err());
    }
}
