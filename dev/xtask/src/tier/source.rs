//! The sources and what they depend on, judged without running them.

use crate::{
    command::{self, building},
    count::Count,
    fuzz,
    programs::SELECTION,
    tool,
    workspace::Workspace,
};
use anyhow::Result;
use std::process::{Command, ExitCode};

/// The features of `crates/auth`, each of which others use without the rest: what only another
/// feature brings is missing there, and nowhere else.
const AUTH_FEATURES: [&str; 6] = ["", "api-gateway", "axum", "reqwest", "testing", "tower"];

/// rustfmt, with one `use` for each crate: the option is unstable and needs the variable.
pub(super) fn format(workspace: &Workspace) -> Result<Count> {
    let mut count = Count::default();
    for manifest in ["Cargo.toml".to_owned(), format!("{}/Cargo.toml", fuzz::FOLDER)] {
        let output = command::run(
            command::cargo(workspace.root())
                .args(["fmt", "--all", "--check", "--manifest-path", &manifest])
                .args(["--", "--config", "imports_granularity=Crate"])
                .env("RUSTC_BOOTSTRAP", "1"),
        )?;
        count += Count::one(output.succeeded);
    }
    Ok(count)
}

/// Spelling, by `typos.toml`.
pub(super) fn spelling(workspace: &Workspace) -> Result<Count> {
    let typos = tool::typos(workspace)?;
    let output = command::run(
        Command::new(typos)
            .args(["--config", "typos.toml", "--force-exclude", "."])
            .current_dir(workspace.root()),
    )?;
    Ok(Count::one(output.succeeded))
}

/// Clippy.
pub(super) fn lint(workspace: &Workspace) -> Result<Count> {
    let mut members = command::cargo(workspace.root());
    members.arg("clippy").args(SELECTION).arg("--all-targets");
    let mut fuzz = fuzz::cargo(workspace, "clippy");
    fuzz.arg("--all-targets");
    let mut checks = vec![members, fuzz];
    for feature in AUTH_FEATURES {
        let mut auth = command::cargo(workspace.root());
        auth.args(["clippy", "--package", "oidc-resource-server", "--locked"]);
        auth.args(["--features", feature]);
        checks.push(auth);
    }
    let mut count = Count::default();
    for check in &mut checks {
        let check = check.args(["--quiet", "--", "--deny=warnings"]);
        count += Count::one(building(|| command::run(check))?.succeeded);
    }
    Ok(count)
}

/// The API documentation: broken links and the like are errors.
pub(super) fn doc(workspace: &Workspace) -> Result<Count> {
    let mut doc = command::cargo(workspace.root());
    doc.arg("doc").args(SELECTION).args(["--no-deps", "--quiet"]);
    doc.env("RUSTDOCFLAGS", "--deny=warnings");
    Ok(Count::one(building(|| command::run(&mut doc))?.succeeded))
}

/// What the dependencies may be, by `deny.toml`.
pub(super) fn deny(workspace: &Workspace) -> Result<Count> {
    let mut count = Count::default();
    for check in ["bans", "licenses", "sources"] {
        count += Count::one(cargo_deny(workspace, check)?);
    }
    Ok(count)
}

/// `cargo xtask advisories`: the known vulnerabilities of the dependencies.
///
/// It is no tier: the database is on the network and changes daily, and a change must not fail
/// because of what was published since.
///
/// # Errors
/// When cargo-deny cannot be installed or started.
pub(crate) fn advisories(workspace: &Workspace) -> Result<ExitCode> {
    let succeeded = cargo_deny(workspace, "advisories")?;
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cargo_deny(workspace: &Workspace, check: &str) -> Result<bool> {
    let mut cargo_deny = Command::new(tool::cargo_deny(workspace)?);
    cargo_deny
        .args(["--all-features", "--locked", "check", "--hide-inclusion-graph", check])
        .current_dir(workspace.root());
    Ok(command::run(&mut cargo_deny)?.succeeded)
}
