use std::collections::HashMap;
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

use crate::runtime_api::RuntimeApi;
use crate::{Answer, Event, Machine};

/// As long as Lambda gives one of them (`template.yaml`, Timeout).
const TIMEOUT: Duration = Duration::from_secs(15);

/// A running function; it is killed when the value goes.
pub struct Function {
    name: String,
    child: Child,
    api: RuntimeApi,
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
        let api = RuntimeApi::start().await?;
        let binary = machine.functions.join(name);
        let child = Command::new(&binary)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        Ok(Self { name: name.to_owned(), child, api })
    }

    /// Sends it an event and waits for the answer.
    ///
    /// # Errors
    /// When it takes longer than Lambda would wait, reports an error, or ends.
    pub async fn invoke(&mut self, event: Event) -> Result<Answer> {
        let event = event.into_json();
        let shown = format!("{}: {event}", self.name);
        let outcome = self.api.invoke(event)?;
        tokio::select! {
            outcome = tokio::time::timeout(TIMEOUT, outcome) => match outcome {
                Err(_) => bail!("no answer in {TIMEOUT:?} by {shown}"),
                Ok(Ok(Ok(answer))) => Ok(Answer::of(&answer)),
                Ok(Ok(Err(error))) => bail!("the error {error} of {shown}"),
                Ok(Err(_)) => bail!("no answer by {shown}"),
            },
            status = self.child.wait() => bail!("it ended ({:?}) at {shown}", status?.code()),
        }
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
        Ok(self.child.wait_with_output().await?)
    }

    /// Waits until it ends by itself and gives what it said.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ended(self) -> Result<Output> {
        let name = self.name;
        let output = tokio::time::timeout(TIMEOUT, self.child.wait_with_output()).await;
        Ok(output.with_context(|| format!("{name} goes on"))??)
    }
}
