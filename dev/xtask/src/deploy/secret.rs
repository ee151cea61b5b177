//! The client's secret or key in Secrets Manager. It is never an argument and never printed.

use super::{Outcome, Run, question};
use anyhow::{Context, Result, bail, ensure};
use deploy_parameters::Configuration;
use serde_json::Value;
use std::{fs, io::Read as _, path::Path, process::Command};

/// The kind of a private key, and the end of its name.
const KEY: &str = "client-key";

/// AWS CLI reads the secret from its standard input.
const FROM_STDIN: [&str; 2] = ["--secret-string", "file:///dev/stdin"];

/// What the web app proves itself with, and where it is stored.
pub(crate) struct Credential {
    parameter: &'static str,
    kind: &'static str,
    /// The secret that people name in samconfig.toml.
    pub(crate) decided: Option<String>,
    /// What Secrets Manager finds it by.
    pub(crate) name: String,
}

impl Credential {
    /// With a tenant, infra/entra writes a key and `ClientAuth`, unless people decide on a secret.
    pub(crate) fn of(configuration: &Configuration, tenant: Option<&str>) -> Self {
        let value = |name: &str| configuration.get(name).filter(|it| !it.value.is_empty());
        let has_key = match value("ClientAuth") {
            Some(it) => it.value == "private_key_jwt",
            None => tenant.is_some() && value("ClientSecretArn").is_none(),
        };
        // Not client-secret: the end of that looks like the six characters that end a full ARN.
        let (parameter, kind) =
            if has_key { ("ClientKeyArn", KEY) } else { ("ClientSecretArn", "client-credential") };
        let decided = value(parameter).filter(|it| it.is_decided).map(|it| it.value.clone());
        let own = || format!("{}/{kind}", configuration.stack_name);
        let name = decided.clone().unwrap_or_else(own);
        Self { parameter, kind, decided, name }
    }
}

pub(super) fn step(run: &mut Run<'_>) -> Result<Outcome> {
    if run.value("ClientAuth") == Some("aws_web_identity") {
        return Ok(Outcome::Skipped("ClientAuth=aws_web_identity needs none".to_owned()));
    }
    let Credential { parameter, kind, decided, name } =
        Credential::of(&run.configuration, run.tenant());
    // The AWS CLI would read a file or an address.
    if let (Some(value), Some(constraint)) = (&decided, deploy_parameters::constraint(parameter)) {
        let description = &constraint.description;
        ensure!(constraint.allows(value), "{parameter} must be {description}, not {value:?}");
    }
    let entra_key = run.entra_key().filter(|_| kind == KEY && run.arguments.secret_file.is_none());
    let offered = offered(run, entra_key.as_deref())?;
    let found = describe(run, &name)?;
    let mut said = "it is stored already";
    match (&found, &offered) {
        (None, _) if decided.is_some() && !run.shell.is_dry() => {
            bail!(
                "samconfig.toml names the secret {name}, and there is none: create it, or remove the line"
            )
        }
        (None, offered) => {
            let secret = match offered {
                Some(secret) => secret.clone(),
                None if run.shell.is_dry() => String::new(),
                None if kind == KEY && run.tenant().is_some() => bail!(
                    "the key of the web app's certificate is stored nowhere: run this again with \
                     --new-credential"
                ),
                None => question::secret(&format!(
                    "The {} of the web app at the provider",
                    kind.replace('-', " ")
                ))?,
            };
            create(run, &name, &secret)?;
            said = "stored";
        }
        (Some(found), _) if found.get("DeletedDate").is_some_and(|it| !it.is_null()) => {
            secretsmanager(run, |aws| aws.args(["restore-secret", "--secret-id", &name]))?;
            said = "restored: it was about to be deleted";
            if let Some(secret) = &offered {
                put(run, &name, secret)?;
            }
        }
        (Some(_), Some(secret)) => {
            if put(run, &name, secret)? {
                said = "replaced; the deployment below makes the functions read it";
            }
        }
        (Some(_), None) => {}
    }
    remember(run, &name, parameter, decided.is_some())?;
    // It is in Secrets Manager now.
    if let Some(path) = entra_key.filter(|_| !run.shell.is_dry()) {
        let failed = || format!("the key is stored, but {} cannot be removed", path.display());
        fs::remove_file(&path).with_context(failed)?;
    }
    Ok(Outcome::Done(format!("{said} ({name})")))
}

