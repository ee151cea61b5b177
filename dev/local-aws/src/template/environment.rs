use std::collections::BTreeMap;

use serde_json::Value;

use super::{Template, route};
use crate::TemplateError;

impl Template {
    /// The environment variables of each function, by its binary, without those that all share.
    ///
    /// `values` has the values of parameters and of resources. A parameter that is not in it has its
    /// default; a variable without a value is left out.
    ///
    /// # Errors
    /// When a function has no binary.
    pub fn environments(
        &self,
        values: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, TemplateError> {
        let of = |(id, function): (&String, &Value)| {
            let variables = function.pointer("/Properties/Environment/Variables");
            let variables = variables.and_then(Value::as_object).into_iter().flatten();
            let value =
                |(name, value): (&String, &Value)| Some((name.clone(), self.text(value, values)?));
            Ok((route::name(id, function)?.to_owned(), variables.filter_map(value).collect()))
        };
        self.of_type("AWS::Serverless::Function").map(of).collect()
    }

    /// The names of the environment variables that all functions share.
    pub fn shared_variables(&self) -> Vec<String> {
        let variables = self
            .rest
            .get("Globals")
            .and_then(|globals| globals.pointer("/Function/Environment/Variables")?.as_object());
        variables.into_iter().flat_map(|variables| variables.keys().cloned()).collect()
    }

    /// What CloudFormation makes of a value; `None` if there is none.
    pub(crate) fn text(&self, value: &Value, values: &BTreeMap<String, String>) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Object(function) => {
                let (name, argument) = function.iter().next()?;
                match (name.as_str(), argument) {
                    ("Ref", Value::String(name)) => self.reference(name, values),
                    ("Fn::GetAtt", Value::Array(path)) => {
                        Some(format!("{}.{}", path.first()?.as_str()?, path.get(1)?.as_str()?))
                    }
                    ("Fn::Sub", Value::String(text)) => self.substitute(text, values),
                    ("Fn::If", _) => self.text(self.chosen(value, values)?, values),
                    // A list is a parameter, as text with commas.
                    ("Fn::Join", Value::Array(parts)) => {
                        let list = self.text(parts.get(1)?, values)?;
                        Some(list.split(',').collect::<Vec<_>>().join(parts.first()?.as_str()?))
                    }
                    _ => None,
                }
            }
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) => None,
        }
    }

    /// The value itself, or the one that its `Fn::If` chooses.
    pub(crate) fn chosen<'a>(
        &'a self,
        value: &'a Value,
        values: &BTreeMap<String, String>,
    ) -> Option<&'a Value> {
        let Some(parts) = value.get("Fn::If") else { return Some(value) };
        let condition = self.rest.get("Conditions")?.get(parts.get(0)?.as_str()?)?;
        parts.get(if self.holds(condition, values) { 1 } else { 2 })
    }

    fn reference(&self, name: &str, values: &BTreeMap<String, String>) -> Option<String> {
        let default = || self.text(self.rest.get("Parameters")?.get(name)?.get("Default")?, values);
        values.get(name).cloned().or_else(default)
    }

    fn substitute(&self, text: &str, values: &BTreeMap<String, String>) -> Option<String> {
        let mut parts = text.split("${");
        let mut result = parts.next()?.to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            result.push_str(&self.reference(name, values)?);
            result.push_str(rest);
        }
        Some(result)
    }

    fn holds(&self, condition: &Value, values: &BTreeMap<String, String>) -> bool {
        let arguments = |name| condition.get(name).and_then(Value::as_array);
        if let Some([left, right]) = arguments("Fn::Equals").map(Vec::as_slice) {
            self.text(left, values) == self.text(right, values)
        } else if let Some([condition]) = arguments("Fn::Not").map(Vec::as_slice) {
            !self.holds(condition, values)
        } else if let Some(conditions) = arguments("Fn::And") {
            conditions.iter().all(|condition| self.holds(condition, values))
        } else if let Some(name) = condition.get("Condition").and_then(Value::as_str) {
            let named = self.rest.get("Conditions").and_then(|conditions| conditions.get(name));
            named.is_some_and(|condition| self.holds(condition, values))
        } else {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn todos(values: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let values = values.iter().map(owned).collect();
        Template::project().environments(&values).unwrap().remove("todos").unwrap()
    }

    #[test]
    fn a_variable_has_the_parameter_s_value_or_its_default() {
        let variables = todos(&[("Issuer", "https://login.example"), ("SessionMaxHours", "3")]);
        assert_eq!(variables["OIDC_ISSUER"], "https://login.example");
        assert_eq!(variables["SESSION_MAX_HOURS"], "3");
        assert_eq!(variables["SESSION_IDLE_MINUTES"], "60");
        assert_eq!(variables["OIDC_METADATA_URL"], "");
        assert_eq!(variables.get("API_AUDIENCE"), None, "the parameter has no default");
    }

    #[test]
    fn a_resource_has_the_value_that_is_given() {
        assert_eq!(todos(&[("TodosTable", "t-1")])["TODOS_TABLE"], "t-1");
        assert_eq!(todos(&[]).get("TODOS_TABLE"), None);
    }

    #[test]
    fn conditions_choose_between_values() {
        let own = [("PublicUrl", "https://cdn.example")];
        assert_eq!(todos(&own)["PUBLIC_URL"], "https://cdn.example");
        let domain = [("DomainName", "todo.example.com")];
        assert_eq!(todos(&domain)["PUBLIC_URL"], "https://todo.example.com");
        // A file of generated values may have one, and a domain is added to it without an outage.
        assert_eq!(todos(&[own, domain].concat())["PUBLIC_URL"], "https://cdn.example");
        assert_eq!(todos(&[])["PUBLIC_URL"], "");
    }
}
