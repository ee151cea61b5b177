use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Number, Value, json};

use crate::TemplateError;

/// Reads YAML into JSON, CloudFormation's short tags as their long forms.
pub(crate) fn read(yaml: &str) -> Result<Value, TemplateError> {
    let documents =
        Yaml::load_from_str(yaml).map_err(|error| TemplateError::Yaml(error.to_string()))?;
    Ok(documents.first().map_or(Value::Null, value))
}

fn value(node: &Yaml) -> Value {
    match node {
        Yaml::Value(scalar) => self::scalar(scalar),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(entries) => {
            let entry = |(key, node): (&Yaml, &Yaml)| Some((text(key)?, value(node)));
            Value::Object(entries.iter().filter_map(entry).collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, node) => intrinsic(&tag.suffix, &value(node)),
        // Neither anchors nor late parsing are in use; a bad value is no value.
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => Value::Null,
    }
}

fn scalar(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(flag) => Value::Bool(*flag),
        Scalar::Integer(number) => Value::from(*number),
        Scalar::FloatingPoint(number) => {
            Number::from_f64(number.into_inner()).map_or(Value::Null, Value::Number)
        }
        Scalar::String(text) => Value::from(text.as_ref()),
    }
}

/// A key as text: `2:` is the key `"2"`.
fn text(key: &Yaml) -> Option<String> {
    match value(key) {
        Value::String(text) => Some(text),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

/// `!Ref X` is `{"Ref": "X"}`, `!GetAtt X.Y` is `{"Fn::GetAtt": ["X", "Y"]}`,
/// any other `!Name x` is `{"Fn::Name": x}`.
fn intrinsic(name: &str, argument: &Value) -> Value {
    match (name, argument) {
        ("Ref" | "Condition", _) => json!({ name: argument }),
        ("GetAtt", Value::String(path)) => match path.split_once('.') {
            Some((resource, attribute)) => json!({ "Fn::GetAtt": [resource, attribute] }),
            None => json!({ "Fn::GetAtt": argument }),
        },
        _ => json!({ format!("Fn::{name}"): argument }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(yaml: &str, expected: &Value) {
        assert_eq!(&read(yaml).unwrap(), expected, "{yaml}");
    }

    #[test]
    fn short_tags_become_long_forms() {
        check("a: !Ref X", &json!({"a": {"Ref": "X"}}));
        check("a: !GetAtt X.Arn", &json!({"a": {"Fn::GetAtt": ["X", "Arn"]}}));
        check("a: !Sub ${X}/y", &json!({"a": {"Fn::Sub": "${X}/y"}}));
        check("a: !If [C, !Ref X, 1]", &json!({"a": {"Fn::If": ["C", {"Ref": "X"}, 1]}}));
        check("a: !If\n  - C\n  - x", &json!({"a": {"Fn::If": ["C", "x"]}}));
    }

    #[test]
    fn plain_values_keep_their_types() {
        check("a: [1, 1.5, true, x, '1', ~]", &json!({"a": [1, 1.5, true, "x", "1", null]}));
        check("2: b", &json!({"2": "b"}));
    }
}
