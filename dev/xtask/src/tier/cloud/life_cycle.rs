//! What happens to a stack in its life: changes, failures, its end.

use super::{
    aws::Aws,
    deployment::{BROKEN, Deployment, STACK},
    emulator, other_stacks, runbook,
};
use crate::count::Count;
use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

/// An alarm that CloudWatch refuses: more metrics than one may have.
const REFUSED: &str = "\n  Refused:\n    Type: AWS::CloudWatch::Alarm\n    DependsOn: [TodosTable, \
    SessionsTable, WebFunctionAliaslive]\n    Properties:\n      ComparisonOperator: GreaterThanThreshold\n      \
    EvaluationPeriods: 1\n      Threshold: 1\n      Metrics:\n";

type Step = fn(&mut Deployment<'_>) -> Result<()>;

/// Updates that succeed and fail, and beside them a stack that cannot be created.
pub(super) fn updates(deployment: &mut Deployment<'_>) -> Count {
    let all: [(&str, Step); 4] = [
        ("a parameter alone makes new versions and keeps the old ones", a_parameter_changes),
        ("a replaced client secret is read", the_secret_is_replaced),
        ("other code makes new versions", code_changes),
        ("an update that fails leaves everything as it was", an_update_fails),
    ];
    let other = other_deployment(deployment);
    thread::scope(|scope| {
        let creation = scope.spawn(|| a_creation_fails(&mut other?));
        let mut count = steps(deployment, &all);
        let done = creation.join().unwrap_or_else(|_| bail!("it panicked"));
        count += report("a creation that fails leaves nothing", &done);
        count
    })
}

/// A deployment of [`BROKEN`].
fn other_deployment<'a>(deployment: &mut Deployment<'a>) -> Result<Deployment<'a>> {
    let traces = deployment.traces.join(BROKEN);
    fs::create_dir_all(&traces)?;
    let (workspace, emulator) = (deployment.workspace, deployment.emulator);
    Ok(Deployment {
        workspace,
        emulator,
        stack: BROKEN,
        aws: Aws::start(&emulator.python, workspace.root(), &emulator.environment())?,
        built: deployed(deployment, &traces.join("built"), break_template)?,
        traces,
        parameters: deployment.parameters.clone(),
        port: deployment.port,
        secret: deployment.secret.clone(),
        is_operated: false,
        is_quiet: true,
    })
}

/// Procedures of the runbook, the end of the stack, and another beginning.
pub(super) fn end(deployment: &mut Deployment<'_>) -> Count {
    let all: [(&str, Step); 7] = [
        ("infra/cdn is created and deleted, in its region only", other_stacks::cdn),
        ("the runbook has keys fetched", runbook::keys_are_fetched),
        ("the runbook ends one user's sessions", runbook::one_users_sessions_end),
        ("the runbook ends everybody's sessions", runbook::all_sessions_end),
        ("the runbook restores todos", runbook::todos_are_restored),
        ("the end leaves the todos and nothing else", the_stack_ends),
        ("a new stack adopts the todos of the old one", a_new_stack_adopts_the_todos),
    ];
    steps(deployment, &all)
}

/// An update that leaves out the todos and adds the examples.
pub(super) fn gate_alone(
    deployment: &mut Deployment<'_>,
    built: &Path,
    examples: &[(&str, String)],
) -> Count {
    let done = todos_are_left_out(deployment, built, examples);
    report("without todos there is the gate alone, and their table stays", &done)
}

fn steps(deployment: &mut Deployment<'_>, steps: &[(&str, Step)]) -> Count {
    let mut count = Count::default();
    for (name, step) in steps {
        count += report(name, &step(deployment));
    }
    count
}

fn report(name: &str, done: &Result<()>) -> Count {
    let result = if done.is_ok() { "ok" } else { "FAILED" };
    println!("cloud: {name} ... {result}");
    if let Err(error) = done {
        println!("  {error:#}");
    }
    Count::one(done.is_ok())
}

fn a_parameter_changes(deployment: &mut Deployment<'_>) -> Result<()> {
    let before = deployment.live_versions()?;
    // Roles are tested without the second factor that ends of sessions would need.
    deployment.decide(&[("ReadScope", "Todos.Read"), ("SessionStepUpAcr", "")]);
    deploy_same_code(deployment)?;
    versions_have_moved(deployment, &before)?;
    ensure!(deployment.published_scope()? == "Todos.Read", "requests do not see the parameter");
    Ok(())
}

/// With a secret that the provider does not take, a sign-in that fails shows that it is read.
fn the_secret_is_replaced(deployment: &mut Deployment<'_>) -> Result<()> {
    let good = std::mem::replace(&mut deployment.secret, "wrong".to_owned());
    deployment.decide(&[("ReadScope", "ToDoList.Read")]);
    let deployed = deploy_same_code(deployment);
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
    copy(&deployment.built, &other)?;
    for folder in fs::read_dir(&other)?.flatten().filter(|it| it.path().is_dir()) {
        fs::write(folder.path().join("another-file"), "another")?;
    }
    deployment.deploy(&other, &[])?;
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
    let broken = deployed(deployment, &deployment.traces.join("broken"), break_template)?;
    deployment.decide(&[("ReadScope", "Todos.Read")]);
    let is_accepted = deployment.try_deploy(&broken, &[])?;
    deployment.decide(&[("ReadScope", &scope)]);
    ensure!(!is_accepted, "an alarm with 11 metrics was accepted");
    status_is(deployment, STACK, "UPDATE_ROLLBACK_COMPLETE")?;
    ensure!(deployment.live_versions()? == before, "aliases did not move back");
    ensure!(deployment.published_scope()? == scope, "requests see what was rolled back");
    Ok(())
}

