//! The functions as programs of their own, as Lambda runs them.

use super::unit::nextest;
use crate::{count::Count, loopback, programs, service::Service, tool, workspace::Workspace};
use anyhow::{Context, Result};
use std::{ffi::OsStr, fs, process::Command};

/// Other packages have test programs of the same names.
const ONLY: &str = "package(on-lambda)";

/// The name of the test program of the tier `stack`, which needs moto.
const STACK: &str = "stack";

/// The binaries that `sam build` made, under a Lambda Runtime API: unlike debug builds, they end at a
/// panic.
pub(super) fn lambda(workspace: &Workspace) -> Result<Count> {
    let functions = programs::deployed_binaries(workspace)?;
    let mut targets = Vec::new();
    let folder = workspace.root().join("tests/on-lambda/tests");
    for file in fs::read_dir(folder).context("tests/on-lambda has tests")? {
        let file = file?.path();
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name != STACK {
            targets.extend(["--test".to_owned(), name]);
        }
    }
    let targets: Vec<_> = targets.iter().map(String::as_str).collect();
    nextest(workspace, &targets, ONLY, &[("TOLLGATE_FUNCTIONS", functions.as_os_str())])
}

/// The same with the variables, tables and secret of a stack of `template.yaml` on moto, an
/// emulator of AWS.
pub(super) fn stack(workspace: &Workspace) -> Result<Count> {
    let (server, python) = tool::moto(workspace)?;
    programs::build(workspace)?;
    let [port] = loopback::free_ports()?;
    let mut moto = Service::start(
        "moto",
        Command::new(server).args(["--host", "127.0.0.1", "--port", &port.to_string()]),
        &workspace.traces("stack")?,
    )?;
    moto.wait_for_port(port)?;
    let functions = workspace.binary("");
    let address = format!("http://127.0.0.1:{port}");
    let variables: [(&str, &OsStr); 3] = [
        ("TOLLGATE_FUNCTIONS", functions.as_os_str()),
        ("TOLLGATE_MOTO", address.as_ref()),
        ("TOLLGATE_PYTHON", python.as_os_str()),
    ];
    nextest(workspace, &["--test", STACK], ONLY, &variables)
}
