mod constraint;
mod document;
mod environment;
mod route;
mod table;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

pub use constraint::Constraint;
pub use route::{MethodPattern, PathParameters, PathPattern, Route};
pub use table::Table;

/// What `template.yaml` says.
#[derive(Debug, Clone)]
pub struct Template {
    resources: Map<String, Value>,
    /// The other sections.
    rest: Value,
}

/// A parameter of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: `Issuer`.
    pub name: String,
    /// Without one, a deployment must give it a value.
    pub default: Option<String>,
}

/// A Lambda function of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its logical id: `SigninFunction`.
    pub logical_id: String,
    /// The name of its package, its binary and its folder in `functions`.
    pub name: String,
}

/// A Lambda function of the template that Node.js runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFunction {
    /// The name of its folder.
    pub name: String,
    /// The module with its handler.
    pub module: PathBuf,
    /// The name of the handler in the module.
    pub export: String,
}

/// A template that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The text is not YAML.
    #[error("template.yaml is not valid YAML: {0}")]
    Yaml(String),
    /// The YAML is fine but not the template that is expected.
    #[error("template.yaml: {resource}: {fault}")]
    Shape {
        /// The resource's name, or the section's.
        resource: String,
        /// What is wrong with it.
        fault: &'static str,
    },
}

/// A scalar as CloudFormation takes it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

impl TemplateError {
    fn shape(resource: &str, fault: &'static str) -> Self {
        Self::Shape { resource: resource.to_owned(), fault }
    }
}

impl Template {
    /// The `template.yaml` of this workspace, as it was at compile time.
    ///
    /// # Panics
    /// When it cannot be read, for example because a name is there twice.
    pub fn project() -> Self {
        Self::parse(include_str!("../../../template.yaml"))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Reads a template.
    ///
    /// # Errors
    /// When it is not YAML or has no resources.
    pub fn parse(yaml: &str) -> Result<Self, TemplateError> {
        let mut document = document::read(yaml)?;
        match document.get_mut("Resources").map(Value::take) {
            Some(Value::Object(resources)) => Ok(Self { resources, rest: document }),
            _ => Err(TemplateError::shape("Resources", "is missing or not a mapping")),
        }
    }

    /// All resources, by logical id.
    pub fn resources(&self) -> &Map<String, Value> {
        &self.resources
    }

    /// The parameters.
    pub fn parameters(&self) -> Vec<Parameter> {
        let parameters = self.rest.get("Parameters").and_then(Value::as_object);
        let read = |(name, parameter): (&String, &Value)| Parameter {
            name: name.clone(),
            default: parameter.get("Default").map(text),
        };
        parameters.into_iter().flatten().map(read).collect()
    }

    /// The DynamoDB tables.
    ///
    /// # Errors
    /// When a table has no key schema.
    pub fn tables(&self) -> Result<Vec<Table>, TemplateError> {
        self.of_type("AWS::DynamoDB::Table").map(|(id, table)| Table::read(id, table)).collect()
    }

    /// The functions.
    ///
    /// # Errors
    /// When a function has no binary.
    pub fn functions(&self) -> Result<Vec<Function>, TemplateError> {
        let function = |(id, function): (&String, &Value)| {
            let name = route::name(id, function)?.to_owned();
            Ok(Function { logical_id: id.clone(), name })
        };
        self.of_type("AWS::Serverless::Function").map(function).collect()
    }

    /// The routes of the HTTP API, the most specific first: the first that
    /// matches is the one that the HTTP API would choose.
    ///
    /// # Errors
    /// When a function has no binary or an event no method or path.
    pub fn routes(&self) -> Result<Vec<Route>, TemplateError> {
        let authorizers = self.authorizers();
        let mut routes = Vec::new();
        for (id, function) in self.of_type("AWS::Serverless::Function") {
            routes.extend(Route::of_function(id, function, &authorizers)?);
        }
        routes.sort_by_key(Route::precedence);
        Ok(routes)
    }

    /// The functions of the API's Lambda authorizers, by the names that routes give them.
    fn authorizers(&self) -> BTreeMap<&str, &str> {
        let apis = self.of_type("AWS::Serverless::HttpApi");
        let authorizers = apis.filter_map(|(_, api)| api.pointer("/Properties/Auth/Authorizers"));
        let function = |authorizer: &Value| {
            let id = authorizer["FunctionArn"]["Ref"].as_str()?.strip_suffix(".Alias")?;
            route::name(id, self.resources.get(id)?).ok()
        };
        let named = |(name, authorizer)| Some((name, function(authorizer)?));
        let all = authorizers.filter_map(Value::as_object).flatten();
        all.filter_map(|(name, authorizer)| named((name.as_str(), authorizer))).collect()
    }

    /// The functions that Node.js runs.
    ///
    /// # Errors
    /// When one has no folder or handler.
    pub fn node_functions(&self) -> Result<Vec<NodeFunction>, TemplateError> {
        let functions = self.of_type("AWS::Serverless::Function");
        let functions = functions.filter(|(_, function)| {
            let runtime = function["Properties"]["Runtime"].as_str().unwrap_or_default();
            runtime.starts_with("nodejs")
        });
        let read = |(id, function): (&String, &Value)| {
            let name = route::name(id, function)?.to_owned();
            let properties = &function["Properties"];
            let handler = properties["Handler"].as_str().and_then(|it| it.split_once('.'));
            let (Some(folder), Some((module, export))) = (properties["CodeUri"].as_str(), handler)
            else {
                return Err(TemplateError::shape(id, "has no CodeUri or Handler"));
            };
            let module = Path::new(folder).join(format!("{module}.mjs"));
            Ok(NodeFunction { name, module, export: export.to_owned() })
        };
        functions.map(read).collect()
    }

    /// The names of the environment variables of each function, by its name.
    ///
    /// # Errors
    /// When a function has no binary.
    pub fn variables(&self) -> Result<Vec<(String, Vec<String>)>, TemplateError> {
        let of = |(id, function): (&String, &Value)| {
            let variables = function.pointer("/Properties/Environment/Variables");
            let variables = variables.and_then(Value::as_object).into_iter().flatten();
            let names = variables.map(|(name, _)| name.clone()).collect();
            Ok((route::name(id, function)?.to_owned(), names))
        };
        self.of_type("AWS::Serverless::Function").map(of).collect()
    }

    /// A parameter: its type, default, pattern and the like.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.rest.get("Parameters")?.get(name)
    }

    /// Which environment variable of a function names which table: pairs of
    /// variable and logical id, each once.
    pub fn table_variables(&self) -> Vec<(String, String)> {
        let tables: Vec<&str> =
            self.of_type("AWS::DynamoDB::Table").map(|(id, _)| id.as_str()).collect();
        let mut pairs = Vec::new();
        for (_, function) in self.of_type("AWS::Serverless::Function") {
            let variables = function.pointer("/Properties/Environment/Variables");
            for (name, value) in variables.and_then(Value::as_object).into_iter().flatten() {
                if let Some(id) = value.get("Ref").and_then(Value::as_str)
                    && tables.contains(&id)
                {
                    pairs.push((name.clone(), id.to_owned()));
                }
            }
        }
        pairs.sort();
        pairs.dedup();
        pairs
    }

    fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.resources.iter().filter(move |(_, resource)| resource["Type"] == kind)
    }
}

#[cfg(test)]
mod tests;
