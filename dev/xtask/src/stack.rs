//! Everything on one machine, in a data folder of its own.

use crate::{service::Service, workspace::Workspace};
use anyhow::{Result, bail};
use serde_json::Value;
use std::{ffi::OsStr, path::Path, process::Command};

/// A running stack; it ends with the value.
pub(crate) struct Stack {
    service: Service,
    details: Value,
}

impl Stack {
    /// Starts it on `port` (0 for any) with `settings` as its only settings and
    /// waits until it is up.
    ///
    /// # Errors
    /// When it does not come up, with the end of its log.
    pub(crate) fn start(
        workspace: &Workspace,
        port: u16,
        settings: &[(&str, &str)],
        traces: &Path,
    ) -> Result<Self> {
        Self::start_with(workspace, port, settings, traces, &[])
    }

    /// Starts only what surrounds functions that run elsewhere, at `url`; their variables are
    /// written to `environment`.
    ///
    /// # Errors
    /// When it does not come up, with the end of its log.
    pub(crate) fn around(
        workspace: &Workspace,
        url: &str,
        environment: &Path,
        settings: &[(&str, &str)],
        traces: &Path,
        more: &[&str],
    ) -> Result<Self> {
        let mut arguments = vec![
            "--around".as_ref(),
            url.as_ref(),
            "--environment".as_ref(),
            environment.as_os_str(),
        ];
        arguments.extend(more.iter().map(OsStr::new));
        Self::start_with(workspace, 0, settings, traces, &arguments)
    }

    /// The same with further arguments.
    ///
    /// # Errors
    /// When it does not come up, with the end of its log.
    pub(crate) fn start_with(
        workspace: &Workspace,
        port: u16,
        settings: &[(&str, &str)],
        traces: &Path,
        arguments: &[&OsStr],
    ) -> Result<Self> {
        let details = traces.join("stack.json");
        let mut command = Command::new(workspace.binary("stack"));
        command
            .args(["--port", &port.to_string()])
            // The suite tests what no single provider offers.
            .args(["--provider-like", "generic"])
            .arg("--data")
            .arg(traces.join("data"))
            .arg("--details")
            .arg(&details)
            .args(arguments)
            .args((!arguments.contains(&"--page".as_ref())).then_some("--bundled-page"))
            .current_dir(workspace.root())
            // What the person has set for their own stack is none of the tests'.
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"))
            .envs(settings.iter().copied());
        let mut service = Service::start("stack", &mut command, traces)?;
        let details = service.wait_for(&details)?;
        Ok(Self { service, details })
    }

    /// What it says about itself.
    pub(crate) fn details(&self) -> &Value {
        &self.details
    }

    /// # Errors
    /// When the suite ended it, which nothing from outside may do.
    pub(crate) fn must_live(&mut self) -> Result<()> {
        if self.service.lives() {
            return Ok(());
        }
        bail!("the stack ended during the tests:\n{}", self.service.last_words())
    }
}
