use std::{collections::HashMap, ffi::OsStr, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use local_aws::{RuntimeApi, http_api::authorizer_event};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    task::JoinHandle,
};

use crate::{Answer, Event, Machine};

/// Longer than any function takes on a busy machine: only a hang reaches it.
const HANG: Duration = Duration::from_mins(1);

/// A running function; it is killed when the value goes.
pub struct Function {
    name: String,
    child: Child,
    api: RuntimeApi,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
}

/// How a function ended and what it said.
#[derive(Debug)]
pub struct Output {
    /// The exit code; none where it was killed.
    pub code: Option<i32>,
    /// What it wrote to the log while it ran.
    pub stdout: String,
    /// What it wrote beside that.
    pub stderr: String,
}

impl Function {
    /// Starts it as Lambda would.
    ///
    /// # Errors
    /// When its binary is not there.
    pub async fn start(name: &str, machine: &Machine) -> Result<Self> {
        Self::start_with(name, machine, machine.environment(name)?).await
    }

    /// Starts it with these variables and no others.
    ///
    /// # Errors
    /// When its binary is not there.
    pub async fn start_with(
        name: &str,
        machine: &Machine,
        environment: HashMap<String, String>,
    ) -> Result<Self> {
        Self::spawn(&machine.functions.join(name), environment).await
    }

    /// Starts any binary that is a function, with these variables and no others.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn spawn(binary: &Path, environment: HashMap<String, String>) -> Result<Self> {
        Self::spawn_with(binary, &[], environment).await
    }

    /// The same with arguments, for one that an interpreter runs.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn spawn_with(
        binary: &Path,
        arguments: &[&OsStr],
        environment: HashMap<String, String>,
    ) -> Result<Self> {
        let name = binary.file_name().unwrap_or_default().to_string_lossy();
        let api = RuntimeApi::start().await?;
        let mut child = Command::new(binary)
            .args(arguments)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        // Read as it comes: a full pipe would stop the function.
        let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
        Ok(Self { name: name.into_owned(), child, api, stdout, stderr })
    }

    /// Its process, unless it has ended.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until it asks for an event and there is none: it has started, or is done with the
    /// one before.
    pub async fn ready(&self) {
        self.api.idle().await;
    }

    /// Sends it an event and waits for the answer.
    ///
    /// # Errors
    /// When it hangs, reports an error, or ends.
    pub async fn invoke(&mut self, event: Event) -> Result<Answer> {
        self.outcome(event.into_json()).await.map(|answer| Answer::of(&answer))
    }

    /// Asks an authorizer about the request of an event.
    ///
    /// # Errors
    /// When it hangs, reports an error, or ends.
    pub async fn authorize(&mut self, event: Event) -> Result<Value> {
        self.outcome(authorizer_event(event.into_json())).await
    }

    async fn outcome(&mut self, event: Value) -> Result<Value> {
        let shown = format!("{}: {event}", self.name);
        let outcome = self.api.invoke(event);
        tokio::select! {
            outcome = tokio::time::timeout(HANG, outcome) => match outcome {
                Err(_) => bail!("no answer in {HANG:?} by {shown}"),
                Ok(Ok(Ok(answer))) => Ok(answer),
                Ok(Ok(Err(error))) => bail!("the error {error} of {shown}"),
                Ok(Err(_)) => bail!("no answer by {shown}"),
            },
            status = self.child.wait() => bail!("it ended ({:?}) at {shown}", status?.code()),
        }
    }

    /// Runs one that has no routes, by an event that says nothing.
    ///
    /// # Errors
    /// When it hangs, reports an error, or ends.
    pub async fn run(&mut self) -> Result<()> {
        self.outcome(json!({})).await.map(drop)
    }

    /// Whether it is still running.
    pub fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it, unless it has ended, and gives what it said.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn end(mut self) -> Result<Output> {
        let _ = self.child.start_kill();
        self.ended().await
    }

    /// Waits until it ends by itself and gives what it said.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ended(mut self) -> Result<Output> {
        let status = tokio::time::timeout(HANG, self.child.wait()).await;
        let status = status.with_context(|| format!("{} goes on", self.name))??;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (stdout, stderr) = (text(self.stdout.await?), text(self.stderr.await?));
        Ok(Output { code: status.code(), stdout, stderr })
    }
}

fn read(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> JoinHandle<Vec<u8>> {
    tokio::spawn(async move {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read until it broke off is what there is.
            let _ = stream.read_to_end(&mut bytes).await;
        }
        bytes
    })
}
