//! Running a program: shown before it starts, its output passed on as it comes.

use anyhow::{Context, Result, bail};
use std::{
    cell::Cell,
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

thread_local! {
    /// How long this thread has spent in [`building`].
    static BUILDING: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Does `work`, which compiles or installs something, and adds its time to [`time_building`].
pub(crate) fn building<T>(work: impl FnOnce() -> T) -> T {
    let (before, started) = (BUILDING.get(), Instant::now());
    let done = work();
    // Time of nested calls is in this one's.
    BUILDING.set(before + started.elapsed());
    done
}

/// How long this thread has spent compiling and installing so far.
pub(crate) fn time_building() -> Duration {
    BUILDING.get()
}

/// What a program said and whether it was content.
pub(crate) struct Output {
    /// Standard output, then standard error.
    pub(crate) text: String,
    pub(crate) succeeded: bool,
}

/// Ends a program and its children if this program ends first, even killed.
pub(crate) struct Guard(Child);

/// The shell's input ends with this program. `$1` is the process group.
const GUARD: &str = r#"read -r _
kill -s TERM -- "-$1"
left=60
while [ "$left" -gt 0 ] && kill -s 0 -- "-$1"; do sleep 1; left=$((left - 1)); done
kill -s KILL -- "-$1""#;

impl Drop for Guard {
    fn drop(&mut self) {
        // Killed before its input ends.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `command`. Its processes end with this program, unless the guard was dropped.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn start(command: &mut Command) -> Result<(Child, Guard)> {
    let child = command
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let guard = Command::new("sh")
        .args(["-c", GUARD, "sh", &child.id().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C ends this program's group.
        .process_group(0)
        .spawn()
        .context("cannot start sh")?;
    Ok((child, Guard(guard)))
}

/// Shows and runs `command`, passing on what it says.
///
/// # Errors
/// When the program cannot be started; a failing program is an [`Output`].
pub(crate) fn run(command: &mut Command) -> Result<Output> {
    println!("  $ {}", shown(command));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, _guard) = start(command)?;
    let stdout = child.stdout.take().map(|stream| pass_on(stream, std::io::stdout()));
    let stderr = child.stderr.take().map(|stream| pass_on(stream, std::io::stderr()));
    let text = [stdout, stderr]
        .into_iter()
        .flatten()
        .map(|reader| reader.join().unwrap_or_default())
        .collect();
    let succeeded = child.wait().context("cannot wait for the program")?.success();
    Ok(Output { text, succeeded })
}

/// Runs `command` and keeps what it says.
///
/// # Errors
/// When the program cannot be started.
pub(crate) fn output(command: &mut Command) -> Result<process::Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (child, _guard) = start(command)?;
    child.wait_with_output().context("cannot wait for the program")
}

/// Runs `command` as [`run`] does, where only success will do.
///
/// # Errors
/// When the program cannot be started or fails.
pub(crate) fn must(command: &mut Command) -> Result<()> {
    if run(command)?.succeeded { Ok(()) } else { bail!("failed: {}", shown(command)) }
}

/// Whether a program of that name is on the path.
pub(crate) fn exists(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// `cargo` as it started this program, in the root of the repository.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn pass_on(
    stream: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let (mut all, mut line) = (String::new(), Vec::new());
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            // A closed terminal is no reason to stop a test.
            let _ = to.write_all(&line);
            all.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::{Command, Duration, building, shown, time_building};

    #[test]
    fn a_shown_command_can_be_pasted() {
        let mut command = Command::new("/tools/bin/aws");
        command.args(["--query", "Stacks[0]", "--name", "it's", "plain-1", ""]);
        assert_eq!(shown(&command), r"aws --query 'Stacks[0]' --name 'it'\''s' plain-1 ''");
    }

    #[test]
    fn nested_work_counts_once() {
        let pause = || std::thread::sleep(Duration::from_millis(20));
        let started = std::time::Instant::now();
        building(|| building(pause));
        assert!(time_building() >= Duration::from_millis(20));
        assert!(time_building() <= started.elapsed());
    }
}
