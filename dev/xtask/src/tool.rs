//! The tools of the tests: found, or installed in a pinned version. What cannot
//! be had is an error that says what to do; no tier is left out for it.

mod cargo;
mod debian;
mod node;
mod python;

use crate::workspace::Workspace;
use anyhow::Result;
use cargo::Version;
use std::path::PathBuf;

pub(crate) use debian::{chromium, debootstrap, docker, dockerd, is_root, jq, valgrind};
pub(crate) use node::{node, npm_packages};

/// Runs the tests of a workspace, each in a process of its own.
pub(crate) fn cargo_nextest(workspace: &Workspace) -> Result<PathBuf> {
    let features = ["--no-default-features", "--features", "default-no-update"];
    let version = Version { install: "0.9.151", oldest: "0.9.100" };
    cargo::installed(workspace, "cargo-nextest", &version, &features)
}

/// Judges dependencies.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<PathBuf> {
    let version = Version { install: "0.20.2", oldest: "0.20.0" };
    cargo::installed(workspace, "cargo-deny", &version, &[])
}

/// Builds and runs fuzz targets.
pub(crate) fn cargo_fuzz(workspace: &Workspace) -> Result<PathBuf> {
    let version = Version { install: "0.13.2", oldest: "0.13.0" };
    cargo::installed(workspace, "cargo-fuzz", &version, &[])
}

/// Finds misspelled words.
pub(crate) fn typos(workspace: &Workspace) -> Result<PathBuf> {
    python::installed(workspace, "typos", "typos", include_str!("../tools/typos.txt"))
}

/// The Python of an emulator of AWS, with what calls AWS.
pub(crate) fn ministack(workspace: &Workspace) -> Result<PathBuf> {
    let lock = include_str!("../tools/ministack.txt");
    python::installed(workspace, "ministack", "python", lock)
}

/// The Python of an OpenID provider that others wrote.
pub(crate) fn canaille(workspace: &Workspace) -> Result<PathBuf> {
    python::installed(workspace, "canaille", "python", include_str!("../tools/canaille.txt"))
}

/// An emulator of Lambda that runs functions as they are built.
pub(crate) fn cargo_lambda(workspace: &Workspace) -> Result<PathBuf> {
    // Without its linker, which is for building: half a gigabyte.
    python::installed(
        workspace,
        "cargo-lambda",
        "cargo-lambda",
        include_str!("../tools/cargo-lambda.txt"),
    )
}

/// The same with its linker: builds functions for the C library of AWS's runtime.
pub(crate) fn cargo_lambda_with_zig(workspace: &Workspace) -> Result<PathBuf> {
    let lock = include_str!("../tools/cargo-lambda-zig.txt");
    python::installed(workspace, "cargo-lambda-zig", "cargo-lambda", lock)
}

/// The AWS SAM command line.
pub(crate) fn sam(workspace: &Workspace) -> Result<PathBuf> {
    python::installed(workspace, "sam", "sam", include_str!("../tools/sam-cli.txt"))
}

/// Judges GitHub's workflows by what is known to be unsafe.
pub(crate) fn zizmor(workspace: &Workspace) -> Result<PathBuf> {
    python::installed(workspace, "zizmor", "zizmor", include_str!("../tools/zizmor.txt"))
}

/// Calls an API with what its OpenAPI document allows and forbids.
pub(crate) fn schemathesis(workspace: &Workspace) -> Result<PathBuf> {
    let lock = include_str!("../tools/schemathesis.txt");
    python::installed(workspace, "schemathesis", "schemathesis", lock)
}

/// Judges a template's resources by what is known to be unsafe.
pub(crate) fn checkov(workspace: &Workspace) -> Result<PathBuf> {
    python::installed(workspace, "checkov", "checkov", include_str!("../tools/checkov.txt"))
}

/// The AWS command line.
pub(crate) fn aws(workspace: &Workspace) -> Result<PathBuf> {
    python::installed(workspace, "awscli", "aws", include_str!("../tools/awscli.txt"))
}
