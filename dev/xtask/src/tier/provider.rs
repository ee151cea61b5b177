//! The whole path with providers that share no code with ours.

mod matrix;

use crate::{
    count::Count, loopback, programs, service::Service, stack::Stack, suite, tool,
    workspace::Workspace,
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::{path::Path, process::Command};

/// Where oidc-provider is.
const FOLDER: &str = "tests/second-provider";

/// A way to be registered at the provider, and the tests that it is put through.
struct Registration {
    name: &'static str,
    arguments: &'static [&'static str],
    tests: &'static [&'static str],
}

const REGISTRATIONS: [Registration; 2] = [
    Registration { name: "provider", arguments: &[], tests: &[] },
    // What differs is only how a sign-in begins and how the app shows who it is: signing in
    // and out will do.
    Registration {
        name: "provider-keyed",
        arguments: &["--client-auth", "private_key_jwt", "--require-par"],
        tests: &["signing_"],
    },
];

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    tool::chromium()?;
    tool::npm_packages(&workspace.root().join(FOLDER))?;
    programs::build(workspace)?;
    let mut count = matrix::run(workspace)?;
    for registration in REGISTRATIONS {
        count += registration.run(workspace)?;
    }
    Ok(count)
}

impl Registration {
    fn run(&self, workspace: &Workspace) -> Result<Count> {
        let traces = workspace.traces(self.name)?;
        let (_provider, details, app) = start(&mut node(workspace, self.arguments), &traces)?;
        let settings = pairs(&details["settings"])?;
        let mut stack = Stack::start(workspace, app, &settings, &traces)?;

        let target = json!({ "url": stack.details()["url"], "provider": details["provider"] });
        let count = suite::run(workspace, &target, self.tests, &traces, &[])?;
        stack.must_live()?;
        Ok(count)
    }
}

/// The certified npm package oidc-provider.
fn node(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut node = Command::new("node");
    node.arg("server.mjs").args(arguments).current_dir(workspace.root().join(FOLDER));
    node
}

/// Starts a provider: itself, what it says about itself, and the port of the app that it knows.
fn start(command: &mut Command, traces: &Path) -> Result<(Service, Value, u16)> {
    // Each must know the other's address before it starts.
    let [app, provider] = loopback::free_ports()?;
    let details = traces.join("provider.json");
    command
        .args(["--port", &provider.to_string()])
        .args(["--app", &format!("http://localhost:{app}")])
        .arg("--details")
        .arg(&details);
    let mut provider = Service::start("provider", command, traces)?;
    let details = provider.wait_for(&details)?;
    Ok((provider, details, app))
}

/// The members of an object.
fn pairs(value: &Value) -> Result<Vec<(&str, &str)>> {
    let members = value.as_object().context("the provider does not say how it is used")?;
    Ok(members.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect())
}
