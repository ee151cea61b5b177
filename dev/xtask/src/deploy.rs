//! `cargo xtask deploy`: from a clone to an address that users can go to, by AWS's own tools. Each
//! step can be repeated, so running the command again resumes it.

mod addresses;
mod adopt;
mod question;
mod sam;
mod secret;
mod shell;
mod stack;
mod steps;
mod target;
mod tools;

use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use deploy_parameters::Configuration;
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

pub(crate) use adopt::kept as kept_todos;
use question::can_ask;
pub(crate) use question::name as confirm_name;
pub(crate) use secret::Credential;
pub(crate) use shell::Shell;
pub(crate) use stack::{Stack, delete as delete_stack};
pub(crate) use steps::set_protection;
pub(crate) use target::Target;
pub(crate) use tools::Tools;

#[derive(clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Does not ask before it deploys to production
    #[arg(long)]
    yes: bool,
    /// The client secret (or PEM key), from a file, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Adds a certificate to the web app in Entra, whose key replaces the stored one; with --tenant
    #[arg(long, conflicts_with = "secret_file")]
    new_credential: bool,
    /// Moves all requests to the new version at once, without a canary: deploys a fix while an alarm
    /// is on
    #[arg(long)]
    now: bool,
    /// Publishes new versions even if nothing has changed
    #[arg(long)]
    restart: bool,
    /// Deploys what an earlier `sam build --build-dir FOLDER` made
    #[arg(long, value_name = "FOLDER")]
    built: Option<PathBuf>,
    /// Only builds, into .aws-sam/build, for a later --built: needs no credentials
    #[arg(long, conflicts_with = "built")]
    build_only: bool,
    /// Leaves out the stack with dashboard, alarms and log queries
    #[arg(long)]
    no_operations: bool,
    /// Does not check the configuration with the doctor
    #[arg(long)]
    no_doctor: bool,
    /// Takes a kept todos table into the new stack
    #[arg(long, value_name = "TABLE")]
    adopt_todos: Option<String>,
}

/// How a step ended.
enum Outcome {
    Done(String),
    Skipped(String),
}

/// A deployment under way.
struct Run<'a> {
    workspace: &'a Workspace,
    arguments: &'a Arguments,
    configuration: Configuration,
    shell: Shell,
    tools: Tools,
    /// The stack, once a step has asked for it.
    stack: Option<Stack>,
}

type Step = fn(&mut Run<'_>) -> Result<Outcome>;

const STEPS: [(&str, Step); 10] = [
    ("Tools", steps::tools),
    ("Tenant", addresses::prepare),
    ("Client credential", secret::step),
    ("Configuration", steps::configuration),
    ("Build", steps::build),
    ("Deploy", steps::deploy),
    ("Addresses", addresses::register),
    ("Table protection", steps::protection),
    ("Operations", steps::operations),
    ("Smoke test", steps::smoke),
];

const BUILD_STEPS: [(&str, Step); 2] = [("Tools", steps::tools), ("Build", steps::build)];

/// Deploys.
///
/// # Errors
/// When a step fails. What was done until then stays, and the next run goes on from there.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let configuration = arguments.target.read(workspace)?;
    let stack_name = configuration.stack_name.clone();
    let is_dry = arguments.target.dry_run;
    if arguments.target.tenant.is_none() && configuration.tenant.is_none() {
        // Before anything is created. A dry run shows all steps nevertheless.
        match configuration.check_complete() {
            Err(error) if is_dry => println!("Not complete: {error}\n"),
            checked => checked.context(
                "samconfig.toml is incomplete (for Entra External ID, --tenant finds the values)",
            )?,
        }
    }
    if !is_dry && !arguments.yes && !arguments.build_only {
        ensure!(
            can_ask(),
            "there is no terminal to ask at: give --yes to deploy without questions"
        );
        if arguments.target.is_production() {
            confirm_name(&format!("Deploying to {}", arguments.target.env), &stack_name, "--yes")?;
        }
    }
    let shell = arguments.target.shell(workspace, &configuration);
    let tools = Tools::named();
    let mut run = Run { workspace, arguments, configuration, shell, tools, stack: None };
    let (work, steps): (_, &[_]) =
        if arguments.build_only { ("Building", &BUILD_STEPS) } else { ("Deploying", &STEPS) };
    println!("{work} {stack_name}{}", if is_dry { " (dry run: nothing is changed)" } else { "" });
    for (at, (title, step)) in steps.iter().enumerate() {
        let place = format!("{}/{} {title}", at + 1, steps.len());
        println!("\n{place}");
        match step(&mut run) {
            // What it would run is shown.
            Ok(Outcome::Done(_)) if is_dry => {}
            Ok(Outcome::Done(said)) => println!("  done: {said}"),
            Ok(Outcome::Skipped(why)) => println!("  skipped: {why}"),
            Err(error) => {
                return Err(error.context(format!(
                    "step {place} failed. Correct the cause and run the same command again: it goes on \
                     from here"
                )));
            }
        }
    }
    run.say_what_next();
    Ok(ExitCode::SUCCESS)
}

