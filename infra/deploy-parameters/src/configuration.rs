use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use local_aws::Template;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{ConfigurationError, document::Document, generated};

/// SAM's key for another file of parameters.
const INCLUDE: &str = "$include";

/// An environment of `samconfig.toml`, with both files' parameters.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Its name: `dev`.
    pub environment: String,
    /// People's file.
    pub file: PathBuf,
    /// The tools' file.
    pub generated: PathBuf,
    /// The CloudFormation stack.
    pub stack_name: String,
    /// The role that CloudFormation uses, if not that of the caller. `sam deploy` reads it itself.
    pub role_arn: Option<String>,
    /// The AWS region, if the file names it.
    pub region: Option<String>,
    /// The AWS profile, if the file names it.
    pub profile: Option<String>,
    /// The Entra tenant to prepare, if the file names it.
    pub tenant: Option<String>,
    /// The line of the parameters in people's file.
    line: usize,
    parameters: BTreeMap<String, Parameter>,
    replaced: Vec<Replaced>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// As CloudFormation gets it.
    pub value: String,
    /// Whether people set it, not a tool.
    pub is_decided: bool,
    /// Where it is in its file, counted from 1.
    line: usize,
}

/// A generated value that does not count, because people set another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The parameter.
    pub name: String,
    /// What people set.
    pub decided: String,
    /// What a tool wrote.
    pub generated: String,
}

impl Configuration {
    /// Reads both files. `folder` is where SAM runs: the path of the included file starts there.
    ///
    /// # Errors
    /// When a file cannot be read, has no such environment, or something in it is wrong. Missing
    /// parameters are an error of [`Self::check_complete`] only.
    pub fn read(file: &Path, environment: &str, folder: &Path) -> Result<Self, ConfigurationError> {
        let document = Document::read(file)?;
        let root = document.table()?;
        let Some(section) = table(&root, environment) else {
            let known = root.iter().filter(|(_, value)| value.get_ref().is_table());
            let known = known.map(|(name, _)| name.get_ref().to_string()).collect();
            let (file, environment) = (file.to_owned(), environment.to_owned());
            return Err(ConfigurationError::UnknownEnvironment { file, environment, known });
        };
        no_other_list(&document, section)?;
        no_other_stack(&document, section, environment)?;
        let global = parameters(section, "global");
        let text = |name: &str| text(global, name);
        let stack = global.and_then(|it| it.get("stack_name"));
        let Some(stack_name) = text("stack_name").filter(|name| is_stack_name(name)) else {
            let at = stack.map_or(0, |it| it.span().start);
            let fault = format!(
                "[{environment}.global.parameters] needs a stack_name of letters, digits and \
                 hyphens that does not end in -operations: stack_name = \"tollgate-{environment}\""
            );
            return Err(document.fault(at, fault));
        };
        let overrides = global.and_then(|it| it.get("parameter_overrides"));
        let decided = overrides.and_then(|it| it.get_ref().as_table());
        let included =
            decided.and_then(|it| it.get(INCLUDE)?.get_ref().as_str()?.strip_prefix("file://"));
        let (Some(overrides), Some(decided), Some(included)) = (overrides, decided, included)
        else {
            let at = overrides.map_or(0, |it| it.span().start);
            let fault = format!(
                "name the file with the generated parameters:\n  \
                 [{environment}.global.parameters.parameter_overrides]\n  \
                 \"{INCLUDE}\" = \"file://samconfig.{environment}.toml\""
            );
            return Err(document.fault(at, fault));
        };
        let mut configuration = Self {
            environment: environment.to_owned(),
            file: file.to_owned(),
            generated: folder.join(included),
            stack_name,
            role_arn: self::text(parameters(section, "deploy"), "role_arn"),
            region: text("region"),
            profile: text("profile"),
            tenant: self::text(parameters(section, "xtask"), "tenant"),
            line: document.line(overrides.span().start),
            parameters: BTreeMap::new(),
            replaced: Vec::new(),
        };
        configuration.merge(&document, decided)?;
        Ok(configuration)
    }

