//! A Docker engine: the machine's own, or one for the time of the tests.

use crate::{command, service::Service, tool, workspace::Workspace};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs::{self, File},
    net::Ipv4Addr,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What SAM runs functions of the runtime provided.al2023 in.
const IMAGE: &str = "public.ecr.aws/lambda/provided:al2023-x86_64";

/// What stands in for it. Under a name of its own: the engine may be one that other work uses, too.
const STAND_IN: &str = "tollgate/stand-in:bookworm-x86_64";

/// A running engine.
pub(crate) struct Docker {
    /// `DOCKER_HOST`, of an engine of our own.
    host: Option<String>,
    /// Ends with the value, before its lock.
    _engine: Option<(Service, File)>,
}

impl Docker {
    /// The engine that answers, or a new one that keeps what it has beside the tools.
    ///
    /// # Errors
    /// When none answers and none can be started: that needs root.
    pub(crate) fn engine(workspace: &Workspace, traces: &Path) -> Result<Self> {
        tool::docker()?;
        let running = Self { host: None, _engine: None };
        if running.answers() {
            return Ok(running);
        }
        if !tool::is_root() {
            bail!("no Docker engine answers: start it, and see that you may use it");
        }
        tool::dockerd()?;
        println!("  no Docker engine answers: starting one for these tests");
        let data = workspace.tools().with_file_name("docker");
        // Outside of the traces: the next engine looks here for what this one has left.
        let state = data.with_file_name("docker-run");
        let lock = locked(&state)?;
        end_left(&state.join("pid"))?;
        let socket = format!("unix://{}", state.join("sock").display());
        let mut engine = Service::start(
            "dockerd",
            Command::new("dockerd")
                .arg("--data-root")
                .arg(data)
                .arg("--exec-root")
                .arg(&state)
                .arg("--pidfile")
                .arg(state.join("pid"))
                .args(["--host", &socket]),
            traces,
        )?
        .ended_gently();
        let host = Some(socket);
        let started = Self { host, _engine: None };
        engine.wait_until(|| started.answers().then_some(()))?;
        Ok(Self { _engine: Some((engine, lock)), ..started })
    }

    /// A command that talks to it.
    pub(crate) fn with(&self, command: &mut Command) {
        if let Some(host) = &self.host {
            command.env("DOCKER_HOST", host);
        }
    }

    /// Where containers of that image find this machine: the way out of one.
    ///
    /// # Errors
    /// When no container runs, or it has no way out.
    pub(crate) fn gateway(&self, image: &str) -> Result<Ipv4Addr> {
        let routes = ["run", "--rm", "--entrypoint", "cat", image, "/proc/net/route"];
        let output = self.docker(&routes).output().context("cannot start docker")?;
        let text = String::from_utf8_lossy(&output.stdout);
        default_gateway(&text).with_context(|| {
            let said = String::from_utf8_lossy(&output.stderr);
            format!("a container has no way to this machine: {text}{said}")
        })
    }

    /// The image of the runtime, which is there then: AWS's own, or where it cannot be pulled, a
    /// stand-in from Debian's packages. Its C library is newer than that of Amazon Linux 2023, which
    /// is why the functions are built for that one and not for what is in here.
    ///
    /// # Errors
    /// When neither can be had.
    pub(crate) fn image(&self, workspace: &Workspace) -> Result<&'static str> {
        let is_there = |image| self.succeeds(&["image", "inspect", image]);
        if is_there(IMAGE) || self.succeeds(&["pull", "--quiet", IMAGE]) {
            return Ok(IMAGE);
        }
        println!("  {IMAGE} cannot be pulled: {STAND_IN}, from Debian's packages, stands in");
        if is_there(STAND_IN) {
            return Ok(STAND_IN);
        }
        tool::debootstrap()?;
        let root = workspace.target().join("stand-in");
        if root.exists() {
            fs::remove_dir_all(&root).context("cannot remove what was left of a stand-in")?;
        }
        command::must(
            Command::new("debootstrap").args(["--variant=minbase", "bookworm"]).arg(&root),
        )?;
        let mut tar = Command::new("tar")
            .arg("--directory")
            .arg(&root)
            .args(["--create", "."])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start tar")?;
        let stream = tar.stdout.take().context("tar has an output")?;
        let import = ["import", "--change", "WORKDIR /var/task", "-", STAND_IN];
        let imported =
            self.docker(&import).stdin(stream).status().context("cannot start docker")?;
        let packed = tar.wait().context("cannot wait for tar")?;
        fs::remove_dir_all(&root).context("cannot remove the stand-in's files")?;
        if !imported.success() || !packed.success() {
            bail!("the stand-in could not be made");
        }
        Ok(STAND_IN)
    }

    fn answers(&self) -> bool {
        self.succeeds(&["info"])
    }

    fn succeeds(&self, arguments: &[&str]) -> bool {
        self.docker(arguments).output().is_ok_and(|output| output.status.success())
    }

    fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.args(arguments).stdin(Stdio::null());
        self.with(&mut command);
        command
    }
}

