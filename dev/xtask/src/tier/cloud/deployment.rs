//! The deployment under test: its parameters, and what is there of it.

use super::{
    aws::Aws,
    emulator::{self, Emulator},
};
use crate::{command, deploy, workspace::Workspace};
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

/// The stack under test, and its environment.
pub(super) const STACK: &str = "tollgate-cloud";

/// One that cannot be created.
pub(super) const BROKEN: &str = "tollgate-broken";

pub(super) struct Deployment<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) emulator: &'a Emulator,
    pub(super) stack: &'static str,
    pub(super) aws: Aws,
    pub(super) traces: PathBuf,
    /// What `sam build` made.
    pub(super) built: PathBuf,
    pub(super) parameters: BTreeMap<String, String>,
    /// The port of the address that browsers see.
    pub(super) port: u16,
    pub(super) secret: String,
    /// Whether the stack infra/operations is there.
    pub(super) is_operated: bool,
    /// Whether commands run beside others, and only show what fails.
    pub(super) is_quiet: bool,
}

impl Deployment<'_> {
    /// `cargo xtask deploy` of the folder `built`, and whether it succeeded.
    pub(super) fn try_deploy(&self, built: &Path, more: &[&str]) -> Result<bool> {
        let secret = self.traces.join("client-secret");
        private_file::write(&secret, self.secret.as_bytes())?;
        let mut deploy = self.chore("deploy")?;
        deploy.arg("--yes").arg("--built").arg(built).arg("--secret-file").arg(secret).args(more);
        if self.is_operated {
            deploy.arg("--no-operations");
        }
        self.is_done(&mut deploy)
    }

    /// The same, which must succeed.
    pub(super) fn deploy(&mut self, built: &Path, more: &[&str]) -> Result<()> {
        ensure!(self.try_deploy(built, more)?, "the deployment failed, see above");
        self.is_operated = true;
        Ok(())
    }

    /// `cargo xtask destroy`.
    pub(super) fn destroy(&self) -> Result<()> {
        let mut destroy = self.chore("destroy")?;
        ensure!(self.is_done(destroy.args(["--yes-delete", self.stack]))?, "see above");
        Ok(())
    }

    fn is_done(&self, command: &mut Command) -> Result<bool> {
        if !self.is_quiet {
            return Ok(command::run(command)?.succeeded);
        }
        let output = command::output(command)?;
        let name = command::shown(command).split(" --").next().unwrap_or_default().to_owned();
        let log = self.traces.join(format!("{}.log", name.replace(' ', "-")));
        fs::write(&log, [output.stdout, output.stderr].concat())?;
        println!("  $ {name} of {} (log: {})", self.stack, log.display());
        Ok(output.status.success())
    }

    fn chore(&self, chore: &str) -> Result<Command> {
        // Not this program's own file: a build of another tier may have replaced it.
        let mut command = Command::new(self.workspace.binary("xtask"));
        command
            .args([chore, "--env", self.stack, "--config-file"])
            .arg(self.write_config()?)
            .env(deploy::BUILT_PROGRAMS, self.workspace.binary(""))
            .env("CARGO_MANIFEST_DIR", self.workspace.root().join("dev/xtask"))
            .env("SAM_CLI_POLL_DELAY", "0.2")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
            .envs(self.emulator.environment())
            .current_dir(self.workspace.root());
        Ok(command)
    }

    /// Writes what a person decides.
    fn write_config(&self) -> Result<PathBuf> {
        write_config(&self.traces, self.stack, &self.parameters)
    }

    /// Decides on parameters.
    pub(super) fn decide(&mut self, parameters: &[(&str, &str)]) {
        for (name, value) in parameters {
            self.parameters.insert((*name).to_owned(), (*value).to_owned());
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

    /// The scope that clients are told to ask for, as in the token, to see whether a parameter has
    /// arrived.
    pub(super) fn published_scope(&self) -> Result<String> {
        let metadata = self.get("/.well-known/oauth-protected-resource")?;
        let scope = metadata["scopes_supported"][0].as_str().context("a scope")?;
        Ok(scope.rsplit('/').next().unwrap_or_default().to_owned())
    }
}

/// Writes a `samconfig.toml` into `folder`, with one environment and what a person decides about it.
pub(crate) fn write_config(
    folder: &Path,
    stack: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<PathBuf> {
    let file = folder.join("samconfig.toml");
    let mut text = format!(
        "version = 0.1\n\
         [{stack}.global.parameters]\nstack_name = {stack:?}\nregion = {:?}\n\
         [{stack}.deploy.parameters]\ncapabilities = \"CAPABILITY_IAM\"\n\
         resolve_s3 = true\ns3_prefix = {stack:?}\n\
         confirm_changeset = false\nfail_on_empty_changeset = false\n\
         [{stack}.global.parameters.parameter_overrides]\n\"$include\" = \"file://{}\"\n",
        emulator::REGION,
        folder.join(format!("samconfig.{stack}.toml")).display(),
    );
    for (name, value) in parameters {
        writeln!(text, "{name} = {value:?}")?;
    }
    fs::write(&file, text)?;
    Ok(file)
}
