//! What Cargo builds for the tests, and with which features.

use crate::{command, tool, workspace::Workspace};
use anyhow::{Context, Result};
use local_aws::{Function, Template};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The packages and features of every debug build. A dependency gets the features that all
/// selected packages ask for, so another selection would build most dependencies again. `--bin`,
/// `--test` and the like choose what is built; one of them must select tests, or the features that
/// only tests ask for are missing.
pub(crate) const SELECTION: [&str; 3] = ["--workspace", "--all-features", "--locked"];

/// Makes the release build faster for tests. Fat LTO is most of its time, and tests need none: code,
/// optimization, panic strategy and features are those of a deployment.
const RELEASE_PROFILE: [(&str, &str); 2] =
    [("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")];

/// Parameters that the template requires. Tests set the functions' variables themselves.
pub(crate) const PARAMETERS: &str = "Architecture=x86_64 Issuer=https://login.example \
                                     ClientId=web Scopes=api Audience=api";

/// The names of the functions, of their packages and of their binaries.
///
/// # Errors
/// When `template.yaml` has a function without a binary.
pub(crate) fn functions() -> Result<Vec<String>> {
    Ok(Template::project().functions()?.into_iter().map(|function| function.name).collect())
}

/// Builds the functions, the stack around them and the black-box suite.
///
/// # Errors
/// When they do not compile.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let functions = functions()?;
    let programs = functions.iter().map(String::as_str).chain(["stack", "black-box", "matrix"]);
    build_only(workspace, programs)
}

/// Builds these programs.
///
/// # Errors
/// When they do not compile.
pub(crate) fn build_only<'a>(
    workspace: &Workspace,
    programs: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    let mut build = command::cargo(workspace.root());
    build.arg("build").args(SELECTION).args(["--quiet", "--test", "start"]);
    build.args(programs.into_iter().flat_map(|program| ["--bin", program]));
    command::building(|| command::must(&mut build))
}

/// Builds the functions as `sam build` does for a deployment, except for [`RELEASE_PROFILE`], and
/// returns the folder with the built template. Nothing is built twice: Cargo's target folder is
/// that of everything else.
///
/// # Errors
/// When SAM or cargo-lambda is missing, or the functions do not compile.
pub(crate) fn deployed(workspace: &Workspace) -> Result<PathBuf> {
    let built = workspace.target().join("sam");
    sam_build(workspace, "template.yaml".as_ref(), &built, None)?;
    Ok(built)
}

/// The examples of docs/your-api.md that SAM's containers and the emulator of AWS can run: one has
/// no Node.js, the other ignores authorizers.
pub(crate) const EXAMPLES: [&str; 2] = ["orders-rust", "orders-http"];

/// What [`deployed`] builds, with the functions of [`EXAMPLES`]: the folder with that template.
///
/// # Errors
/// As [`deployed`].
pub(crate) fn deployed_with_examples(workspace: &Workspace, built: &Path) -> Result<PathBuf> {
    let folder = workspace.target().join("sam-examples");
    fs::create_dir_all(&folder)?;
    let source = folder.join("source.yaml");
    let code = |name: &str| {
        let folder = workspace.root().join("examples").join(name);
        EXAMPLES.contains(&name).then(|| folder.display().to_string())
    };
    let text = fs::read_to_string(workspace.root().join("template.yaml"))?;
    fs::write(&source, local_aws::with_examples(&text, code)?)?;
    sam_build(workspace, &source, &folder.join("built"), Some("OrdersRustFunction"))?;
    let text = fs::read_to_string(built.join("template.yaml"))?;
    let with = local_aws::with_examples(&text, |name| match name {
        "orders-rust" => Some(folder.join("built/OrdersRustFunction").display().to_string()),
        _ => code(name),
    })?;
    let with =
        Template::project().functions()?.iter().fold(with, |with, Function { logical_id, .. }| {
            let code = built.join(logical_id);
            with.replace(
                &format!("CodeUri: {logical_id}\n"),
                &format!("CodeUri: {}\n", code.display()),
            )
        });
    fs::write(folder.join("template.yaml"), with)?;
    Ok(folder)
}

/// Builds the functions of a template, or one of them.
fn sam_build(
    workspace: &Workspace,
    template: &Path,
    built: &Path,
    only: Option<&str>,
) -> Result<()> {
    let cargo_lambda = tool::cargo_lambda_with_zig(workspace)?;
    let tools = cargo_lambda.parent().context("a program is in a folder")?.to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([tools].into_iter().chain(env::split_paths(&path)))?;
    let mut sam = Command::new(tool::sam(workspace)?);
    sam.arg("build")
        .args(only)
        .arg("--template")
        .arg(template)
        .arg("--base-dir")
        .arg(workspace.root())
        .arg("--build-dir")
        .arg(built)
        .args(["--parameter-overrides", PARAMETERS])
        .env("PATH", path)
        .env("CARGO_TARGET_DIR", workspace.target())
        .envs(RELEASE_PROFILE)
        .env("SAM_CLI_TELEMETRY", "0")
        .env("AWS_DEFAULT_REGION", "eu-central-1")
        .current_dir(workspace.root());
    command::building(|| command::must(&mut sam))
}

/// The binaries of [`deployed`] by the names of their functions, and their folder.
///
/// # Errors
/// When they do not compile, or cannot be copied.
pub(crate) fn deployed_binaries(workspace: &Workspace) -> Result<PathBuf> {
    let (built, folder) = (deployed(workspace)?, workspace.target().join("deployed"));
    fs::create_dir_all(&folder)?;
    for function in Template::project().functions()? {
        let bootstrap = built.join(&function.logical_id).join("bootstrap");
        fs::copy(&bootstrap, folder.join(&function.name))
            .with_context(|| format!("cannot copy {}", bootstrap.display()))?;
    }
    Ok(folder)
}