    fn merge(
        &mut self,
        document: &Document,
        decided: &DeTable<'_>,
    ) -> Result<(), ConfigurationError> {
        let known: Vec<_> = Template::project().parameters();
        if let Some(document) = Document::read_if_any(&self.generated)? {
            for (name, (value, line)) in generated::read(&document)? {
                self.parameters.insert(name, Parameter { value, is_decided: false, line });
            }
        }
        // SAM takes the last of two values, in the order of the file.
        let (include, _) = decided.get_key_value(INCLUDE).expect("the caller has read it");
        for (name, value) in decided.iter().filter(|(name, _)| name.get_ref() != INCLUDE) {
            let (at, name) = (name.span().start, name.get_ref().to_string());
            if at < include.span().start {
                let fault = format!("move {name} below \"{INCLUDE}\": SAM takes the last value");
                return Err(document.fault(at, fault));
            }
            if !known.iter().any(|it| it.name == name) {
                let near =
                    known.iter().map(|it| (strsim::damerau_levenshtein(&it.name, &name), &it.name));
                let near = near.min().filter(|(distance, _)| *distance < 4);
                let near =
                    near.map_or_else(String::new, |(_, near)| format!("; did you mean {near}?"));
                let fault = format!("template.yaml has no parameter {name}{near}");
                return Err(document.fault(at, fault));
            }
            let (value, line) = (document.parameter(&name, value)?, document.line(at));
            let new = Parameter { value, is_decided: true, line };
            if let Some(old) = self.parameters.insert(name.clone(), new.clone())
                && old.value != new.value
            {
                self.replaced.push(Replaced { name, decided: new.value, generated: old.value });
            }
        }
        // A parameter that the template no longer has is of no use to anybody.
        self.parameters.retain(|name, _| known.iter().any(|it| it.name == *name));
        Ok(())
    }

    /// The value of a parameter, if one of the files has it.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.parameters.get(name)
    }

    /// All values by name.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, it)| (name.as_str(), it.value.as_str()))
    }

    /// The values of all parameters of the template, also of those that neither file has: SAM would
    /// leave these as the stack has them.
    pub fn complete(&self) -> BTreeMap<String, String> {
        let defaults = Template::project().parameters().into_iter();
        let defaults = defaults.filter_map(|it| Some((it.name, it.default?)));
        let own = self.values().map(|(name, value)| (name.to_owned(), value.to_owned()));
        defaults.chain(own).collect()
    }

    /// Generated values that people's values replace.
    pub fn replaced(&self) -> &[Replaced] {
        &self.replaced
    }

    /// Whether every parameter without a default has a value.
    ///
    /// # Errors
    /// With the lines to add.
    pub fn check_complete(&self) -> Result<(), ConfigurationError> {
        let missing = Template::project().parameters().into_iter().filter(|it| {
            it.default.is_none() && self.get(&it.name).is_none_or(|found| found.value.is_empty())
        });
        let names: Vec<_> = missing.map(|it| it.name).collect();
        if names.is_empty() {
            return Ok(());
        }
        let (file, environment) = (self.file.clone(), self.environment.clone());
        Err(ConfigurationError::Missing { file, line: self.line, environment, names })
    }
}

fn table<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<&'a DeTable<'i>> {
    table.get(name)?.get_ref().as_table()
}

/// The section of a command of SAM: `[dev.deploy.parameters]`.
fn parameters<'a, 'i>(section: &'a DeTable<'i>, command: &str) -> Option<&'a DeTable<'i>> {
    self::table(self::table(section, command)?, "parameters")
}

fn text(section: Option<&DeTable<'_>>, name: &str) -> Option<String> {
    section?.get(name)?.get_ref().as_str().map(ToOwned::to_owned)
}

/// SAM replaces the global list with that of a command, and both files would have no effect.
fn no_other_list(document: &Document, section: &DeTable<'_>) -> Result<(), ConfigurationError> {
    for (command, value) in section.iter().filter(|(name, _)| name.get_ref() != "global") {
        let list = value.get_ref().as_table().and_then(|it| table(it, "parameters"));
        let list: Option<&Spanned<DeValue<'_>>> = list.and_then(|it| it.get("parameter_overrides"));
        if let Some(list) = list {
            let command = command.get_ref();
            let fault = format!(
                "move the parameters of {command} to the section `global`: SAM would take this list \
                 in its place"
            );
            return Err(document.fault(list.span().start, fault));
        }
    }
    Ok(())
}

/// `sam` would deploy to one stack, and everything else would mean the other.
fn no_other_stack(
    document: &Document,
    section: &DeTable<'_>,
    environment: &str,
) -> Result<(), ConfigurationError> {
    for (command, value) in section.iter().filter(|(name, _)| name.get_ref() != "global") {
        let Some(parameters) = value.get_ref().as_table().and_then(|it| table(it, "parameters"))
        else {
            continue;
        };
        for name in ["stack_name", "region", "profile"] {
            if let Some((key, _)) = parameters.get_key_value(name) {
                let command = command.get_ref();
                let fault = format!(
                    "move {name} to [{environment}.global.parameters]: only SAM would read it in \
                     the section {command}"
                );
                return Err(document.fault(key.span().start, fault));
            }
        }
    }
    Ok(())
}

/// A name with this end is that of the stack `infra/operations` for another stack.
fn is_stack_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 128
        && !name.to_ascii_lowercase().ends_with("-operations")
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