impl Run<'_> {
    /// The value of a parameter, in one of the files.
    fn value(&self, name: &str) -> Option<&str> {
        Some(self.configuration.get(name)?.value.as_str()).filter(|value| !value.is_empty())
    }

    /// Writes generated values and reads the merge again. In a dry run, it only shows them.
    fn generate(&mut self, changes: &[(&str, String)]) -> Result<()> {
        let file = self.configuration.generated.clone();
        let is_new = |(name, value): &&(&str, String)| self.generated(name) != Some(value.as_str());
        let changes: Vec<_> = changes.iter().filter(is_new).cloned().collect();
        for (name, value) in &changes {
            let verb = if self.shell.is_dry() { "would write" } else { "writes" };
            println!("  {verb} {name} = \"{value}\" to {}", self.relative(&file).display());
        }
        if !self.shell.is_dry() && !changes.is_empty() {
            deploy_parameters::write(&file, &changes)?;
        }
        self.reload()
    }

    /// A value that a tool wrote.
    fn generated(&self, name: &str) -> Option<&str> {
        let parameter = self.configuration.get(name).filter(|it| !it.is_decided)?;
        Some(parameter.value.as_str())
    }

    fn reload(&mut self) -> Result<()> {
        self.configuration = self.arguments.target.read(self.workspace)?;
        Ok(())
    }

    fn find_stack(&mut self) -> Result<Option<&Stack>> {
        self.stack = Stack::find(&self.shell, &self.tools, &self.configuration.stack_name)?;
        Ok(self.stack.as_ref())
    }

    fn tenant(&self) -> Option<&str> {
        self.arguments.target.tenant.as_deref().or(self.configuration.tenant.as_deref())
    }

    /// Where infra/entra puts a new key of this environment.
    fn entra_folder(&self) -> PathBuf {
        Path::new(".tollgate/entra").join(&self.configuration.stack_name)
    }

    /// A key with its certificate that infra/entra made and nothing has stored yet.
    fn entra_key(&self) -> Option<PathBuf> {
        let name =
            format!("{}-web-app-key.pem", self.configuration.stack_name.to_ascii_lowercase());
        let path = self.workspace.root().join(self.entra_folder()).join(name);
        Some(path).filter(|path| path.is_file())
    }

    /// A path as it is named from the root, where commands run.
    fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.workspace.root()).unwrap_or(path)
    }

    /// `--config-file`, if it is not the one that SAM and the doctor read anyway.
    fn config_file(&self) -> Vec<String> {
        let file = self.relative(&self.configuration.file);
        if file == Path::new(deploy_parameters::CONFIG_FILE) {
            return Vec::new();
        }
        vec!["--config-file".to_owned(), file.display().to_string()]
    }

    /// The options by which SAM finds this environment.
    fn environment(&self) -> Vec<String> {
        let mut options = self.config_file();
        // SAM looks for a relative path, and for samconfig.toml, in the folder of the template.
        if !options.is_empty() || self.arguments.built.is_some() {
            let file = self.configuration.file.display().to_string();
            options = vec!["--config-file".to_owned(), file];
        }
        options.extend(["--config-env".to_owned(), self.configuration.environment.clone()]);
        options
    }

    /// The doctor, on this environment.
    fn doctor(&self) -> Command {
        let mut doctor = member(&self.shell, "doctor");
        doctor.arg("--allow-warnings").args(self.config_file());
        doctor.args(["--env", &self.configuration.environment]);
        doctor
    }

    fn say_what_next(&self) {
        let Some(stack) = &self.stack else { return };
        println!("\n{} is at {}", self.configuration.stack_name, stack.output("Url"));
        println!(
            "Next: open it and sign in. Commit {}. docs/runbook.md says what to do when an alarm goes off.",
            self.relative(&self.configuration.generated).display()
        );
    }
}

/// The variable with the folder of programs that tests have built.
pub(crate) const BUILT_PROGRAMS: &str = "TOLLGATE_PROGRAMS";

/// A program of this repository, run in its root. Where tests have built it, Cargo need not.
pub(crate) fn member(shell: &Shell, package: &str) -> Command {
    if let Some(folder) = std::env::var_os(BUILT_PROGRAMS) {
        return shell.command(Path::new(&folder).join(package));
    }
    let mut cargo = shell.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--locked", "--package", package, "--"]);
    cargo
}

/// Seconds since 1970.
fn now() -> Result<u64> {
    Ok(std::time::UNIX_EPOCH.elapsed().context("the clock is before 1970")?.as_secs())
}
