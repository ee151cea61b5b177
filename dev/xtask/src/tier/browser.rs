//! The whole path on one machine, with the development provider.

use super::Context;
use crate::count::Count;
use crate::stack::Stack;
use crate::{stack, suite, tool};
use anyhow::Result;

pub(super) fn run(context: &Context<'_>) -> Result<Count> {
    let workspace = context.workspace;
    tool::chromium()?;
    stack::build(workspace)?;
    let traces = workspace.traces("browser")?;
    let mut stack = Stack::start(workspace, 0, &[], &traces)?;
    let count = suite::run(workspace, stack.details(), &traces, context.screenshots.as_deref())?;
    stack.must_live()?;
    Ok(count)
}
