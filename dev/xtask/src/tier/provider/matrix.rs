//! The matrix: what works with which provider. Each profile is tried with our own double of its
//! provider; some also with software that others wrote, with the settings of `docs/providers.md`.

use super::{node, pairs, start};
use crate::{command, count::Count, service::Service, stack::Stack, tool, workspace::Workspace};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command, thread};

/// A provider that others wrote.
struct Double {
    /// The profile, and what plays it.
    name: &'static str,
    /// The heading in `docs/providers.md` below which the settings are; empty if the double knows
    /// them all.
    heading: &'static str,
    command: fn(&Workspace) -> Result<Command>,
}

const DOUBLES: [Double; 5] = [
    Double {
        name: "cognito (ministack)",
        heading: "Amazon Cognito",
        command: |workspace| {
            let mut command = python(workspace, &tool::ministack(workspace)?, "cognito.py");
            command.env("PYTHONPATH", workspace.root().join("dev/xtask/cloud"));
            Ok(command)
        },
    },
    Double {
        name: "auth0 (oidc-provider)",
        heading: "Auth0",
        command: |workspace| Ok(node(workspace, &["--like", "auth0"])),
    },
    Double {
        name: "keycloak (oidc-provider)",
        heading: "Keycloak",
        command: |workspace| Ok(node(workspace, &["--like", "keycloak"])),
    },
    Double {
        name: "generic (oidc-provider)",
        heading: "",
        command: |workspace| Ok(node(workspace, &[])),
    },
    Double {
        name: "generic (canaille)",
        heading: "",
        command: |workspace| Ok(python(workspace, &tool::canaille(workspace)?, "canaille_idp.py")),
    },
];

/// One of the systems that are tried.
struct System {
    stack: Stack,
    _provider: Option<Service>,
    target: Value,
}

pub(super) fn run(workspace: &Workspace) -> Result<Count> {
    let traces = workspace.traces("matrix")?;
    let docs = fs::read_to_string(workspace.root().join("docs/providers.md"))?;
    // Installs before anything runs.
    let commands = DOUBLES.iter().map(|double| (double.command)(workspace));
    let commands = commands.collect::<Result<Vec<_>>>()?;
    let (own, others) = thread::scope(|scope| {
        let own = profiles(&docs).map(|profile| own_double(workspace, profile));
        let own = scope.spawn(|| own.collect::<Result<Vec<_>>>());
        let others = DOUBLES
            .iter()
            .zip(commands)
            .map(|(double, command)| double.start(workspace, command, &docs).context(double.name));
        let others = others.collect::<Result<Vec<_>>>();
        (own.join().expect("it returns its error"), others)
    });
    let (mut systems, others) = (own?, others?);
    systems.extend(others);

    let targets: Vec<_> = systems.iter().map(|system| &system.target).collect();
    let file = traces.join("targets.json");
    private_file::write(&file, json!(targets).to_string().as_bytes())?;
    let mut matrix = Command::new(workspace.binary("matrix"));
    matrix.env("TOLLGATE_TARGETS", &file);
    let roots = targets.iter().filter_map(|it| it["settings"]["SSL_CERT_FILE"].as_str());
    matrix.envs(roots.map(|it| ("SSL_CERT_FILE", it)));
    let count = Count::of_tests(&command::run(&mut matrix)?);
    systems.iter_mut().try_for_each(|system| system.stack.must_live())?;
    Ok(count)
}

fn own_double(workspace: &Workspace, profile: &str) -> Result<System> {
    let traces = workspace.traces(&format!("matrix/{profile}"))?;
    let arguments = ["--provider-like".as_ref(), profile.as_ref()];
    let stack = Stack::start_with(workspace, 0, &[], &traces, &arguments)?;
    let mut target = stack.details().clone();
    target["name"] = json!(profile);
    target["control"] = target["provider"]["control"].clone();
    Ok(System { stack, _provider: None, target })
}

impl Double {
    fn start(&self, workspace: &Workspace, mut command: Command, docs: &str) -> Result<System> {
        let traces = workspace.traces(&format!("matrix/{}", self.name))?;
        let (provider, mut target, app) = start(&mut command, &traces)?;
        let shown = settings(docs, self.heading, &target)?;
        let mut settings: Vec<_> = shown.iter().map(|(name, value)| (*name, &**value)).collect();
        settings.extend(pairs(&target["settings"])?);
        // An access token that has ended is refused at once.
        settings.push(("OIDC_LEEWAY_SECONDS", "0"));
        let stack = Stack::start(workspace, app, &settings, &traces)?;
        target["name"] = json!(self.name);
        target["url"] = stack.details()["url"].clone();
        Ok(System { stack, _provider: Some(provider), target })
    }
}

fn python(workspace: &Workspace, python: &Path, script: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(workspace.root().join("dev/xtask/provider").join(script));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The names in the table of profiles.
fn profiles(docs: &str) -> impl Iterator<Item = &str> {
    let table = docs.split("<!-- profiles").nth(1).unwrap_or_default();
    let table = table.split("<!-- end of profiles").next().unwrap_or_default();
    table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next())
}

/// The settings that the page shows below `heading`, with the values of this provider.
fn settings<'a>(docs: &'a str, heading: &str, details: &Value) -> Result<Vec<(&'a str, String)>> {
    if heading.is_empty() {
        return Ok(Vec::new());
    }
    let (shown, _) = docs
        .split_once(&format!("\n## {heading}\n"))
        .and_then(|(_, section)| section.split_once("```sh\n")?.1.split_once("```"))
        .with_context(|| format!("docs/providers.md shows no settings for {heading}"))?;
    let placeholders = pairs(&details["placeholders"])?;
    let pairs = shown.lines().filter_map(|line| line.split_once('='));
    Ok(pairs
        .map(|(name, value)| {
            let value = value.split(" #").next().unwrap_or_default().trim().trim_matches('\'');
            let replace = |text: String, (it, by): &(&str, &str)| text.replace(it, by);
            (name, placeholders.iter().fold(value.to_owned(), replace))
        })
        .collect())
}
