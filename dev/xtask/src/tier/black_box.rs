//! The black-box suite with all programs on this machine.

use super::{Context, Tier, document};
use crate::{
    command::{self, building},
    count::Count,
    loopback, programs,
    service::Service,
    stack::Stack,
    suite, tool,
};
use anyhow::Result;
use serde_json::json;
use std::process::Command;

/// The second factor that the development provider can ask for: some routes want it here, so
/// that the way there and back is tested.
pub(super) const SETTINGS: &[(&str, &str)] = &[("SESSION_STEP_UP_ACR", "mfa")];

/// The whole path with the development provider; logs go to the folder of `tier`. With all attacks
/// comes whether the API does what its document says.
pub(super) fn local(context: &Context<'_>, tier: Tier) -> Result<Count> {
    let workspace = context.workspace;
    tool::chromium()?;
    let web = workspace.root().join("functions/web");
    tool::npm_packages(&web)?;
    programs::build(workspace)?;
    let traces = workspace.traces(&tier.to_string())?;
    let [port] = loopback::free_ports()?;
    let other_origin = format!("http://localhost:{port}");
    let arguments = ["--cors-origins".as_ref(), other_origin.as_ref()];
    let mut stack = Stack::start_with(workspace, 0, SETTINGS, &traces, &arguments)?;
    let mut variables = vec![("TOLLGATE_AXE", web.join("node_modules/axe-core/axe.min.js"))];
    variables.extend(context.screenshots.clone().map(|folder| ("TOLLGATE_SCREENSHOTS", folder)));
    let mut count = suite::run(workspace, stack.details(), &context.tests, &traces, &variables)?;
    if tier == Tier::Attack && context.tests == [suite::ATTACKS] {
        let url = stack.details()["url"].as_str().unwrap_or_default();
        count += document::conformance(workspace, url, &traces)?;
    }
    stack.must_live()?;
    Ok(count)
}

/// The functions as programs of their own, under cargo-lambda's emulator of Lambda and its router.
pub(super) fn watch(context: &Context<'_>) -> Result<Count> {
    let workspace = context.workspace;
    tool::chromium()?;
    let cargo_lambda = tool::cargo_lambda(workspace)?;
    programs::build(workspace)?;
    // cargo-lambda runs Cargo itself, on what `cargo run` builds: not the features of the other
    // tiers. Built before, or each function's first request would wait for the compiler.
    let mut build = command::cargo(workspace.root());
    building(|| command::must(build.args(["build", "--bins", "--locked", "--quiet"])))?;
    let traces = workspace.traces("watch")?;
    let [port] = loopback::free_ports()?;
    let environment = traces.join("environment");
    let url = format!("http://localhost:{port}");
    let mut stack = Stack::around(workspace, &url, &environment, SETTINGS, &traces, &[])?;
    let mut watch = Service::start(
        "cargo-lambda",
        Command::new(cargo_lambda)
            .args(["lambda", "watch", "--ignore-changes", "--disable-cors"])
            .args(["--invoke-address", "127.0.0.1", "--invoke-port", &port.to_string()])
            .arg("--env-file")
            .arg(&environment)
            .current_dir(workspace.root()),
        &traces,
    )?;
    watch.wait_for_port(port)?;
    let mut target = stack.details().clone();
    // The emulator answers them with a 500 of its own.
    target["text_only"] = json!(true);
    let count = suite::run(workspace, &target, &context.tests, &traces, &[])?;
    stack.must_live()?;
    Ok(count)
}
