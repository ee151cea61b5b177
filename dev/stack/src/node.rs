//! Runs the functions of the template that are written for Node.js, each in a process of its own.

use std::{process::Stdio, sync::Arc, time::Duration};

use local_aws::{NodeFunction, RuntimeApi, Template};
use serde_json::Value;
use tokio::{process::Command, task::JoinSet};

use crate::{failure::Failure, shutdown::Shutdown, variables::Variables};

const RUNTIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/lambda-runtime.mjs");

/// As `template.yaml` says: Globals.Function.Timeout.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Between the end of a process and the next one.
const PAUSE: Duration = Duration::from_secs(1);

/// A function in a process of its own.
#[derive(Clone)]
pub(crate) struct NodeProcess(Arc<RuntimeApi>);

/// Starts all of them until `shutdown`, and returns them by name.
pub(crate) async fn start(
    template: &Template,
    variables: &Variables,
    shutdown: &Shutdown,
    tasks: &mut JoinSet<()>,
) -> Result<Vec<(String, NodeProcess)>, Failure> {
    let mut processes = Vec::new();
    for function in template.node_functions()? {
        let api = Arc::new(RuntimeApi::start().await.map_err(Failure::RuntimeApi)?);
        processes.push((function.name.clone(), NodeProcess(Arc::clone(&api))));
        let mut command = command();
        command.arg(RUNTIME).arg(&function.module).arg(&function.export);
        command.env("AWS_LAMBDA_RUNTIME_API", api.address());
        let variables = variables.of(&function.name);
        command.envs(variables.iter());
        let shutdown = shutdown.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = run(&function, command) => {}
                () = shutdown.requested() => {}
            }
        });
    }
    Ok(processes)
}

/// Node.js, which ends with this process. It gets nothing else of a developer's environment: Lambda
/// does not have it, either.
pub(crate) fn command() -> Command {
    let mut command = Command::new("node");
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Starts a process again when it has ended, as Lambda does.
async fn run(function: &NodeFunction, mut command: Command) {
    loop {
        match command.status().await {
            Ok(status) => tracing::warn!("the function {} has ended ({status})", function.name),
            Err(error) => tracing::warn!(%error, "cannot start node for {}", function.name),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl NodeProcess {
    /// What it answers to an event; nothing if it fails or is too slow.
    pub(crate) async fn invoke(&self, event: Value) -> Option<Value> {
        let outcome = tokio::time::timeout(TIMEOUT, self.0.invoke(event)).await;
        outcome.ok()?.ok()?.ok()
    }
}
