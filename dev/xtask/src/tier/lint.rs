//! Clippy.

use crate::{command, count::Count, fuzz_crate, workspace::Workspace};
use anyhow::Result;

/// The features of `crates/auth`, each of which others use without the rest: what only another
/// feature brings is missing there, and nowhere else.
const AUTH_FEATURES: [&str; 6] = ["", "api-gateway", "axum", "reqwest", "testing", "tower"];

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let mut members = command::cargo(workspace.root());
    members.args(["clippy", "--workspace", "--all-features", "--locked"]);
    let mut fuzz = fuzz_crate::cargo(workspace, "clippy");
    let mut count = Count::default();
    for clippy in [&mut members, &mut fuzz] {
        let clippy = clippy.args(["--all-targets", "--quiet", "--", "--deny=warnings"]);
        count += Count::one(command::run(clippy)?.succeeded);
    }
    for feature in AUTH_FEATURES {
        let mut auth = command::cargo(workspace.root());
        auth.args([
            "clippy",
            "--package",
            "oidc-resource-server",
            "--features",
            feature,
            "--locked",
        ]);
        count +=
            Count::one(command::run(auth.args(["--quiet", "--", "--deny=warnings"]))?.succeeded);
    }
    Ok(count)
}
