//! The whole path on one machine, with the development provider.

use super::Context;
use crate::{count::Count, stack, stack::Stack, suite, tool};
use anyhow::Result;

/// The second factor that the development provider can ask for: some routes want it here, so
/// that the way there and back is tested.
pub(super) const SETTINGS: &[(&str, &str)] = &[("SESSION_STEP_UP_ACR", "mfa")];

pub(super) fn run(context: &Context<'_>) -> Result<Count> {
    let workspace = context.workspace;
    tool::chromium()?;
    stack::build(workspace)?;
    let traces = workspace.traces("browser")?;
    let mut stack = Stack::start(workspace, 0, SETTINGS, &traces)?;
    let screenshots = context.screenshots.as_deref();
    let count =
        suite::run(workspace, stack.details(), context.filter.as_deref(), &traces, screenshots)?;
    stack.must_live()?;
    Ok(count)
}
