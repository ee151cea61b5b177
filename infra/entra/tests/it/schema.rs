//! Holds a JSON value against Microsoft's published types.

use std::{collections::HashMap, fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

const NAMESPACE: &str = "microsoft.graph.";

/// Types by their full names.
pub(crate) struct Schema(HashMap<String, Type>);

#[derive(Deserialize)]
struct Type {
    #[serde(rename = "abstract", default)]
    is_abstract: bool,
    base: Option<String>,
    #[serde(default)]
    properties: HashMap<String, Property>,
    #[serde(default)]
    navigation: HashMap<String, String>,
    members: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Property {
    nullable: bool,
    #[serde(rename = "type")]
    kind: String,
}

impl Schema {
    /// `types.json`, which does not come with the project; `None`, and a word about it, without.
    pub(crate) fn find() -> Option<Self> {
        let given = std::env::var("TOLLGATE_GRAPH_TYPES").ok();
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/graph/types.json");
        let path = given.clone().unwrap_or_else(|| beside.to_owned());
        if given.is_none() && !Path::new(&path).exists() {
            eprintln!("SKIPPED: TOLLGATE_GRAPH_TYPES does not name Microsoft Graph's types.json");
            return None;
        }
        let text = fs::read_to_string(&path).expect(&path);
        let mut types: HashMap<String, Type> = serde_json::from_str(&text).unwrap();
        // Not among the extracted types; from the documentation of identityUserFlowAttribute.
        types.entry("microsoft.graph.identityUserFlowAttribute".to_owned()).or_insert_with(|| {
            let text = json!({ "type": "Edm.String", "nullable": true });
            let names = ["displayName", "description", "userFlowAttributeType", "dataType"];
            let properties: HashMap<_, _> = names.map(|name| (name, text.clone())).into();
            let base = "microsoft.graph.entity";
            serde_json::from_value(json!({ "base": base, "properties": properties })).unwrap()
        });
        Some(Self(types))
    }

    /// What is wrong with a value of this type; nothing when nothing is.
    pub(crate) fn errors(&self, kind: &str, value: &Value) -> Vec<String> {
        let mut errors = Vec::new();
        self.check(kind, value, kind.trim_start_matches(NAMESPACE), &mut errors);
        errors
    }

    fn check(&self, kind: &str, value: &Value, at: &str, errors: &mut Vec<String>) {
        if let Some(element) = kind.strip_prefix("Collection(").and_then(|it| it.strip_suffix(')'))
        {
            match value.as_array() {
                Some(list) => list.iter().for_each(|it| self.check(element, it, at, errors)),
                None => errors.push(format!("{at}: not a list")),
            }
            return;
        }
        let fits = match kind {
            "Edm.String" => value.is_string(),
            "Edm.Boolean" => value.is_boolean(),
            "Edm.Int32" => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
            // Base64, or a thumbprint's hexadecimal digits, which Base64 takes too.
            "Edm.Binary" => value.as_str().is_some_and(|it| BASE64_STANDARD.decode(it).is_ok()),
            "Edm.Guid" => value.as_str().is_some_and(is_guid),
            "Edm.DateTimeOffset" => {
                value.as_str().is_some_and(|it| OffsetDateTime::parse(it, &Rfc3339).is_ok())
            }
            _ => return self.check_named(kind, value, at, errors),
        };
        if !fits {
            errors.push(format!("{at}: {value} is no {kind}"));
        }
    }

    fn check_named(&self, kind: &str, value: &Value, at: &str, errors: &mut Vec<String>) {
        let Some(declared) = self.0.get(kind) else {
            return errors.push(format!("{at}: the type {kind} is not known"));
        };
        if let Some(members) = &declared.members {
            if !value.as_str().is_some_and(|it| members.iter().any(|member| member == it)) {
                errors.push(format!("{at}: {value} is none of {members:?}"));
            }
            return;
        }
        let Some(object) = value.as_object() else {
            return errors.push(format!("{at}: {value} is no {kind}"));
        };
        let named = object.get("@odata.type").map(|it| it.as_str().unwrap_or_default());
        let actual = named.map_or(kind, |it| it.trim_start_matches('#'));
        if !self.line(actual).any(|(name, _)| name == kind) {
            return errors.push(format!("{at}: {actual} is no {kind}"));
        }
        // Of an abstract type there is nothing but the id, by which an entity is referred to.
        let is_reference = object.keys().eq(["id"]);
        if self.0[actual].is_abstract && !is_reference {
            errors.push(format!("{at}: @odata.type does not say which {kind}"));
        }
        for (name, value) in object.iter().filter(|(name, _)| *name != "@odata.type") {
            let at = format!("{at}.{name}");
            let property = self.line(actual).find_map(|(_, it)| it.properties.get(name));
            let navigation = self.line(actual).find_map(|(_, it)| it.navigation.get(name));
            match (property, navigation) {
                (Some(property), _) if value.is_null() && property.nullable => {}
                (Some(property), _) => self.check(&property.kind, value, &at, errors),
                (None, Some(kind)) => self.check(kind, value, &at, errors),
                (None, None) => errors.push(format!("{at}: {actual} has no such property")),
            }
        }
    }

    /// A type and those that it derives from.
    fn line<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Type)> {
        let first = self.0.get_key_value(kind);
        let line = std::iter::successors(first, |(_, it)| {
            it.base.as_ref().and_then(|base| self.0.get_key_value(base))
        });
        line.map(|(name, it)| (name.as_str(), it))
    }
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}
