//! Tests that need no running system.

use crate::{
    command::{self, building},
    count::Count,
    fuzz, page,
    programs::SELECTION,
    tier::document,
    tool,
    workspace::Workspace,
};
use anyhow::{Result, ensure};
use std::{ffi::OsStr, process::Command};

/// Every test that needs nothing but the crate it is in. The black-box suite and the tests on
/// Lambda have tiers of their own.
pub(super) fn unit(workspace: &Workspace) -> Result<Count> {
    let filter = "not (package(black-box) + package(on-lambda))";
    let mut count = nextest(workspace, &[], filter, &[])?;
    // nextest does not run the examples of the documentation.
    let mut examples = command::cargo(workspace.root());
    examples.args(["test", "--doc"]).args(SELECTION).arg("--quiet");
    count += Count::of_tests(&command::run(&mut examples)?);
    Ok(count)
}

/// Builds the test programs that `targets` choose and runs the tests that `filter` chooses.
///
/// # Errors
/// When they do not compile.
pub(super) fn nextest(
    workspace: &Workspace,
    targets: &[&str],
    filter: &str,
    variables: &[(&str, &OsStr)],
) -> Result<Count> {
    let program = tool::cargo_nextest(workspace)?;
    let run = |last: &[&str]| {
        let mut run = Command::new(&program);
        run.args(["nextest", "run"]).args(SELECTION).arg("--cargo-quiet").args(targets).args(last);
        run.envs(variables.iter().copied()).current_dir(workspace.root());
        command::run(&mut run)
    };
    ensure!(building(|| run(&["--no-run"]))?.succeeded, "the tests do not compile");
    Ok(Count::of_tests(&run(&["--filterset", filter])?))
}

/// The seeds of the fuzz targets, each judged as it is named.
pub(super) fn seeds(workspace: &Workspace) -> Result<Count> {
    building(|| command::must(fuzz::cargo(workspace, "test").args(["--no-run", "--quiet"])))?;
    Ok(Count::of_tests(&command::run(fuzz::cargo(workspace, "test").arg("--quiet"))?))
}

/// What Node judges: the page's modules that need no browser, whether the bundle is made of them, the
/// example for Node.js, and the OpenAPI document.
pub(super) fn page(workspace: &Workspace) -> Result<Count> {
    tool::node()?;
    page::check(workspace)?;
    let mut count = Count::default();
    for folder in ["functions/web/assets-tests", "examples/orders-node", "examples/orders-http"] {
        let output = command::run(
            Command::new("node")
                .args(["--test", "--test-reporter=spec"])
                .current_dir(workspace.root().join(folder)),
        )?;
        count += Count::of_tests(&output);
    }
    count += document::lint(workspace)?;
    Ok(count)
}
