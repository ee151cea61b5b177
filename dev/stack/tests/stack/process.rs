#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, outside `#[test]` functions, too"
)]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use outbound::{Outbound, Timeouts};
use serde_json::Value;
use settings::Environment;
use tempfile::TempDir;

/// How long a start or an end may take on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A command for the stack that inherits no setting of the machine it runs on.
pub(crate) fn stack(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stack"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// Runs one that is not meant to come up: its exit code and standard error.
pub(crate) fn refused(command: &mut Command) -> (Option<i32>, String) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let code = ended(&mut child);
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    (code, error)
}

/// Waits for its end, not for ever.
fn ended(child: &mut Child) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if started.elapsed() > TIMEOUT {
            child.kill().unwrap();
            panic!("it did not end");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// A stack that is up; killed when dropped.
pub(crate) struct Stack {
    child: Child,
    pub(crate) details: Value,
    /// All that came on standard output until it was up.
    pub(crate) output: String,
    rest: Option<thread::JoinHandle<String>>,
    _folder: TempDir,
}

impl Stack {
    /// Starts one and waits until it is up; on free ports, unless the
    /// arguments name one.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// The same with settings.
    pub(crate) fn start_with(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("details.json");
        let mut child = stack(&["--details", file.to_str().unwrap()])
            .args(if arguments.contains(&"--port") { &[][..] } else { &["--port", "0"] })
            .args(arguments)
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut output = String::new();
        while !output.contains("Ctrl-C") {
            assert_ne!(lines.read_line(&mut output).unwrap(), 0, "it ended: {output}");
        }
        let rest = thread::spawn(move || {
            let mut rest = String::new();
            lines.read_to_string(&mut rest).unwrap();
            rest
        });
        let details = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        Self { child, details, output, rest: Some(rest), _folder: folder }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.details["url"].as_str().unwrap())
    }

    /// Sends it a signal (`INT`, `TERM`, `KILL`) and waits for its end: its
    /// exit code and what it wrote to standard output since it was up.
    pub(crate) fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let code = ended(&mut self.child);
        (code, self.rest.take().unwrap().join().unwrap())
    }

    /// The authorization header of the daemon.
    pub(crate) async fn daemon(&self) -> String {
        let provider = &self.details["provider"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let daemon = &provider["daemon"];
        // Some providers want to know the API by `audience`, not `scope`.
        let api = ["scope", "audience"].map(|name| Some((name, daemon[name].as_str()?)));
        let api = api.into_iter().flatten();
        let form: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &text(&daemon["client_id"]))
            .append_pair("client_secret", &text(&daemon["client_secret"]))
            .extend_pairs(api)
            .finish();
        let request = http().post(text(&provider["token_endpoint"])).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send().await.unwrap().bytes().await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        format!("Bearer {}", text(&answer["access_token"]))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client that follows no redirects.
pub(crate) fn http() -> reqwest::Client {
    Outbound::with_timeouts(&Environment::default(), Timeouts::NONE).unwrap().http().clone()
}
