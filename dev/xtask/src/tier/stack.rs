//! template.yaml as a stack on an emulator of AWS, and the functions with what it gives them.

use crate::{command, count::Count, port, service::Service, stack, tool, workspace::Workspace};
use anyhow::Result;
use std::process::Command;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let (server, python) = tool::moto(workspace)?;
    stack::build(workspace)?;
    let [port] = port::free()?;
    let mut moto = Service::start(
        "moto",
        Command::new(server).args(["--host", "127.0.0.1", "--port", &port.to_string()]),
        &workspace.traces("stack")?,
    )?;
    moto.wait_for_port(port)?;
    let output = command::run(
        command::cargo(workspace.root())
            .args(["test", "--package", "on-lambda", "--test", "stack", "--locked", "--quiet"])
            .env("TOLLGATE_FUNCTIONS", workspace.binary(""))
            .env("TOLLGATE_MOTO", format!("http://127.0.0.1:{port}"))
            .env("TOLLGATE_PYTHON", python),
    )?;
    Ok(Count::of_tests(&output))
}
