//! What happens to a stack in its life: changes, failures, its end.

use super::{
    deployment::{BROKEN, Deployment, STACK},
    runbook,
};
use crate::count::Count;
use anyhow::{Context, Result, ensure};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// An alarm that CloudWatch refuses: more metrics than one may have.
const REFUSED: &str = "\n  Refused:\n    Type: AWS::CloudWatch::Alarm\n    DependsOn: [TodosTable, \
    SessionsTable, WebFunctionAliaslive]\n    Properties:\n      ComparisonOperator: GreaterThanThreshold\n      \
    EvaluationPeriods: 1\n      Threshold: 1\n      Metrics:\n";

type Step = fn(&mut Deployment<'_>) -> Result<()>;

/// Updates that succeed and fail.
pub(super) fn updates(deployment: &mut Deployment<'_>) -> Count {
    let all: [(&str, Step); 5] = [
        ("a parameter alone makes new versions and keeps the old ones", a_parameter_changes),
        ("a replaced client secret is read", the_secret_is_replaced),
        ("other code makes new versions", code_changes),
        ("an update that fails leaves everything as it was", an_update_fails),
        ("a creation that fails leaves nothing", a_creation_fails),
    ];
    steps(deployment, &all)
}

/// Procedures of the runbook, the end of the stack, and another beginning.
pub(super) fn end(deployment: &mut Deployment<'_>) -> Count {
    let all: [(&str, Step); 5] = [
        ("the runbook has keys fetched", runbook::keys_are_fetched),
        ("the runbook ends one user's sessions", runbook::one_users_sessions_end),
        ("the runbook ends everybody's sessions", runbook::all_sessions_end),
        ("the end leaves the todos and nothing else", the_stack_ends),
        ("a new stack starts where the old one ended", a_new_stack_starts),
    ];
    steps(deployment, &all)
}

fn steps(deployment: &mut Deployment<'_>, steps: &[(&str, Step)]) -> Count {
    let mut count = Count::default();
    for (name, step) in steps {
        let done = step(deployment);
        let result = if done.is_ok() { "ok" } else { "FAILED" };
        println!("cloud: {name} ... {result}");
        if let Err(error) = &done {
            println!("  {error:#}");
        }
        count += Count::one(done.is_ok());
    }
    count
}

fn a_parameter_changes(deployment: &mut Deployment<'_>) -> Result<()> {
    let before = deployment.live_versions()?;
    // Roles are tested without the second factor that ends of sessions would need.
    deployment.decide(&[("ReadScope", "Todos.Read"), ("SessionStepUpAcr", "")]);
    deployment.deploy()?;
    versions_have_moved(deployment, &before)?;
    ensure!(deployment.published_scope()? == "Todos.Read", "requests do not see the parameter");
    Ok(())
}

/// With a secret that the provider does not take, a sign-in that fails shows that it is read.
fn the_secret_is_replaced(deployment: &mut Deployment<'_>) -> Result<()> {
    let good = std::mem::replace(&mut deployment.secret, "wrong".to_owned());
    deployment.decide(&[("ReadScope", "ToDoList.Read")]);
    let deployed = deployment.deploy();
    deployment.secret = good;
    deployed?;
    let seen = deployment.scenario("sign-in")?;
    ensure!(*seen.step("signed in") == false, "the old secret is still used: {seen:?}");
    Ok(())
}

/// And the good secret is read again.
fn code_changes(deployment: &mut Deployment<'_>) -> Result<()> {
    let before = deployment.live_versions()?;
    let other = deployment.traces.join("other-code");
    copy(&deployment.built, &other, ToOwned::to_owned)?;
    for folder in fs::read_dir(&other)?.flatten().filter(|it| it.path().is_dir()) {
        fs::write(folder.path().join("another-file"), "another")?;
    }
    deployment.built = other;
    deployment.deploy()?;
    versions_have_moved(deployment, &before)?;
    let seen = deployment.scenario("sign-in")?;
    ensure!(*seen.step("signed in") == true, "{seen:?}");
    Ok(())
}

/// Each function's alias leads to another version, and the one before is still there.
fn versions_have_moved(
    deployment: &mut Deployment<'_>,
    before: &BTreeMap<String, String>,
) -> Result<()> {
    for (function, version) in deployment.live_versions()? {
        let old = before.get(&function).context("the same functions")?;
        ensure!(version != *old, "{function} is still at version {old}");
        let versions = deployment.versions(&function)?;
        ensure!(versions.contains(old), "version {old} of {function} is gone: {versions:?}");
    }
    Ok(())
}

fn an_update_fails(deployment: &mut Deployment<'_>) -> Result<()> {
    let (before, scope) = (deployment.live_versions()?, deployment.published_scope()?);
    let broken = broken(deployment)?;
    deployment.parameters.insert("ReadScope".to_owned(), "Todos.Read".to_owned());
    let output = deployment.try_deploy(STACK, &broken)?;
    deployment.parameters.insert("ReadScope".to_owned(), scope.clone());
    ensure!(!output.succeeded, "an alarm with 11 metrics was accepted");
    status_is(deployment, STACK, "UPDATE_ROLLBACK_COMPLETE")?;
    ensure!(deployment.live_versions()? == before, "aliases did not move back");
    ensure!(deployment.published_scope()? == scope, "requests see what was rolled back");
    Ok(())
}

fn a_creation_fails(deployment: &mut Deployment<'_>) -> Result<()> {
    let broken = broken(deployment)?;
    let output = deployment.try_deploy(BROKEN, &broken)?;
    ensure!(!output.succeeded, "an alarm with 11 metrics was accepted");
    status_is(deployment, BROKEN, "ROLLBACK_COMPLETE")?;
    let left = deployment.tables(BROKEN)?;
    ensure!(left.is_empty(), "tables are left: {left:?}");
    deployment.destroy(BROKEN)
}

fn the_stack_ends(deployment: &mut Deployment<'_>) -> Result<()> {
    let todos = deployment.resources(STACK)?["TodosTable"].clone();
    deployment.destroy(STACK)?;
    deployment.is_operated = false;
    ensure!(deployment.stack(STACK)?.is_none(), "the stack is still there");
    let tables = deployment.tables(STACK)?;
    ensure!(tables == [todos], "tables are left: {tables:?}");
    for (call, list, name) in [
        (("lambda", "list_functions"), "Functions", "FunctionName"),
        (("iam", "list_roles"), "Roles", "RoleName"),
        (("logs", "describe_log_groups"), "logGroups", "logGroupName"),
        (("apigatewayv2", "get_apis"), "Items", "Name"),
    ] {
        let mut left = deployment.aws.names(call, list, Some(name))?;
        left.retain(|name| name.contains(STACK));
        ensure!(left.is_empty(), "{list} are left: {left:?}");
    }
    Ok(())
}

fn a_new_stack_starts(deployment: &mut Deployment<'_>) -> Result<()> {
    deployment.deploy()?;
    let seen = deployment.scenario("sign-in")?;
    ensure!(*seen.step("signed in") == true, "{seen:?}");
    Ok(())
}

fn status_is(deployment: &mut Deployment<'_>, stack: &str, expected: &str) -> Result<()> {
    let found = deployment.stack(stack)?.context("the stack is gone")?;
    ensure!(found["StackStatus"] == expected, "{stack} is {}", found["StackStatus"]);
    Ok(())
}

/// The template with a resource that cannot be created.
fn broken(deployment: &Deployment<'_>) -> Result<PathBuf> {
    let folder = deployment.traces.join("broken");
    copy(&deployment.built, &folder, |template| {
        let metrics = (0..11).map(|number| {
            format!(
                "        - {{ Id: m{number}, ReturnData: false, MetricStat: {{ Period: 60, Stat: Sum, \
                 Metric: {{ Namespace: AWS/Lambda, MetricName: Errors }} }} }}\n"
            )
        });
        let sum = "        - { Id: all, Expression: \"SUM(METRICS())\" }\n";
        let refused = REFUSED.to_owned() + &metrics.collect::<String>() + sum;
        template.replacen("\nResources:\n", &format!("\nResources:{refused}"), 1)
    })?;
    Ok(folder)
}

/// Copies what `sam build` made, with a changed template.
fn copy(built: &Path, to: &Path, change: impl Fn(&str) -> String) -> Result<()> {
    for folder in fs::read_dir(built)?.flatten().filter(|it| it.path().is_dir()) {
        let target = to.join(folder.file_name());
        fs::create_dir_all(&target)?;
        for file in fs::read_dir(folder.path())?.flatten() {
            fs::copy(file.path(), target.join(file.file_name()))?;
        }
    }
    let template = fs::read_to_string(built.join("template.yaml"))?;
    fs::write(to.join("template.yaml"), change(&template))?;
    Ok(())
}
