//! The whole path with the functions as programs of their own, under cargo-lambda's emulator
//! of Lambda and its router.

use super::{Context, browser::SETTINGS};
use crate::{count::Count, port, service::Service, stack, stack::Stack, suite, tool};
use anyhow::Result;
use serde_json::json;
use std::process::Command;

pub(super) fn run(context: &Context<'_>) -> Result<Count> {
    let workspace = context.workspace;
    tool::chromium()?;
    let cargo_lambda = tool::cargo_lambda(workspace)?;
    // Or each function's first request would wait for the compiler.
    stack::build(workspace)?;
    let traces = workspace.traces("watch")?;
    let [port] = port::free()?;
    let environment = traces.join("environment");
    let url = format!("http://localhost:{port}");
    let mut stack = Stack::around(workspace, &url, &environment, SETTINGS, &traces)?;
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
    let count = suite::run(workspace, &target, context.filter.as_deref(), &traces, None)?;
    stack.must_live()?;
    Ok(count)
}
