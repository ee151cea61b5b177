//! The steps that are a command or two.

use super::{Outcome, Run, Shell, Stack, Tools, adopt, sam, tools as tool};
use anyhow::{Context, Result};
use local_aws::Template;
use std::fs;

pub(super) fn tools(run: &mut Run<'_>) -> Result<Outcome> {
    let builds = run.arguments.built.is_none();
    if run.shell.is_dry() {
        let folder = run.workspace.tools();
        println!("  would install what is missing into {}", folder.display());
        return Ok(Outcome::Done(String::new()));
    }
    run.tools = Tools::installed(run.workspace, builds)?;
    Ok(Outcome::Done("the AWS CLI, the SAM CLI and cargo-lambda are here".to_owned()))
}

pub(super) fn configuration(run: &mut Run<'_>) -> Result<Outcome> {
    for it in run.configuration.replaced() {
        let (name, decided, generated) = (&it.name, &it.decided, &it.generated);
        println!(
            "  {name} is {decided:?}, as people decided; the generated value is {generated:?}"
        );
    }
    // The tenant's values are unknown in a dry run.
    if !run.shell.is_dry() {
        run.configuration.check_complete()?;
    }
    if run.arguments.no_doctor {
        return Ok(Outcome::Done("complete; not checked with the doctor (--no-doctor)".to_owned()));
    }
    let mut doctor = run.doctor();
    run.shell
        .attend(&mut doctor)
        .context("the doctor found errors; --no-doctor deploys regardless")?;
    Ok(Outcome::Done("complete, and the provider knows it".to_owned()))
}

pub(super) fn build(run: &mut Run<'_>) -> Result<Outcome> {
    if let Some(folder) = &run.arguments.built {
        return Ok(Outcome::Skipped(format!("{} was built before (--built)", folder.display())));
    }
    let architecture = run.value("Architecture").unwrap_or("arm64").to_owned();
    tool::add_target(&run.shell, &architecture)?;
    let mut sam = run.tools.sam_build(&run.shell)?;
    sam.arg("build").args(run.environment());
    run.shell.change(&mut sam)?;
    Ok(Outcome::Done(format!("the functions, for {architecture}")))
}

pub(super) fn deploy(run: &mut Run<'_>) -> Result<Outcome> {
    let name = run.configuration.stack_name.clone();
    let found = Stack::deployable(&run.shell, &run.tools, &name)?;
    match &found {
        // A creation that fails is rolled back, and a protected table would prevent that.
        None => protect(run, false)?,
        // The generated value may be an old one.
        Some(_) if run.configuration.get("DeletionProtection").is_some_and(|it| it.is_decided) => {}
        Some(stack) => protect(run, is_protected(stack))?,
    }
    if let Some(table) = &run.arguments.adopt_todos {
        adopt::todos(run, table, found.is_some())?;
    } else if found.is_none() {
        adopt::hint(run)?;
    }
    // An update that was rolled back has left versions of the same code, and Lambda publishes no
    // second one (aws/serverless-application-model#1375).
    let is_rolled_back = found.as_ref().is_some_and(|it| it.status == "UPDATE_ROLLBACK_COMPLETE");
    if run.arguments.restart || is_rolled_back {
        let version = run.value("Restart").and_then(|it| it.split(' ').next()).unwrap_or_default();
        let restart = format!("{version} {}", super::now()?);
        run.generate(&[("Restart", restart.trim().to_owned())])?;
    }
    if let Some(address) = found.and_then(|stack| address_before_domain(run, &stack)) {
        println!("  adding the domain first, while {address} stays the public origin");
        sam::deploy(run, &[("PublicUrl", &address)])?;
        println!("  the domain answers; making it the public origin");
    }
    sam::deploy(run, &[])?;
    run.find_stack()?;
    Ok(Outcome::Done(format!("the stack {name}")))
}

/// The address that stays public until a new domain answers. Without a hosted zone of ours, people
/// make its records and decide (`PublicUrl`).
fn address_before_domain(run: &Run<'_>, stack: &Stack) -> Option<String> {
    let domain = run.value("DomainName")?;
    run.value("HostedZoneId")?;
    let is_new = stack.parameters.get("DomainName").is_none_or(|it| it != domain);
    (is_new && run.value("PublicUrl").is_none()).then(|| stack.output("Url").to_owned())
}