/// Locks the folder of the engine's state until the file is closed: two engines cannot share images.
fn locked(state: &Path) -> Result<File> {
    fs::create_dir_all(state)?;
    let lock = File::create(state.join("lock"))?;
    if lock.try_lock().is_err() {
        println!("  waiting until the tests of another clone have ended their Docker engine");
        lock.lock()?;
    }
    Ok(lock)
}

/// Ends the engine that a killed run has left, if `file` has its process number.
fn end_left(file: &Path) -> Result<()> {
    let Ok(pid) = fs::read_to_string(file) else { return Ok(()) };
    // Another program may have the number by now. One that has ended has no command line.
    let line = Path::new("/proc").join(pid.trim()).join("cmdline");
    let is_engine = |line: String| {
        line.split('\0').next().is_some_and(|program| Path::new(program).ends_with("dockerd"))
    };
    let lives = || fs::read_to_string(&line).is_ok_and(is_engine);
    if lives() {
        println!("  ending the Docker engine that a killed run has left");
        Command::new("kill").arg(pid.trim()).status().context("cannot start kill")?;
    }
    let deadline = Instant::now() + Duration::from_mins(1);
    while lives() {
        ensure!(Instant::now() < deadline, "the Docker engine {} does not end", pid.trim());
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// The gateway of the default route in the kernel's table of routes, where an address stands as the
/// number that a machine with the lowest byte first has for it.
fn default_gateway(routes: &str) -> Option<Ipv4Addr> {
    let columns = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let default =
        routes.lines().map(columns).find(|it| it.get(1).is_some_and(|to| to == "00000000"));
    let number = u32::from_str_radix(default?.get(2)?, 16).ok()?;
    Some(Ipv4Addr::from(number.to_le_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};

    #[test]
    fn an_engine_that_was_left_is_ended_and_another_program_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pid");
        let left = |name: &str| {
            let program = Command::new("sleep").arg("60").arg0(name).spawn().expect("sleep");
            // The kernel lets the parent go on before the new command line is there.
            let line = format!("/proc/{}/cmdline", program.id());
            while fs::read(&line).expect("a command line").is_empty() {
                thread::yield_now();
            }
            fs::write(&file, program.id().to_string()).expect("a file");
            end_left(&file).expect("it ends");
            program
        };
        let mut other = left("sleep");
        assert!(other.try_wait().expect("a status").is_none(), "it runs");
        other.kill().expect("it ends");
        other.wait().expect("it has ended");
        let status = left("/usr/bin/dockerd").wait().expect("it has ended");
        assert_eq!(status.signal(), Some(15));
    }

    #[test]
    fn the_gateway_is_that_of_the_default_route() {
        let routes = "Iface\tDestination\tGateway\tFlags\n\
                      eth0\t000011AC\t00000000\t0001\n\
                      eth0\t00000000\t010011AC\t0003\n";
        assert_eq!(default_gateway(routes), Some(Ipv4Addr::new(172, 17, 0, 1)));
        assert_eq!(default_gateway("Iface\tDestination\tGateway\n"), None);
    }
}
