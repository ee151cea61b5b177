//! The example of another front end: what is built, in place of the page, and its development
//! server.

use super::{Context, black_box::SETTINGS};
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
use std::{ffi::OsStr, process::Command};

/// The examples of docs/your-api.md with their page.
fn examples(context: &Context<'_>) -> Result<Count> {
    let web = context.workspace.root().join("functions/web");
    tool::npm_packages(&web)?;
    let axe = web.join("node_modules/axe-core/axe.min.js");
    let traces = context.workspace.traces("examples")?;
    let arguments = [OsStr::new("--examples")];
    let mut stack = Stack::start_with(context.workspace, 0, SETTINGS, &traces, &arguments)?;
    let mut variables = vec![("TOLLGATE_AXE", axe)];
    variables.extend(context.screenshots.clone().map(|folder| ("TOLLGATE_SCREENSHOTS", folder)));
    let count =
        suite::run(context.workspace, stack.details(), &["your_api::"], &traces, &variables)?;
    stack.must_live()?;
    Ok(count)
}

/// Signs in, calls the API, refreshes and signs out.
const THROUGH_THE_PROXY: &str =
    "signing_out::signing_out_ends_the_session_here_and_at_the_provider";

pub(super) fn run(context: &Context<'_>) -> Result<Count> {
    let workspace = context.workspace;
    tool::chromium()?;
    let example = workspace.root().join("examples/front-end");
    tool::npm_packages(&example)?;
    let mut build = Command::new("npm");
    build.args(["run", "--silent", "build"]).current_dir(&example);
    building(|| command::must(&mut build))?;
    programs::build(workspace)?;

    let traces = workspace.traces("front-end")?;
    let dist = example.join("dist");
    let arguments = ["--page".as_ref(), dist.as_os_str()];
    let mut stack = Stack::start_with(workspace, 0, SETTINGS, &traces, &arguments)?;
    let mut target = stack.details().clone();
    target["other_page"] = json!(true);
    let mut count = suite::run(workspace, &target, &context.tests, &traces, &[])?;
    stack.must_live()?;
    drop(stack);
    if !context.tests.is_empty() {
        return Ok(count);
    }
    count += examples(context)?;

    let traces = workspace.traces("front-end-dev")?;
    let [port, web] = loopback::free_ports()?;
    let origin = format!("http://localhost:{port}");
    let stack = Stack::start(workspace, web, &[("PUBLIC_URL", &origin)], &traces)?;
    let mut vite = Command::new(example.join("node_modules/.bin/vite"));
    vite.args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .env("TOLLGATE", format!("http://localhost:{web}"))
        .current_dir(&example);
    let mut vite = Service::start("vite", &mut vite, &traces)?;
    vite.wait_for_port(port)?;
    count += suite::run(workspace, stack.details(), &[THROUGH_THE_PROXY], &traces, &[])?;
    Ok(count)
}
