//! Clippy.

use crate::command;
use crate::count::Count;
use crate::fuzz_crate;
use crate::workspace::Workspace;
use anyhow::Result;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let mut members = command::cargo(workspace.root());
    members.args(["clippy", "--workspace", "--all-features", "--locked"]);
    let mut fuzz = fuzz_crate::cargo(workspace, "clippy");
    let mut count = Count::default();
    for clippy in [&mut members, &mut fuzz] {
        let clippy = clippy.args(["--all-targets", "--quiet", "--", "--deny=warnings"]);
        count += Count::one(command::run(clippy)?.succeeded);
    }
    Ok(count)
}