/// A secret or key that the user or infra/entra has for us.
fn offered(run: &Run<'_>, entra_key: Option<&Path>) -> Result<Option<String>> {
    let text = match &run.arguments.secret_file {
        _ if run.shell.is_dry() => return Ok(None),
        Some(path) if path == Path::new("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
            text
        }
        Some(path) => fs::read_to_string(path)
            .with_context(|| format!("cannot read the secret in {}", path.display()))?,
        None => match entra_key {
            Some(path) => {
                let read = private_file::read(path);
                let read = read.with_context(|| format!("cannot read {}", path.display()))?;
                String::from_utf8(read.unwrap_or_default()).context("the secret is not text")?
            }
            None => return Ok(None),
        },
    };
    // Editors end a file with a line end, which is no part of the secret. That of a PEM key may go.
    let text = text.trim_end_matches(['\r', '\n']);
    ensure!(!text.is_empty(), "the file with the secret is empty");
    Ok(Some(text.to_owned()))
}

fn describe(run: &Run<'_>, name: &str) -> Result<Option<Value>> {
    let mut aws = run.tools.aws(&run.shell);
    aws.args(["secretsmanager", "describe-secret", "--output", "json", "--secret-id", name]);
    run.shell.try_ask(&mut aws, "ResourceNotFoundException")
}

fn create(run: &Run<'_>, name: &str, secret: &str) -> Result<()> {
    let mut aws = run.tools.aws(&run.shell);
    aws.args(["secretsmanager", "create-secret", "--output", "json", "--name", name])
        .args(FROM_STDIN);
    run.shell.change_with_secret(&mut aws, secret).map(drop)
}

/// Stores the secret if it is another one.
fn put(run: &Run<'_>, name: &str, secret: &str) -> Result<bool> {
    let mut get = run.tools.aws(&run.shell);
    get.args(["secretsmanager", "get-secret-value", "--output", "json", "--secret-id", name]);
    let current = run.shell.ask(&mut get)?.unwrap_or_default();
    if current["SecretString"] == secret {
        return Ok(false);
    }
    let mut aws = run.tools.aws(&run.shell);
    aws.args(["secretsmanager", "put-secret-value", "--output", "json", "--secret-id", name]);
    run.shell.change_with_secret(aws.args(FROM_STDIN), secret)?;
    Ok(true)
}

fn secretsmanager(
    run: &Run<'_>,
    arguments: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<()> {
    let mut aws = run.tools.aws(&run.shell);
    aws.arg("secretsmanager");
    run.shell.change(arguments(&mut aws))
}

/// The ARN, and the version of the secret: another version is another `Restart`, with which the
/// functions start anew and read it. So a rotation by other means is deployed, too.
fn remember(
    run: &mut Run<'_>,
    name: &str,
    parameter: &'static str,
    is_decided: bool,
) -> Result<()> {
    let Some(found) = describe(run, name)? else { return Ok(()) };
    let arn = found["ARN"].as_str().context("describe-secret names no ARN")?.to_owned();
    let versions = found["VersionIdsToStages"].as_object().into_iter().flatten();
    let is_current =
        |stages: &Value| stages.as_array().is_some_and(|it| it.contains(&"AWSCURRENT".into()));
    let version =
        versions.filter(|(_, stages)| is_current(stages)).map(|(id, _)| id.clone()).next();
    let version = version.with_context(|| format!("the secret {name} has no value"))?;
    if !is_decided {
        run.generate(&[(parameter, arn)])?;
    }
    let is_known = run.value("Restart").is_some_and(|it| it.split(' ').next() == Some(&version));
    if is_known { Ok(()) } else { run.generate(&[("Restart", version)]) }
}
