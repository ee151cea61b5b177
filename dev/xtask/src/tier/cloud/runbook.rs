//! The commands of `docs/runbook.md`, out of the document itself.

use super::{
    deployment::{Deployment, STACK},
    scenario::next_second,
};
use crate::{command, tool};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeSet, env, fs, process::Command};

/// Rows that are sessions.
const SESSIONS: &str = "attribute_exists(sealed)";

pub(super) fn keys_are_fetched(deployment: &mut Deployment<'_>) -> Result<()> {
    deployment.emulator.make_cold()?;
    run(deployment, "Keys are rotated", &[])?;
    ensure!(deployment.keys_are_stored()?, "no keys were stored");
    Ok(())
}

pub(super) fn one_users_sessions_end(deployment: &mut Deployment<'_>) -> Result<()> {
    let before = sessions(deployment)?;
    let seen = deployment.scenario("sign-in")?;
    ensure!(sessions(deployment)? > before, "a sign-in opened no session: {seen:?}");
    let sub = seen.step("sub").as_str().context("a session has a sub")?.to_owned();
    run(deployment, "End one user's sessions", &[("SUB=…", &format!("SUB={sub}"))])?;
    ensure!(sessions(deployment)? <= before, "the user's session is still there");
    Ok(())
}

pub(super) fn all_sessions_end(deployment: &mut Deployment<'_>) -> Result<()> {
    next_second()?;
    deployment.scenario("sign-in")?;
    let left = run(deployment, "End everybody's session", &[])?;
    ensure!(left.trim() == "0", "the runbook says that {left} are left");
    ensure!(sessions(deployment)? == 0, "sessions are left");
    Ok(())
}

/// The rows of the todos table, of which one is lost.
pub(super) fn todos_are_restored(deployment: &mut Deployment<'_>) -> Result<()> {
    let table = deployment.resources(STACK)?["TodosTable"].clone();
    // The runbook takes a call for each row.
    for row in rows(deployment, &table)? {
        let delete = json!({ "TableName": table, "Key": key(&row)? });
        deployment.aws.call("dynamodb", "delete_item", delete)?;
    }
    for _ in 0..2 {
        deployment.scenario("add-todo")?;
    }
    let before = rows(deployment, &table)?;
    let row = before.first().context("no todo was created")?;
    // The emulator copies the table as it is, so the row is lost after that.
    let lose = format!("aws dynamodb delete-item --table-name \"$TODOS\" --key '{}'\n", key(row)?);
    run(deployment, "A table", &[("until aws", &format!("{lose}until aws"))])?;
    ensure!(rows(deployment, &table)? == before, "not all rows were put back");
    let restored = json!({ "TableName": format!("{table}-restored") });
    ensure!(
        deployment.aws.call("dynamodb", "scan", restored.clone())?["Count"] == 2,
        "there is no other table"
    );
    deployment.aws.call("dynamodb", "delete_table", restored)?;
    Ok(())
}

/// The rows of a table, as JSON.
fn rows(deployment: &mut Deployment<'_>, table: &str) -> Result<BTreeSet<String>> {
    let found = deployment.aws.call("dynamodb", "scan", json!({ "TableName": table }))?;
    let items = found["Items"].as_array().context("a scan has items")?;
    Ok(items.iter().map(ToString::to_string).collect())
}

/// The key of a row of the todos table.
fn key(row: &str) -> Result<Value> {
    let row: Value = serde_json::from_str(row)?;
    Ok(json!({ "owner_key": row["owner_key"], "id": row["id"] }))
}

fn sessions(deployment: &mut Deployment<'_>) -> Result<u64> {
    let table = deployment.resources(STACK)?["SessionsTable"].clone();
    let scan = json!({ "TableName": table, "FilterExpression": SESSIONS, "Select": "COUNT" });
    deployment.aws.call("dynamodb", "scan", scan)?["Count"].as_u64().context("a count")
}

/// Runs the commands of a section after those that the document begins with, and returns what they
/// print. The tier runs `cargo xtask` elsewhere.
fn run(deployment: &Deployment<'_>, section: &str, values: &[(&str, &str)]) -> Result<String> {
    let document = fs::read_to_string(deployment.workspace.root().join("docs/runbook.md"))?;
    let (start, rest) = document.split_once("\n## ").context("the runbook has sections")?;
    let own = rest.split("\n## ").find_map(|it| it.strip_prefix(section)?.strip_prefix('\n'));
    let own = own.with_context(|| format!("the runbook has no section {section:?}"))?;
    let mut script = commands(start) + &commands(own);
    for (name, value) in values {
        ensure!(script.contains(name), "{section} has no {name}");
        script = script.replace(name, value);
    }
    let script: Vec<_> = script.lines().filter(|line| !line.starts_with("cargo xtask")).collect();

    let aws = tool::aws(deployment.workspace)?;
    let folder = aws.parent().context("a program is in a folder")?.to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([folder].into_iter().chain(env::split_paths(&path)))?;
    println!("  $ bash -c \"{section}\", of docs/runbook.md");
    let mut bash = Command::new("bash");
    bash.args(["-e", "-u", "-o", "pipefail", "-c", &script.join("\n")])
        .envs(deployment.emulator.environment())
        .env("PATH", path)
        .env("STACK", STACK);
    let output = command::output(&mut bash)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{section}: {said}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The lines of all blocks of commands.
fn commands(text: &str) -> String {
    let blocks = text.split("```sh\n").skip(1);
    blocks.filter_map(|block| Some(block.split_once("```")?.0)).collect()
}
