//! `cargo xtask destroy`: deletes a deployment and says what stays. Running it again resumes it.

use crate::{
    deploy::{
        Credential, Shell, Stack, Target, Tools, confirm_name, delete_stack, kept_todos, member,
        set_protection,
    },
    workspace::Workspace,
};
use anyhow::{Context, Result, bail, ensure};
use deploy_parameters::Configuration;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// Does not ask, given the name of the stack
    #[arg(long, value_name = "STACK")]
    yes_delete: Option<String>,
}

/// Days in which a deleted secret can be restored, as many as Secrets Manager allows.
const RECOVERY_DAYS: &str = "30";

/// A deployment that is being deleted.
struct Destruction<'a> {
    arguments: &'a Arguments,
    configuration: &'a Configuration,
    shell: Shell,
    tools: Tools,
}

/// Deletes.
///
/// # Errors
/// When it is not confirmed, or something cannot be deleted. What is gone by then stays gone.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let target = &arguments.target;
    let configuration = target.read(workspace)?;
    let stack = &configuration.stack_name;
    if let Some(name) = &arguments.yes_delete {
        ensure!(
            name == stack,
            "--yes-delete names {name}, but the stack of {} is {stack}",
            target.env
        );
    }
    let shell = target.shell(workspace, &configuration);
    let tools = if target.dry_run { Tools::named() } else { Tools::with_aws(workspace)? };
    let destruction = Destruction { arguments, configuration: &configuration, shell, tools };
    let found = Stack::find(&destruction.shell, &destruction.tools, stack)?;
    if found.as_ref().is_some_and(|it| it.is_termination_protected) {
        bail!(
            "{stack} has termination protection. To turn it off: aws cloudformation \
             update-termination-protection --no-enable-termination-protection --stack-name {stack}"
        );
    }
    destruction.announce()?;
    if !target.dry_run && arguments.yes_delete.is_none() {
        let place = found.as_ref().map_or_else(String::new, |it| format!(" {}", it.place()));
        let option = format!("--yes-delete {stack}");
        confirm_name(&format!("Deleting {stack}{place}"), stack, &option)?;
    }
    destruction.run(found.is_some())?;
    Ok(ExitCode::SUCCESS)
}

