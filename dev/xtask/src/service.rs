//! A program that runs beside the tests and ends with them.

use crate::command::{self, Guard};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a service may take to come up; a loaded machine is slow.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A started program. It is killed when the value goes, and ends with this program.
pub(crate) struct Service {
    name: &'static str,
    child: Child,
    _guard: Guard,
    log: PathBuf,
    gently: bool,
}

impl Service {
    /// Starts `command`, its output going to `{name}.log` in `traces`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(name: &'static str, command: &mut Command, traces: &Path) -> Result<Self> {
        let log = traces.join(format!("{name}.log"));
        // The stack prints a client secret and a token.
        let file = private_file::open(&log).and_then(|file| file.set_len(0).map(|()| file));
        let file = file.with_context(|| format!("cannot write {}", log.display()))?;
        let both = file.try_clone().context("cannot share the log")?;
        println!("  $ {} & (log: {})", name, log.display());
        let (child, guard) =
            command::start(command.stdin(Stdio::null()).stdout(file).stderr(both))?;
        Ok(Self { name, child, _guard: guard, log, gently: false })
    }

    /// The same, asked to end and waited for where others are killed: it has to tidy up.
    pub(crate) fn ended_gently(mut self) -> Self {
        self.gently = true;
        self
    }

    /// Waits until the service has written `file` and gives what is in it.
    ///
    /// # Errors
    /// When the service ends before that, or takes longer than a minute.
    pub(crate) fn wait_for(&mut self, file: &Path) -> Result<serde_json::Value> {
        self.wait_until(|| {
            // A file that is half written does not parse yet.
            serde_json::from_str(&fs::read_to_string(file).ok()?).ok()
        })
    }

    /// Waits until somebody listens on that port of the loopback interface.
    ///
    /// # Errors
    /// When the service ends before that, or takes longer than a minute.
    pub(crate) fn wait_for_port(&mut self, port: u16) -> Result<()> {
        self.wait_until(|| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok().map(drop))
    }

    /// Waits until something came of it.
    ///
    /// # Errors
    /// When the service ends before that, or takes longer than a minute.
    pub(crate) fn wait_until<T>(&mut self, came: impl Fn() -> Option<T>) -> Result<T> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Some(came) = came() {
                return Ok(came);
            }
            if let Some(status) = self.child.try_wait().context("cannot look after the service")? {
                bail!("{} ended ({status}) before it was up:\n{}", self.name, self.last_words());
            }
            if Instant::now() > deadline {
                bail!("{} is not up after {TIMEOUT:?}:\n{}", self.name, self.last_words());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether it is still running.
    pub(crate) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.gently {
            let pid = self.child.id().to_string();
            let asked = Command::new("kill").arg(pid).status().is_ok_and(|done| done.success());
            let deadline = Instant::now() + TIMEOUT;
            while asked && self.lives() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(50));
            }
        }
        // It may have ended already, and there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
