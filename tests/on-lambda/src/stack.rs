use std::{collections::HashMap, ffi::OsString, path::Path, process::Stdio};

use anyhow::{Context, Result, ensure};

use serde_json::{Map, Value, json};
use tokio::{io::AsyncWriteExt, process::Command};

use crate::Machine;

/// A stack of `template.yaml` on moto.
pub struct Stack {
    endpoint: String,
    made: Value,
}

impl Stack {
    /// Makes it, for the provider of that machine.
    ///
    /// # Errors
    /// When moto or the translator refuses it, or the variables of the README are not set.
    pub async fn create(machine: &Machine) -> Result<Self> {
        let endpoint = variable("TOLLGATE_MOTO")?;
        let endpoint = endpoint.into_string().ok().context("TOLLGATE_MOTO must be an address")?;
        let parameters = json!({
            "Issuer": machine.idp.issuer(),
            "ClientId": machine.idp.web_app().client_id,
            "ClientSecret": machine.idp.web_app().client_secret,
            "Scopes": machine.idp.scopes().join(" "),
            "Audience": idp::API_CLIENT_ID,
        });
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut make = Command::new(variable("TOLLGATE_PYTHON")?)
            .arg(folder.join("make_stack.py"))
            .arg(folder.join("../../template.yaml"))
            .arg(&endpoint)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start TOLLGATE_PYTHON")?;
        let mut stdin = make.stdin.take().context("it has an input")?;
        stdin.write_all(parameters.to_string().as_bytes()).await?;
        drop(stdin);
        let output = make.wait_with_output().await?;
        ensure!(output.status.success(), "the stack did not come up (see above)");
        Ok(Self { endpoint, made: serde_json::from_slice(&output.stdout)? })
    }

    /// The variables that the stack gives a function, and those that say where it is.
    ///
    /// # Errors
    /// When the stack has no such function.
    pub fn environment(&self, function: &str) -> Result<HashMap<String, String>> {
        let functions = self.made["functions"].as_object().context("functions")?;
        let is_it = |name: &&String| name.to_lowercase().contains(&format!("-{function}function"));
        let name = functions.keys().find(is_it);
        let name = name.with_context(|| format!("the stack has no function {function}"))?;
        let variables = functions[name].as_object().context("variables")?;
        let mut environment = HashMap::new();
        for (name, value) in variables {
            environment.insert(name.clone(), value.as_str().context("a string")?.to_owned());
        }
        for (name, value) in [
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ENDPOINT_URL_DYNAMODB", &self.endpoint),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &self.endpoint),
            ("AWS_ENDPOINT_URL_LAMBDA", &self.endpoint),
            ("AWS_LAMBDA_FUNCTION_NAME", function),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ] {
            environment.insert(name.to_owned(), value.to_owned());
        }
        Ok(environment)
    }

    /// The resources that SAM's translator made of the template, by logical id.
    ///
    /// # Errors
    /// When there are none.
    pub fn resources(&self) -> Result<&Map<String, Value>> {
        self.made["resources"].as_object().context("resources")
    }
}

fn variable(name: &str) -> Result<OsString> {
    std::env::var_os(name)
        .with_context(|| format!("{name} is not set: `cargo xtask test stack` sets it"))
}