pub(super) fn protection(run: &mut Run<'_>) -> Result<Outcome> {
    if run.value("DeletionProtection") == Some("false")
        && run.configuration.get("DeletionProtection").is_some_and(|it| it.is_decided)
    {
        return Ok(Outcome::Skipped(
            "DeletionProtection is \"false\", as people decided".to_owned(),
        ));
    }
    if run.stack.as_ref().is_some_and(is_protected) {
        return protect_again(run);
    }
    protect(run, true)?;
    sam::deploy(run, &[])?;
    Ok(Outcome::Done("DynamoDB refuses to delete the tables".to_owned()))
}

/// A destroy that failed has taken the protection from a table, of which CloudFormation knows
/// nothing: for it, the parameter has not changed.
fn protect_again(run: &Run<'_>) -> Result<Outcome> {
    let mut protected = Vec::new();
    for id in ["SessionsTable", "TodosTable"] {
        let stack = &run.configuration.stack_name;
        let Some(table) = Stack::resource(&run.shell, &run.tools, stack, id)? else { continue };
        let mut describe = run.tools.aws(&run.shell);
        describe.args(["dynamodb", "describe-table", "--output", "json", "--table-name", &table]);
        let found = run.shell.ask(&mut describe)?.unwrap_or_default();
        if found["Table"]["DeletionProtectionEnabled"] != true {
            set_protection(&run.shell, &run.tools, &table, "--deletion-protection-enabled")?;
            protected.push(table);
        }
    }
    if protected.is_empty() {
        return Ok(Outcome::Skipped("the tables are protected already".to_owned()));
    }
    Ok(Outcome::Done(format!("protected again: {}", protected.join(", "))))
}

/// Turns the protection of a table on or off.
pub(crate) fn set_protection(
    shell: &Shell,
    tools: &Tools,
    table: &str,
    option: &str,
) -> Result<()> {
    let mut aws = tools.aws(shell);
    aws.args(["dynamodb", "update-table", option, "--table-name", table]);
    shell.change(aws.args(["--output", "json", "--query", "TableDescription.TableStatus"]))
}

fn is_protected(stack: &Stack) -> bool {
    stack.parameters.get("DeletionProtection").is_some_and(|it| it == "true")
}

fn protect(run: &mut Run<'_>, protect: bool) -> Result<()> {
    run.generate(&[("DeletionProtection", protect.to_string())])
}

pub(super) fn operations(run: &mut Run<'_>) -> Result<Outcome> {
    if run.arguments.no_operations {
        return Ok(Outcome::Skipped("--no-operations".to_owned()));
    }
    if run.value("Metrics") == Some("false") {
        return Ok(Outcome::Skipped("Metrics is \"false\", and this stack shows them".to_owned()));
    }
    let stack = run.configuration.stack_name.clone();
    let name = format!("{stack}-operations");
    Stack::deployable(&run.shell, &run.tools, &name)?;
    let mut aws = run.tools.aws(&run.shell);
    aws.args(["cloudformation", "deploy", "--stack-name", &name]);
    aws.args(["--template-file", OPERATIONS, "--no-fail-on-empty-changeset"]);
    if let Some(role) = &run.configuration.role_arn {
        aws.args(["--role-arn", role]);
    }
    aws.arg("--parameter-overrides").arg(format!("Stack={stack}"));
    aws.args(operations_parameters(run)?);
    if run.shell.is_dry() {
        println!("  with the outputs of {stack} as parameters:");
    }
    run.shell.change(&mut aws)?;
    Ok(Outcome::Done(format!("dashboard, alarms and log queries: the stack {name}")))
}

/// The template of the stack that watches the other one.
const OPERATIONS: &str = "infra/operations/template.yaml";

/// Its parameters: outputs of the main stack by their names, and the topic of both.
fn operations_parameters(run: &Run<'_>) -> Result<Vec<String>> {
    let file = run.workspace.root().join(OPERATIONS);
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {OPERATIONS}"))?;
    // One that is left out would stay as it is.
    let values = run.configuration.complete();
    let mut all = Vec::new();
    for parameter in Template::parse(&text)?.parameters() {
        let name = parameter.name;
        let output = run.stack.as_ref().and_then(|stack| stack.outputs.get(&name));
        let value = output.or_else(|| values.get(&name)).or(parameter.default.as_ref());
        all.extend(value.map(|value| format!("{name}={value}")));
    }
    Ok(all)
}

pub(super) fn smoke(run: &mut Run<'_>) -> Result<Outcome> {
    let url = run.stack.as_ref().map_or("https://…", |stack| stack.output("Url")).to_owned();
    let mut doctor = run.doctor();
    doctor.args(["--url", &url]);
    run.shell.attend(&mut doctor).context(
        "the deployment does not work yet. If its addresses are not registered at the provider, \
         register them (they are above)",
    )?;
    Ok(Outcome::Done(format!("{url} answers as it should")))
}