fn a_creation_fails(deployment: &mut Deployment<'_>) -> Result<()> {
    let is_accepted = deployment.try_deploy(&deployment.built, &[])?;
    ensure!(!is_accepted, "an alarm with 11 metrics was accepted");
    status_is(deployment, BROKEN, "ROLLBACK_COMPLETE")?;
    let left = deployment.tables(BROKEN)?;
    ensure!(left.is_empty(), "tables are left: {left:?}");
    deployment.destroy()
}

fn the_stack_ends(deployment: &mut Deployment<'_>) -> Result<()> {
    let todos = deployment.resources(STACK)?["TodosTable"].clone();
    deployment.destroy()?;
    deployment.is_operated = false;
    ensure!(deployment.aws.stack(STACK)?.is_none(), "the stack is still there");
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

fn a_new_stack_adopts_the_todos(deployment: &mut Deployment<'_>) -> Result<()> {
    let table = deployment.tables(STACK)?.pop().context("the todos are gone")?;
    let built = deployment.built.clone();
    deployment.deploy(&built, &["--adopt-todos", &table])?;
    ensure!(deployment.resources(STACK)?["TodosTable"] == table, "there is another table");
    let parameters = json!({ "TableName": table });
    let found = deployment.aws.call("dynamodb", "describe_table", parameters)?;
    ensure!(found["Table"]["DeletionProtectionEnabled"] == true, "it is not protected: {found}");
    let seen = deployment.scenario("count-todos")?;
    ensure!(*seen.step("todos") == 2, "requests do not see the todos: {seen:?}");
    let seen = deployment.scenario("sign-in")?;
    ensure!(*seen.step("signed in") == true, "{seen:?}");
    Ok(())
}

fn todos_are_left_out(
    deployment: &mut Deployment<'_>,
    built: &Path,
    examples: &[(&str, String)],
) -> Result<()> {
    let table = deployment.resources(STACK)?["TodosTable"].clone();
    deployment.decide(&[("Todos", "false")]);
    for (name, value) in examples {
        deployment.decide(&[(name, value)]);
    }
    // With the doctor's smoke test, which knows that there are none.
    deployment.deploy(built, &[])?;
    let left = deployment.resources(STACK)?.into_keys().find(|id| id.starts_with("Todos"));
    ensure!(left.is_none(), "{left:?} is still there");
    ensure!(deployment.tables(STACK)?.contains(&table), "the todos are gone");
    let answer = emulator::request(deployment.port, "GET", "/api/todos")?;
    ensure!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let seen = deployment.scenario("sign-in")?;
    ensure!(*seen.step("signed in") == true, "{seen:?}");
    Ok(())
}

fn status_is(deployment: &mut Deployment<'_>, stack: &str, expected: &str) -> Result<()> {
    let found = deployment.aws.stack(stack)?.context("the stack is gone")?;
    ensure!(found["StackStatus"] == expected, "{stack} is {}", found["StackStatus"]);
    Ok(())
}

fn deploy_same_code(deployment: &mut Deployment<'_>) -> Result<()> {
    let folder = deployed(deployment, &deployment.traces.join("same-code"), ToOwned::to_owned)?;
    deployment.deploy(&folder, &[])
}

/// Writes what is deployed into a folder, with a changed template. The code is in S3 already.
fn deployed(
    deployment: &mut Deployment<'_>,
    folder: &Path,
    change: fn(&str) -> String,
) -> Result<PathBuf> {
    let parameters = json!({ "StackName": STACK, "TemplateStage": "Original" });
    let answer = deployment.aws.call("cloudformation", "get_template", parameters)?;
    let template = answer["TemplateBody"].as_str().context("a template in YAML")?;
    fs::create_dir_all(folder)?;
    fs::write(folder.join("template.yaml"), change(template))?;
    Ok(folder.to_owned())
}

/// The template with a resource that cannot be created.
fn break_template(template: &str) -> String {
    let metrics = (0..11).map(|number| {
        format!(
            "        - {{ Id: m{number}, ReturnData: false, MetricStat: {{ Period: 60, Stat: Sum, \
             Metric: {{ Namespace: AWS/Lambda, MetricName: Errors }} }} }}\n"
        )
    });
    let sum = "        - { Id: all, Expression: \"SUM(METRICS())\" }\n";
    let refused = REFUSED.to_owned() + &metrics.collect::<String>() + sum;
    template.replacen("\nResources:\n", &format!("\nResources:{refused}"), 1)
}

/// Copies what `sam build` made.
fn copy(built: &Path, to: &Path) -> Result<()> {
    for folder in fs::read_dir(built)?.flatten().filter(|it| it.path().is_dir()) {
        let target = to.join(folder.file_name());
        fs::create_dir_all(&target)?;
        for file in fs::read_dir(folder.path())?.flatten() {
            fs::copy(file.path(), target.join(file.file_name()))?;
        }
    }
    fs::copy(built.join("template.yaml"), to.join("template.yaml"))?;
    Ok(())
}
