//! Runs the commands of a deployment, or only shows them.

use crate::command;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{
    env,
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Where commands run and whether they do.
pub(crate) struct Shell {
    root: PathBuf,
    is_dry: bool,
    variables: Vec<(&'static str, OsString)>,
}

impl Shell {
    pub(crate) fn new(root: &Path, is_dry: bool) -> Self {
        let mut shell = Self { root: root.to_owned(), is_dry, variables: Vec::new() };
        shell.set("SAM_CLI_TELEMETRY", "0");
        // A pager would wait for a key.
        shell.set("AWS_PAGER", "");
        // The AWS CLI reads only the older of the two names.
        if let (Some(region), None) = (env::var_os("AWS_REGION"), env::var_os("AWS_DEFAULT_REGION"))
        {
            shell.set("AWS_DEFAULT_REGION", region);
        }
        shell
    }

    /// Sets an environment variable of all commands.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.push((name, value.into()));
    }

    /// Whether commands that change something are only shown.
    pub(crate) fn is_dry(&self) -> bool {
        self.is_dry
    }

    /// A command in the root of the repository.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root).envs(self.variables.iter().cloned());
        command
    }

    /// Runs what changes something.
    pub(crate) fn change(&self, command: &mut Command) -> Result<()> {
        if self.show_only(command) { Ok(()) } else { command::must(command) }
    }

    /// The same with this terminal, for programs that ask.
    pub(crate) fn attend(&self, command: &mut Command) -> Result<()> {
        if self.show_only(command) {
            return Ok(());
        }
        println!("  $ {}", command::shown(command));
        let status = command.status().with_context(|| not_started(command))?;
        if status.success() { Ok(()) } else { bail!("failed: {}", command::shown(command)) }
    }

    /// The same with a secret on standard input, and the JSON of standard output.
    pub(crate) fn change_with_secret(&self, command: &mut Command, secret: &str) -> Result<Value> {
        if self.show_only(command) {
            return Ok(Value::Null);
        }
        println!("  $ {}", command::shown(command));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| not_started(command))?;
        let mut input = child.stdin.take().context("standard input is a pipe")?;
        // A program that ends early says why on standard error.
        let _ = input.write_all(secret.as_bytes());
        drop(input);
        let output = child.wait_with_output().context("cannot wait for the program")?;
        json(command, &output)
    }

    /// Asks for JSON without changing anything. `None` in a dry run, which needs no credentials.
    pub(crate) fn ask(&self, command: &mut Command) -> Result<Option<Value>> {
        self.try_ask(command, "")
    }

    /// The same. `None` also when the program fails with `absent` in its error.
    pub(crate) fn try_ask(&self, command: &mut Command, absent: &str) -> Result<Option<Value>> {
        if self.is_dry {
            return Ok(None);
        }
        let output = command.stdin(Stdio::null()).output().with_context(|| not_started(command))?;
        let is_absent = !absent.is_empty() && says(&output, absent);
        if !output.status.success() && is_absent {
            Ok(None)
        } else {
            json(command, &output).map(Some)
        }
    }

    fn show_only(&self, command: &Command) -> bool {
        if self.is_dry {
            println!("  would run: {}", command::shown(command));
        }
        self.is_dry
    }
}

fn not_started(command: &Command) -> String {
    format!("cannot start {}", command.get_program().display())
}

fn says(output: &Output, text: &str) -> bool {
    String::from_utf8_lossy(&output.stderr).contains(text)
}

fn json(command: &Command, output: &Output) -> Result<Value> {
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("failed: {}\n{}", command::shown(command), said.trim());
    }
    if output.stdout.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no JSON from {}", command::shown(command)))
}
