//! Formatting.

use crate::{command, count::Count, fuzz_crate, workspace::Workspace};
use anyhow::Result;

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let mut count = Count::default();
    for manifest in ["Cargo.toml".to_owned(), format!("{}/Cargo.toml", fuzz_crate::FOLDER)] {
        let output = command::run(
            command::cargo(workspace.root())
                .args(["fmt", "--all", "--check", "--manifest-path"])
                .arg(manifest),
        )?;
        count += Count::one(output.succeeded);
    }
    Ok(count)
}
