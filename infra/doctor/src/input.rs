use std::{collections::BTreeMap, fs, io, io::Read as _, path::Path};

use deploy_parameters::{Configuration, ConfigurationError};
use local_aws::Template;
use settings::Environment;
use url::Url;

use crate::Arguments;

/// What is examined.
pub struct Input {
    /// The settings by name; `None` when nothing but an address was given.
    pub settings: Option<Vec<(String, String)>>,
    /// Whether the todo list is deployed: the parameter `Todos`.
    pub has_todos: bool,
    /// The deployment's address.
    pub url: Option<Url>,
    /// The access token. Never shown.
    pub token: Option<String>,
    /// Whether the client secret may be sent to the provider.
    pub try_credential: bool,
}

/// Why nothing could be examined.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A file, or standard input, cannot be read.
    #[error("cannot read {name}: {fault}")]
    Unreadable {
        /// Which one.
        name: String,
        /// The system's word for it.
        fault: io::Error,
    },
    /// A line that is no setting.
    #[error("{name}, line {line}: a line is KEY=VALUE, empty, or a comment with # at its start")]
    NotASetting {
        /// The file.
        name: String,
        /// Counted from 1.
        line: usize,
    },
    /// The environment of a deployment.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// Neither settings nor an address.
    #[error(
        "nothing to examine: OIDC_ISSUER is not set; \
         give --env-file FILE, --env NAME or --url https://…"
    )]
    Nothing,
    /// The settings of this program's own client.
    #[error(transparent)]
    Outbound(#[from] settings::SettingError),
}

impl Input {
    /// Reads what the arguments name.
    ///
    /// # Errors
    /// When a file cannot be read or is of another form, or nothing is there to examine.
    pub fn read(arguments: &Arguments) -> Result<Self, InputError> {
        let mut has_todos = true;
        let settings = if let Some(path) = &arguments.env_file {
            Some(env_file(&path.display().to_string(), &read(path)?)?)
        } else if let Some(name) = &arguments.env {
            let configuration = Configuration::read(&arguments.config_file, name, Path::new(""))?;
            configuration.check_complete()?;
            has_todos = configuration.get("Todos").is_none_or(|it| it.value != "false");
            Some(variables(configuration.values()))
        } else {
            let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
                Some((name.into_string().ok()?, value.into_string().ok()?))
            };
            let own: Vec<_> = std::env::vars_os().filter_map(text).collect();
            own.iter().any(|(name, _)| name == "OIDC_ISSUER").then_some(own)
        };
        if settings.is_none() && arguments.url.is_none() {
            return Err(InputError::Nothing);
        }
        let token = if let Some(path) = &arguments.token_file {
            Some(read(path)?)
        } else if arguments.token.is_some() {
            let mut text = String::new();
            let read = io::stdin().read_to_string(&mut text);
            let name = || "standard input".to_owned();
            read.map_err(|fault| InputError::Unreadable { name: name(), fault })?;
            Some(text)
        } else {
            None
        };
        Ok(Self {
            settings,
            has_todos,
            url: arguments.url.clone(),
            token: token.map(|token| token.trim().to_owned()),
            try_credential: arguments.try_credential,
        })
    }

    /// The settings as the functions read them, with the client secret or key of this process if
    /// they have none.
    pub(crate) fn environment(&self) -> Environment {
        let own = Environment::of(self.settings.iter().flatten().cloned());
        let (name, arn) = match own.text("OIDC_CLIENT_AUTH") {
            Some("private_key_jwt") => ("OIDC_CLIENT_KEY", "OIDC_CLIENT_KEY_ARN"),
            Some("aws_web_identity") => return own,
            _ => ("OIDC_CLIENT_SECRET", "OIDC_CLIENT_SECRET_ARN"),
        };
        // A deployment's settings have only the ARN.
        match (own.text(name), Environment::process().text(name)) {
            (None, Some(value)) => own.without(arn).with(name, value),
            _ => own,
        }
    }
}

fn read(path: &Path) -> Result<String, InputError> {
    let name = || path.display().to_string();
    fs::read_to_string(path).map_err(|fault| InputError::Unreadable { name: name(), fault })
}

fn env_file(name: &str, text: &str) -> Result<Vec<(String, String)>, InputError> {
    let mut all = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let pair = line.strip_prefix("export ").unwrap_or(line).split_once('=');
        let Some((key, value)) = pair else {
            return Err(InputError::NotASetting { name: name.to_owned(), line: at + 1 });
        };
        all.push((key.trim().to_owned(), unquoted(value.trim()).to_owned()));
    }
    Ok(all)
}

fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// The variables that `template.yaml` gives the functions for these parameters.
fn variables<'a>(given: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let template = Template::project();
    // The deployment names its tables; until then, the template's names stand for them.
    let resources = template.resources().keys().map(|id| (id.clone(), id.clone()));
    let environments = template
        .environments(&resources.chain(given).collect())
        .expect("the tests read template.yaml");
    let variables: BTreeMap<String, String> = environments.into_values().flatten().collect();
    variables.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_env_file_has_comments_quotes_and_exports() {
        let text = "# ours\n\nexport OIDC_ISSUER=\"https://a.example\"\nAPI_AUDIENCE=x=y\n";
        let pairs = env_file("f", text).unwrap();
        assert_eq!(Environment::of(pairs.clone()).text("OIDC_ISSUER"), Some("https://a.example"));
        assert_eq!(Environment::of(pairs).text("API_AUDIENCE"), Some("x=y"));
    }

    #[test]
    fn a_line_that_is_no_setting_is_named_by_its_number_and_not_shown() {
        let error = env_file("f", "A=1\nhunter2").unwrap_err().to_string();
        assert!(error.starts_with("f, line 2: "), "{error}");
        assert!(!error.contains("hunter2"));
    }

    #[test]
    fn the_deploy_parameters_become_the_settings_of_the_functions() {
        let given = [("Issuer", "https://a.example"), ("Scopes", "api://x/A api://x/B")];
        let environment = Environment::of(variables(given.into_iter()));
        assert_eq!(environment.text("OIDC_SCOPES"), Some("api://x/A api://x/B"));
        assert_eq!(environment.text("TODOS_READ_SCOPE"), Some("ToDoList.Read"));
    }
}
