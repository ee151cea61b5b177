//! What the kernel knows of a running process.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// The CPU time of all its threads so far.
///
/// # Errors
/// When it has ended, or this is not Linux.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    let tasks = format!("/proc/{pid}/task");
    for task in fs::read_dir(&tasks).with_context(|| format!("cannot read {tasks}"))? {
        let file = task?.path().join("schedstat");
        // A thread may end while we look.
        let Ok(text) = fs::read_to_string(file) else { continue };
        let spent = text.split(' ').next().unwrap_or_default();
        nanoseconds += spent.parse::<u64>().context("schedstat begins with nanoseconds")?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// The most memory that it has had resident, in KiB.
///
/// # Errors
/// When it has ended, or this is not Linux.
pub(crate) fn peak_memory(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("no status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    line.trim().trim_end_matches(" kB").parse().context("VmHWM is a number")
}

/// Stops it where it is, as Lambda freezes an instance between two events.
///
/// # Errors
/// When it has ended.
pub(crate) fn stop(pid: u32) -> Result<()> {
    signal(pid, Signal::STOP)
}

/// Lets a stopped one go on.
///
/// # Errors
/// When it has ended.
pub(crate) fn go_on(pid: u32) -> Result<()> {
    signal(pid, Signal::CONT)
}

/// Asks it to end.
///
/// # Errors
/// When it has ended.
pub(crate) fn end(pid: u32) -> Result<()> {
    signal(pid, Signal::TERM)
}

fn signal(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("no process has this id")?;
    kill_process(pid, signal).context("cannot send it a signal")
}
