//! CloudFormation stacks as they are.

use super::{Shell, Tools};
use anyhow::{Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;

/// What CloudFormation says about a stack.
pub(crate) struct Stack {
    pub(crate) status: String,
    /// Its ARN, which names the region and the account.
    id: String,
    pub(crate) is_termination_protected: bool,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) parameters: BTreeMap<String, String>,
}

impl Stack {
    /// The stack of that name. `None` if there is none, and in a dry run.
    pub(crate) fn find(shell: &Shell, tools: &Tools, name: &str) -> Result<Option<Self>> {
        let mut describe = tools.aws(shell);
        describe.args([
            "cloudformation",
            "describe-stacks",
            "--output",
            "json",
            "--stack-name",
            name,
        ]);
        let Some(answer) = shell.try_ask(&mut describe, "does not exist")? else { return Ok(None) };
        let stack = &answer["Stacks"][0];
        let pairs = |list: &str, key: &str, value: &str| {
            let pair =
                |it: &Value| Some((it[key].as_str()?.to_owned(), it[value].as_str()?.to_owned()));
            stack[list].as_array().into_iter().flatten().filter_map(pair).collect()
        };
        Ok(Some(Self {
            status: stack["StackStatus"].as_str().unwrap_or_default().to_owned(),
            id: stack["StackId"].as_str().unwrap_or_default().to_owned(),
            is_termination_protected: stack["EnableTerminationProtection"] == true,
            outputs: pairs("Outputs", "OutputKey", "OutputValue"),
            parameters: pairs("Parameters", "ParameterKey", "ParameterValue"),
        }))
    }

    /// Finds the stack in a state in which it can be deployed. What a failed first deployment left
    /// is deleted: CloudFormation cannot update it.
    pub(crate) fn deployable(shell: &Shell, tools: &Tools, name: &str) -> Result<Option<Self>> {
        let Some(stack) = Self::find(shell, tools, name)? else { return Ok(None) };
        match stack.status.as_str() {
            "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => {
                println!("  the last first deployment of {name} failed: deleting what it left");
                delete(shell, tools, name)?;
                Ok(None)
            }
            // A change set was made and never executed.
            "REVIEW_IN_PROGRESS" => Ok(None),
            "UPDATE_ROLLBACK_FAILED" => bail!(
                "{name} is in UPDATE_ROLLBACK_FAILED; look at its events, remove the cause, and run \
                 `aws cloudformation continue-update-rollback --stack-name {name}` first"
            ),
            "DELETE_FAILED" => bail!("{name} is half deleted: run `cargo xtask destroy` first"),
            status if status.ends_with("_IN_PROGRESS") => {
                bail!("{name} is in {status}: wait until that has ended")
            }
            _ => Ok(Some(stack)),
        }
    }

    /// The physical id of a resource of a stack. `None` if there is none, and in a dry run.
    pub(crate) fn resource(
        shell: &Shell,
        tools: &Tools,
        stack: &str,
        id: &str,
    ) -> Result<Option<String>> {
        let mut describe = tools.aws(shell);
        describe.args(["cloudformation", "describe-stack-resource", "--output", "json"]);
        describe.args(["--stack-name", stack, "--logical-resource-id", id]);
        let answer = shell.try_ask(&mut describe, "does not exist")?;
        Ok(answer.and_then(|it| {
            Some(it["StackResourceDetail"]["PhysicalResourceId"].as_str()?.to_owned())
        }))
    }

    /// Its account and region, as a part of a sentence.
    pub(crate) fn place(&self) -> String {
        let parts: Vec<_> = self.id.split(':').collect();
        let part = |at: usize| parts.get(at).copied().unwrap_or("?");
        format!("of account {} in {}", part(4), part(3))
    }

    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}

/// Deletes a stack and waits until it is gone.
pub(crate) fn delete(shell: &Shell, tools: &Tools, name: &str) -> Result<()> {
    for arguments in [["delete-stack"].as_slice(), &["wait", "stack-delete-complete"]] {
        let mut aws = tools.aws(shell);
        aws.arg("cloudformation").args(arguments).args(["--stack-name", name]);
        shell.change(&mut aws)?;
    }
    Ok(())
}
