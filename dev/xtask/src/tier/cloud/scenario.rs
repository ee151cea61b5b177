//! What the functions do in a scenario of `tests/on-lambda`: the statuses that its client sees, and
//! the codes that are logged.

use super::deployment::{Deployment, STACK};
use crate::command;
use anyhow::{Context, Result, ensure};
use local_aws::Template;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Statuses by step, and log codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    steps: Value,
    codes: BTreeSet<String>,
}

impl Seen {
    /// What differs, in words; empty if nothing does. The other one may have ended earlier.
    pub(super) fn difference(&self, other: &Self) -> Vec<String> {
        let new = other.codes.difference(&self.codes).cloned();
        let steps = other.steps.as_object().into_iter().flatten();
        let steps = steps.filter(|(step, value)| self.steps[step] != **value);
        let steps = steps.map(|(step, value)| format!("{step}: {} → {value}", self.steps[step]));
        steps.chain(new).collect()
    }

    pub(super) fn step(&self, name: &str) -> &Value {
        &self.steps[name]
    }
}

impl Deployment<'_> {
    /// Runs a scenario.
    pub(super) fn scenario(&mut self, name: &str) -> Result<Seen> {
        self.scenario_until(name, None)
    }

    /// The same, until a step differs from what is expected.
    pub(super) fn scenario_until(&mut self, name: &str, expected: Option<&Seen>) -> Result<Seen> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let target = std::fs::read_to_string(self.traces.join("target.json"))?;
        let mut target: Value = serde_json::from_str(&target)?;
        target["cold"] = json!(self.emulator.cold_address());
        target["expected"] = expected.map_or(Value::Null, |seen| seen.steps.clone());
        let mut scenario = Command::new(self.workspace.binary("scenario"));
        scenario.arg(name).stdin(Stdio::piped()).stdout(Stdio::piped());
        let (mut scenario, _guard) = command::start(&mut scenario)?;
        scenario.stdin.take().context("an input")?.write_all(target.to_string().as_bytes())?;
        let output = scenario.wait_with_output()?;
        ensure!(output.status.success(), "the scenario {name} failed, see above");
        let steps = serde_json::from_slice(&output.stdout)?;
        Ok(Seen { steps, codes: self.codes_since(since)? })
    }

    /// The codes of warnings and errors that the functions have logged since that time.
    fn codes_since(&mut self, since: u128) -> Result<BTreeSet<String>> {
        let resources = self.resources(STACK)?;
        let mut codes = BTreeSet::new();
        for function in Template::project().functions()? {
            let logs = function.logical_id.replace("Function", "Logs");
            let Some(group) = resources.get(&logs) else { continue };
            let parameters =
                json!({ "logGroupName": group, "startTime": since.to_string().parse::<u64>()? });
            let found = self.aws.call("logs", "filter_log_events", parameters)?;
            for event in found["events"].as_array().into_iter().flatten() {
                let Some(line) = event["message"].as_str() else { continue };
                let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
                let is_wrong = line["level"] == "WARN" || line["level"] == "ERROR";
                if is_wrong && !is_late(&line) {
                    let code = line["code"].as_str().unwrap_or("without a code");
                    codes.insert(format!("{} logs {code}", function.name));
                }
            }
        }
        Ok(codes)
    }

    /// Waits until the keys table has a row, which `keys` writes when it is asked to.
    pub(super) fn keys_are_stored(&mut self) -> Result<bool> {
        let table = self.resources(STACK)?["KeysTable"].clone();
        for _ in 0..10 {
            let rows = self.aws.call(
                "dynamodb",
                "scan",
                json!({ "TableName": table, "Select": "COUNT" }),
            )?;
            if rows["Count"] != 0 {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(false)
    }
}

/// Waits until the next second. Times are kept in seconds: a sign-in in the second of a logout counts
/// as begun before it.
pub(super) fn next_second() -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    std::thread::sleep(Duration::from_millis(1010 - u64::from(now.subsec_millis())));
    Ok(())
}

/// Whether a line says that something took too long, as it may on a busy machine.
fn is_late(line: &Value) -> bool {
    let says = |member: &str, what: &str| line[member].as_str().is_some_and(|it| it.contains(what));
    line["code"] == "keys_writer_slow" || says("error", " within ")
}