impl Destruction<'_> {
    fn operations(&self) -> String {
        format!("{}-operations", self.configuration.stack_name)
    }

    /// The secret that `deploy` made, found by its name. One that samconfig.toml names belongs to
    /// people.
    fn secret(&self) -> Option<String> {
        let tenant = self.tenant().or(self.configuration.tenant.as_deref());
        let credential = Credential::of(self.configuration, tenant);
        credential.decided.is_none().then_some(credential.name)
    }

    /// Says what goes and what stays.
    fn announce(&self) -> Result<()> {
        let (stack, operations) = (&self.configuration.stack_name, self.operations());
        println!("This deletes");
        println!("  {operations}: dashboard, alarms and log queries");
        println!(
            "  {stack}: the API, the functions with all versions and their logs, the sessions (every user is signed out)"
        );
        if let Some(secret) = self.secret() {
            println!("  {secret}: the secret, which can be restored for {RECOVERY_DAYS} days");
        }
        if let Some(tenant) = self.tenant() {
            println!(
                "  the registrations of {stack} in the tenant {tenant} (Entra keeps them for 30 days)"
            );
        }
        println!("and keeps");
        let todos = self.todos()?;
        if todos.is_some() || self.configuration.get("Todos").is_none_or(|it| it.value != "false") {
            let name = todos.map_or_else(String::new, |it| format!(" {it}"));
            println!("  the todos table{name}, with its protection");
        }
        println!(
            "  the packages in the bucket of the stack aws-sam-cli-managed-default, which other SAM stacks use"
        );
        println!(
            "  {} and {}",
            self.configuration.file.display(),
            self.configuration.generated.display()
        );
        if self.tenant().is_none() {
            println!("  what is registered at the provider (--tenant removes it from Entra)");
        }
        Ok(())
    }

    fn tenant(&self) -> Option<&str> {
        self.arguments.target.tenant.as_deref()
    }

    /// The table of the stack, or one that it left.
    fn todos(&self) -> Result<Option<String>> {
        let stack = &self.configuration.stack_name;
        match Stack::resource(&self.shell, &self.tools, stack, "TodosTable")? {
            Some(table) => Ok(Some(table)),
            None => Ok(kept_todos(&self.shell, &self.tools, stack)?.pop()),
        }
    }

    fn run(&self, is_there: bool) -> Result<()> {
        let stack = &self.configuration.stack_name;
        let todos = self.todos()?;
        // It imports values that the other stack exports, which cannot be deleted before.
        println!("\n1/5 Operations");
        self.delete(&self.operations())?;
        println!("\n2/5 Protection of the sessions");
        self.unprotect()?;
        println!("\n3/5 Stack");
        self.delete(stack)?;
        println!("\n4/5 Secret");
        self.forget_secret()?;
        println!("\n5/5 Tenant");
        self.forget_tenant()?;
        if self.arguments.target.dry_run {
            return Ok(());
        }
        if Stack::find(&self.shell, &self.tools, stack)?.is_some() {
            bail!("{stack} is still there: look at its events, and run the same command again");
        }
        if is_there {
            println!("\n{stack} is gone.");
        } else {
            println!("\nThere was no stack {stack}.");
        }
        if let Some(table) = todos {
            println!("The todos are in the table {table}.");
            let target = &self.arguments.target;
            let file = target.config_file.as_ref();
            let file = file.map(|file| format!(" --config-file {}", file.display()));
            println!(
                "  A new stack adopts them: cargo xtask deploy --env {}{} --adopt-todos {table}",
                target.env,
                file.unwrap_or_default()
            );
            println!(
                "  To delete them for good: aws dynamodb update-table --table-name {table} --no-deletion-protection-enabled, then aws dynamodb delete-table --table-name {table}"
            );
        }
        Ok(())
    }

    fn delete(&self, stack: &str) -> Result<()> {
        if !self.arguments.target.dry_run && Stack::find(&self.shell, &self.tools, stack)?.is_none()
        {
            println!("  skipped: there is no stack {stack}");
            return Ok(());
        }
        delete_stack(&self.shell, &self.tools, stack).with_context(|| {
            format!("{stack} is not deleted; look at its events, and run the same command again")
        })
    }

    fn unprotect(&self) -> Result<()> {
        let stack = &self.configuration.stack_name;
        let found = Stack::resource(&self.shell, &self.tools, stack, "SessionsTable")?;
        let table = match found {
            Some(table) => table,
            None if self.arguments.target.dry_run => "<SessionsTable>".to_owned(),
            None => {
                println!("  skipped: there is no such table");
                return Ok(());
            }
        };
        set_protection(&self.shell, &self.tools, &table, "--no-deletion-protection-enabled")
    }

    fn forget_secret(&self) -> Result<()> {
        if let Some(name) = self.secret() {
            let mut describe = self.tools.aws(&self.shell);
            describe.args([
                "secretsmanager",
                "describe-secret",
                "--output",
                "json",
                "--secret-id",
                &name,
            ]);
            let found = self.shell.try_ask(&mut describe, "ResourceNotFoundException")?;
            let is_there = found.is_some_and(|it| it["DeletedDate"].is_null());
            if !is_there && !self.arguments.target.dry_run {
                println!("  skipped: {name} is deleted already");
                return Ok(());
            }
            let mut aws = self.tools.aws(&self.shell);
            aws.args(["secretsmanager", "delete-secret", "--secret-id", &name]);
            self.shell.change(aws.args(["--recovery-window-in-days", RECOVERY_DAYS]))?;
        }
        Ok(())
    }

    fn forget_tenant(&self) -> Result<()> {
        let Some(tenant) = self.tenant() else {
            println!("  skipped: no --tenant");
            return Ok(());
        };
        let mut entra = member(&self.shell, "entra");
        entra.args([
            "remove",
            "--tenant",
            tenant,
            "--name",
            &self.configuration.stack_name,
            "--yes",
        ]);
        self.shell.attend(&mut entra)
    }
}
