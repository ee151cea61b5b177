//! The deployment under test: its parameters, and what is there of it.

use super::{
    aws::Aws,
    emulator::{self, Emulator},
};
use crate::{
    command::{self, Output},
    loopback::Host,
    tool,
    workspace::Workspace,
};
use anyhow::{Context, Result, bail, ensure};
use local_aws::Template;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub(super) const STACK: &str = "tollgate-cloud";

pub(super) struct Deployment<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) emulator: Emulator,
    pub(super) aws: Aws,
    pub(super) traces: PathBuf,
    /// What `sam build` made.
    pub(super) built: PathBuf,
    pub(super) parameters: BTreeMap<String, String>,
    /// The port of the address that browsers see, and the API's host that it leads to.
    pub(super) port: u16,
    pub(super) host: Host,
    pub(super) secret: String,
}

impl Deployment<'_> {
    /// `cargo xtask deploy`, of the folder `built` as the stack `stack`.
    ///
    /// # Errors
    /// When it cannot be started. That it failed is in the output.
    pub(super) fn try_deploy(&mut self, stack: &str, built: &Path) -> Result<Output> {
        let arn = self.stored_secret()?;
        self.parameters.insert("ClientSecretArn".to_owned(), arn);
        let config = self.traces.join("samconfig.toml");
        let mut text = format!(
            "version = 0.1\n[cloud.deploy.parameters]\nstack_name = {stack:?}\n\
             capabilities = \"CAPABILITY_IAM\"\nresolve_s3 = true\nconfirm_changeset = false\n\
             fail_on_empty_changeset = false\n[cloud.deploy.parameters.parameter_overrides]\n"
        );
        for (name, value) in &self.parameters {
            writeln!(text, "{name} = {value:?}")?;
        }
        fs::write(&config, text)?;
        let mut sam = Command::new(tool::sam(self.workspace)?);
        sam.args(["deploy", "--config-env", "cloud", "--config-file"])
            .arg(&config)
            .arg("--template-file")
            .arg(built.join("template.yaml"))
            .envs(self.emulator.environment());
        let output = command::run(&mut sam)?;
        self.emulator.must_live()?;
        Ok(output)
    }

    fn stored_secret(&mut self) -> Result<String> {
        let name = json!({ "SecretId": STACK });
        let found = self.aws.call("secretsmanager", "describe_secret", name);
        let found = match found {
            Ok(found) => found,
            Err(_) => {
                let new = json!({ "Name": STACK, "SecretString": self.secret });
                self.aws.call("secretsmanager", "create_secret", new)?
            }
        };
        Ok(found["ARN"].as_str().context("a secret has an ARN")?.to_owned())
    }

    /// The same for the stack under test, which must succeed. Requests reach it from then on.
    pub(super) fn deploy(&mut self) -> Result<()> {
        let built = self.built.clone();
        ensure!(self.try_deploy(STACK, &built)?.succeeded, "the deployment failed, see above");
        let api = self.output("ApiId")?;
        self.host.set(format!("{api}.execute-api.localhost:{}", self.emulator.port));
        Ok(())
    }

    /// Deploys with a parameter's other value.
    pub(super) fn deploy_with(&mut self, parameters: &[(&str, &str)]) -> Result<()> {
        for (name, value) in parameters {
            self.parameters.insert((*name).to_owned(), (*value).to_owned());
        }
        self.deploy()
    }

    /// An output of the stack.
    pub(super) fn output(&mut self, name: &str) -> Result<String> {
        let stack = self.stack(STACK)?.context("there is no stack")?;
        let outputs = stack["Outputs"].as_array().into_iter().flatten();
        let found =
            outputs.filter(|it| it["OutputKey"] == name).find_map(|it| it["OutputValue"].as_str());
        Ok(found.with_context(|| format!("the stack has no output {name}"))?.to_owned())
    }

    /// What CloudFormation says of a stack, if there is one.
    pub(super) fn stack(&mut self, name: &str) -> Result<Option<Value>> {
        match self.aws.call("cloudformation", "describe_stacks", json!({ "StackName": name })) {
            Ok(answer) => Ok(Some(answer["Stacks"][0].clone())),
            Err(error) if error.to_string().contains("does not exist") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The resources of a stack: physical ids by logical ids.
    pub(super) fn resources(&mut self, stack: &str) -> Result<BTreeMap<String, String>> {
        let parameters = json!({ "StackName": stack });
        let answer = self.aws.call("cloudformation", "describe_stack_resources", parameters)?;
        let all = answer["StackResources"].as_array().context("a list of resources")?.iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(all
            .map(|it| (text(&it["LogicalResourceId"]), text(&it["PhysicalResourceId"])))
            .collect())
    }

    /// The version that each function's alias leads to.
    pub(super) fn live_versions(&mut self) -> Result<BTreeMap<String, String>> {
        let resources = self.resources(STACK)?;
        let mut live = BTreeMap::new();
        for function in Template::project().functions()? {
            let name = &resources[&function.logical_id];
            let alias = json!({ "FunctionName": name, "Name": "live" });
            let alias = self.aws.call("lambda", "get_alias", alias)?;
            let version = alias["FunctionVersion"].as_str().context("an alias has a version")?;
            live.insert(name.clone(), version.to_owned());
        }
        Ok(live)
    }

    /// All published versions of a function.
    pub(super) fn versions(&mut self, function: &str) -> Result<Vec<String>> {
        let parameters = json!({ "FunctionName": function });
        let answer = self.aws.call("lambda", "list_versions_by_function", parameters)?;
        let versions = answer["Versions"].as_array().into_iter().flatten();
        Ok(versions.filter_map(|it| Some(it["Version"].as_str()?.to_owned())).collect())
    }

    /// The table names that belong to a stack.
    pub(super) fn tables(&mut self, stack: &str) -> Result<Vec<String>> {
        let names = self.aws.names(("dynamodb", "list_tables"), "TableNames", None)?;
        Ok(names.into_iter().filter(|name| name.starts_with(&format!("{stack}-"))).collect())
    }

    /// The body of a response with status 200.
    pub(super) fn get(&self, path: &str) -> Result<Value> {
        let answer = emulator::request(self.port, "GET", path)?;
        let Some((_, body)) = answer.split_once("\r\n\r\n") else { bail!("no response: {answer}") };
        ensure!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        serde_json::from_str(body).with_context(|| format!("{path} is no JSON: {body}"))
    }

    /// The scope that clients are told to ask for, to see whether a parameter has arrived.
    pub(super) fn published_scope(&self) -> Result<String> {
        let metadata = self.get("/.well-known/oauth-protected-resource")?;
        Ok(metadata["scopes_supported"][0].as_str().context("a scope")?.to_owned())
    }
}
