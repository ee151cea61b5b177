//! A todos table that an earlier stack left becomes part of the new one, by a CloudFormation import.

use super::{Run, Shell, Stack, Tools};
use anyhow::{Context, Result, bail, ensure};
use local_aws::Template;
use serde_json::{Value, json};
use std::fs;

/// The logical id of the table in template.yaml.
const TODOS: &str = "TodosTable";

/// Creates the stack with the table alone; `sam deploy` then adds everything else. CloudFormation
/// imports only by a template in which everything new is imported, and without a transform.
pub(super) fn todos(run: &Run<'_>, table: &str, exists: bool) -> Result<()> {
    let stack = &run.configuration.stack_name;
    if exists {
        return already(run, table);
    }
    let folder = run.workspace.target().join("deploy");
    let file = folder.join(format!("{stack}-adopt.json"));
    if !run.shell.is_dry() {
        fs::create_dir_all(&folder)?;
        fs::write(&file, template()?.to_string())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let resource = json!([{
        "ResourceType": "AWS::DynamoDB::Table",
        "LogicalResourceId": TODOS,
        "ResourceIdentifier": { "TableName": table },
    }]);
    // A change set that failed keeps its name.
    let seconds = if run.shell.is_dry() { 0 } else { super::now()? };
    let change_set = format!("adopt-todos-{seconds}");
    let named = ["--stack-name", stack, "--change-set-name", &change_set];
    let cloudformation = |arguments: &[&str], more: &[String]| {
        let mut aws = run.tools.aws(&run.shell);
        aws.arg("cloudformation").args(arguments).args(more);
        run.shell.change(&mut aws)
    };
    let import = [
        "--change-set-type".to_owned(),
        "IMPORT".to_owned(),
        "--resources-to-import".to_owned(),
        resource.to_string(),
        "--template-body".to_owned(),
        format!("file://{}", file.display()),
    ];
    cloudformation(&[["create-change-set"].as_slice(), &named].concat(), &import)?;
    cloudformation(&[["wait", "change-set-create-complete"].as_slice(), &named].concat(), &[])?;
    cloudformation(&[["execute-change-set"].as_slice(), &named].concat(), &[])?;
    cloudformation(&["wait", "stack-import-complete", "--stack-name", stack], &[])?;
    println!("  adopted: {table} is {TODOS} of {stack}");
    Ok(())
}

/// The stack has a table already: it must be this one.
fn already(run: &Run<'_>, table: &str) -> Result<()> {
    let stack = &run.configuration.stack_name;
    let found = Stack::resource(&run.shell, &run.tools, stack, TODOS)?;
    ensure!(
        found.as_deref() == Some(table),
        "only a new stack can adopt a table, and {stack} exists; to copy todos between tables, see \
         docs/deploy.md"
    );
    Ok(())
}

/// Says that there is a table of an earlier stack, since the new one makes another.
pub(super) fn hint(run: &Run<'_>) -> Result<()> {
    let stack = &run.configuration.stack_name;
    for table in kept(&run.shell, &run.tools, stack)? {
        println!(
            "  an earlier {stack} left the todos table {table}; --adopt-todos {table} takes it over"
        );
    }
    Ok(())
}

/// Todos tables that stacks of this name have left.
pub(crate) fn kept(shell: &Shell, tools: &Tools, stack: &str) -> Result<Vec<String>> {
    let mut list = tools.aws(shell);
    list.args(["dynamodb", "list-tables", "--output", "json"]);
    let tables = shell.ask(&mut list)?.unwrap_or_default();
    let prefix = format!("{stack}-{TODOS}-");
    let names = tables["TableNames"].as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(names.filter(|name| name.starts_with(&prefix)).map(ToOwned::to_owned).collect())
}

/// The table as template.yaml defines it.
fn template() -> Result<Value> {
    let Some(table) = Template::project().resources().get(TODOS).cloned() else {
        bail!("template.yaml has no {TODOS}");
    };
    let mut table = table;
    // An import demands a policy that keeps the table if the stack fails.
    table["DeletionPolicy"] = "Retain".into();
    // What `DeletionProtection` is until the stack is complete. An import changes nothing at the
    // table, so it stays protected all the time.
    table["Properties"]["DeletionProtectionEnabled"] = false.into();
    Ok(json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": { TODOS: table } }))
}
