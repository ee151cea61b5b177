//! The whole path with a provider that shares no code with ours.

use crate::{
    count::Count, loopback, programs, service::Service, stack::Stack, suite, tool,
    workspace::Workspace,
};
use anyhow::{Context, Result};
use serde_json::json;
use std::{path::Path, process::Command};

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
    let folder = workspace.root().join("tests/second-provider");
    tool::npm_packages(&folder)?;
    programs::build(workspace)?;
    let mut count = Count::default();
    for registration in REGISTRATIONS {
        count += registration.run(workspace, &folder)?;
    }
    Ok(count)
}

impl Registration {
    fn run(&self, workspace: &Workspace, folder: &Path) -> Result<Count> {
        let traces = workspace.traces(self.name)?;
        // Each must know the other's address before it starts.
        let [app, provider] = loopback::free_ports()?;
        let details = traces.join("provider.json");
        let mut provider = Service::start(
            "second-provider",
            Command::new("node")
                .arg("server.mjs")
                .args(["--port", &provider.to_string()])
                .args(["--app", &format!("http://localhost:{app}")])
                .arg("--details")
                .arg(&details)
                .args(self.arguments)
                .current_dir(folder),
            &traces,
        )?;
        let details = provider.wait_for(&details)?;
        let settings = details["settings"].as_object().context("the provider names no settings")?;
        let settings: Vec<_> = settings
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .collect();
        let mut stack = Stack::start(workspace, app, &settings, &traces)?;

        let target = json!({ "url": stack.details()["url"], "provider": details["provider"] });
        let count = suite::run(workspace, &target, self.tests, &traces, None)?;
        stack.must_live()?;
        Ok(count)
    }
}
