//! What surrounds the program in a test: time that moves when it is waited for, a console that
//! remembers, a folder for files.

use std::{
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use clap::Parser as _;
use entra::{Arguments, Console, Context, Endpoints, Error, Time, run};
use settings::Environment;
use tempfile::TempDir;
use time::{OffsetDateTime, macros::datetime};

use crate::mock_graph::MockGraph;

/// A clock that goes forward by what is slept, and at once.
pub(crate) struct TestTime(Mutex<OffsetDateTime>);

impl TestTime {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(datetime!(2026-03-01 12:00 UTC)))
    }

    pub(crate) fn advance(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

impl Time for TestTime {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.advance(duration);
        Box::pin(std::future::ready(()))
    }
}

/// What was shown, and what is answered.
#[derive(Default)]
pub(crate) struct TestConsole {
    shown: Mutex<String>,
    pub(crate) agrees: bool,
}

impl Console for TestConsole {
    fn say(&self, text: &str) {
        let mut shown = self.shown.lock().unwrap();
        shown.push_str(text);
        shown.push('\n');
    }

    fn confirm(&self, question: &str) -> bool {
        self.say(question);
        self.agrees
    }
}

/// A run that has ended: how, and what was shown.
pub(crate) struct RunResult {
    pub(crate) result: Result<(), Error>,
    pub(crate) shown: String,
}

impl RunResult {
    /// What was shown by a run that went well.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        if let Err(error) = self.result {
            panic!("{error}\nafter\n{}", self.shown);
        }
        self.shown
    }

    /// What a run that failed says, after it showed this.
    #[track_caller]
    pub(crate) fn fails(self) -> String {
        self.result.expect_err(&self.shown).to_string()
    }
}

/// A tenant, a folder, and somebody with a token.
pub(crate) struct Harness {
    pub(crate) graph: MockGraph,
    pub(crate) folder: TempDir,
    pub(crate) environment: Environment,
    pub(crate) agrees: bool,
}

impl Harness {
    pub(crate) async fn new() -> Self {
        Self {
            graph: MockGraph::start().await,
            folder: tempfile::tempdir().unwrap(),
            environment: Environment::of([("GRAPH_TOKEN", "the-token")]),
            agrees: false,
        }
    }

    /// With a tenant that was prepared.
    pub(crate) async fn applied() -> Self {
        let harness = Self::new().await;
        harness.apply(&[]).await;
        harness
    }

    /// `entra <command> --tenant … --public-url …` with more arguments.
    pub(crate) async fn run(&self, command: &str, more: &[&str]) -> RunResult {
        let mut all = Vec::new();
        if command != "remove" {
            all.extend(["--public-url", "https://todo.example.com"]);
        }
        all.extend_from_slice(more);
        self.run_without_address(command, &all).await
    }

    /// The same without `--public-url`.
    pub(crate) async fn run_without_address(&self, command: &str, more: &[&str]) -> RunResult {
        let mut line = vec!["entra", command, "--tenant", "contoso.onmicrosoft.com"];
        let secrets = self.path("secrets");
        if command == "apply" {
            line.extend(["--secrets", secrets.to_str().unwrap()]);
        }
        line.extend(more);
        self.run_line(&line).await
    }

    pub(crate) async fn run_line(&self, line: &[&str]) -> RunResult {
        let console = TestConsole { agrees: self.agrees, ..TestConsole::default() };
        let context = Context {
            environment: self.environment.clone(),
            endpoints: Endpoints {
                graph: self.graph.url(),
                login: self.graph.url(),
                tenant: format!("{}{{host}}", self.graph.url()),
            },
            time: self.graph.time(),
            console: &console,
        };
        let arguments = Arguments::try_parse_from(line).unwrap();
        let result = run(&arguments, &context).await;
        RunResult { result, shown: console.shown.into_inner().unwrap() }
    }

    /// `apply --yes`, which goes well.
    pub(crate) async fn apply(&self, more: &[&str]) -> String {
        self.run("apply", &[&["--yes"], more].concat()).await.well()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn tenant(&self) -> MutexGuard<'_, crate::mock_graph::Directory> {
        self.graph.directory()
    }
}
