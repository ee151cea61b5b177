//! Calls of AWS's API, signed: `dev/xtask/cloud/aws.py` makes them.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A session of calls.
pub(super) struct Aws {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Aws {
    /// Starts it with the variables that say where AWS is.
    pub(super) fn start(
        python: &Path,
        root: &Path,
        environment: &[(String, String)],
    ) -> Result<Self> {
        let mut child = Command::new(python)
            .arg(root.join("dev/xtask/cloud/aws.py"))
            .envs(environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start Python")?;
        let input = child.stdin.take().context("it has an input")?;
        let output = BufReader::new(child.stdout.take().context("it has an output")?);
        Ok(Self { child, input, output })
    }

    /// Calls an operation by boto3's names.
    pub(super) fn call(
        &mut self,
        service: &str,
        operation: &str,
        parameters: impl Into<Value>,
    ) -> Result<Value> {
        let call = json!([service, operation, parameters.into()]);
        writeln!(self.input, "{call}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let mut answer: Value = serde_json::from_str(&line)
            .with_context(|| format!("{service} {operation}: Python ended, see above"))?;
        match answer.get("error") {
            Some(error) => bail!("{service} {operation}: {error}"),
            None => Ok(answer["ok"].take()),
        }
    }

    /// What CloudFormation says of a stack, if there is one.
    pub(super) fn stack(&mut self, name: &str) -> Result<Option<Value>> {
        match self.call("cloudformation", "describe_stacks", json!({ "StackName": name })) {
            Ok(answer) => Ok(Some(answer["Stacks"][0].clone())),
            Err(error) if error.to_string().contains("does not exist") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The members `name` of an answer's list.
    pub(super) fn names(
        &mut self,
        (service, operation): (&str, &str),
        list: &str,
        name: Option<&str>,
    ) -> Result<Vec<String>> {
        let answer = self.call(service, operation, json!({}))?;
        let items = answer[list].as_array().into_iter().flatten();
        let names = items.map(|item| name.map_or(item, |name| &item[name]));
        Ok(names.filter_map(|name| Some(name.as_str()?.to_owned())).collect())
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
