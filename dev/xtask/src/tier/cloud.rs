//! The deployment on an emulator of AWS that the project did not write: the unmodified template, the
//! real release binaries, their roles enforced, and the life of a stack from its creation to its end.

mod aws;
mod deployment;
mod emulator;
mod life_cycle;
mod other_stacks;
mod roles;
mod runbook;
mod scenario;

use super::{Context, black_box::SETTINGS};
use crate::{count::Count, loopback, programs, stack::Stack, suite, tool, workspace::Workspace};
use anyhow::{Context as _, Result};
use aws::Aws;
pub(crate) use deployment::write_config;
use deployment::{Deployment, STACK};
use emulator::Emulator;
use serde_json::json;
use std::{collections::BTreeMap, fs, path::Path, time::Instant};

/// What the emulator does not show, and what does.
const NOT_SHOWN: [(&str, &str); 13] = [
    ("canary weights, ALARM_ACTIVE", "dev/xtask/simulator/test_release.py"),
    (
        "throttling, reserved concurrency",
        "nothing on one machine: the limits are parameters, see docs/deploy.md",
    ),
    ("alarms on our own metrics", "tests/on-lambda/tests/metrics.rs, dev/all-functions/tests"),
    ("alarms on metric math", "dev/xtask/lint; here they are accepted and never go off"),
    ("what CloudFormation replaces", "dev/xtask/simulator/test_change.py"),
    ("TLS, custom domains", "the tier template"),
    ("X-Ray, access logs", "the tier template"),
    ("Lambda authorizers, which it ignores", "dev/stack/src/gateway/tests.rs"),
    ("payloads over 6 MB", "functions refuse bodies over 256 KiB: tests/src/tests/refusals.rs"),
    ("a table at an earlier moment", "nothing: here it is restored as it is"),
    ("what CloudFront and AWS WAF do to requests", "dev/xtask/simulator/test_cdn.py: the rules"),
    ("mutual TLS to the origin", "dev/xtask/simulator/test_cdn.py: the certificates"),
    ("what the pipeline's roles may do", "dev/xtask/simulator/test_pipeline.py"),
];

pub(super) fn run(context: &Context<'_>) -> Result<Count> {
    let workspace = context.workspace;
    tool::chromium()?;
    tool::jq()?;
    let traces = workspace.traces("cloud")?;
    let built = programs::deployed(workspace)?;
    programs::build_only(workspace, ["stack", "black-box", "scenario", "doctor"])?;

    let site = Site::start(workspace, STACK, SETTINGS, &traces, &["--examples"])?;
    let Site { mut provider, mut emulator, port, other_origin, parameters, examples, secret } =
        site;
    let aws = Aws::start(&emulator.python, workspace.root(), &emulator.environment())?;
    let mut deployment = Deployment {
        workspace,
        emulator: &emulator,
        stack: STACK,
        aws,
        traces: traces.clone(),
        built: built.clone(),
        parameters,
        port,
        secret,
        is_operated: false,
        is_quiet: false,
    };

    let mut clock = Clock::start();
    deployment.deploy(&built, &[])?;
    clock.lap("deploy");
    let mut target = provider.details().clone();
    target["cors_origin"] = json!(other_origin);
    // It replaces other bytes than UTF-8 in bodies that are text.
    target["text_only"] = json!(true);
    // They are deployed at the end.
    target["examples"] = json!([]);
    let mut count = suite::run(workspace, &target, &context.tests, &traces, &[])?;
    clock.lap("black-box suite");
    if context.tests.is_empty() {
        count += life_cycle::updates(&mut deployment);
        clock.lap("updates and rollbacks");
        count += roles::check(&mut deployment).unwrap_or_else(|error| {
            println!("  {error:#}");
            Count::one(false)
        });
        clock.lap("roles");
        count += life_cycle::end(&mut deployment);
        clock.lap("runbook, end and new start");
        let with_examples = programs::deployed_with_examples(workspace, &built)?;
        count += life_cycle::gate_alone(&mut deployment, &with_examples, &examples);
        target["examples"] = json!(programs::EXAMPLES);
        count += suite::run(workspace, &target, &["your_api::"], &traces, &[])?;
        clock.lap("the gate alone, with the examples behind it");
    }
    drop(deployment);
    provider.must_live()?;
    emulator.must_live()?;
    println!("What the emulator does not show, and what does:");
    for (what, shown_by) in NOT_SHOWN {
        println!("  {what}: {shown_by}");
    }
    Ok(count)
}

/// The emulator with a provider beside it, and what to decide about a deployment there.
pub(crate) struct Site {
    pub(crate) provider: Stack,
    pub(crate) emulator: Emulator,
    /// The port of the address that browsers see.
    pub(crate) port: u16,
    /// The origin of which pages may call the API.
    other_origin: String,
    pub(crate) parameters: BTreeMap<String, String>,
    /// The parameters that let requests through to the examples.
    examples: Vec<(&'static str, String)>,
    pub(crate) secret: String,
}

impl Site {
    /// Starts both. The deployment with this name will be at `http://localhost:{port}`.
    pub(crate) fn start(
        workspace: &Workspace,
        stack: &str,
        settings: &[(&str, &str)],
        traces: &Path,
        more: &[&str],
    ) -> Result<Self> {
        let [port, other] = loopback::free_ports()?;
        let other_origin = format!("http://localhost:{other}");
        let url = format!("http://localhost:{port}");
        let environment = traces.join("environment");
        let provider = Stack::around(workspace, &url, &environment, settings, traces, more)?;
        let emulator = Emulator::start(workspace, stack, traces)?;
        loopback::forward_with_host(port, emulator.port, &emulator.api_host())?;

        let variables = fs::read_to_string(&environment)?;
        let variable = |name: &str| {
            let lines = variables.lines().filter_map(|line| line.split_once('='));
            let mut found = lines
                .filter(|(it, _)| *it == name)
                .map(|(_, value)| value.trim_matches('"').to_owned());
            found.next_back().with_context(|| format!("the stack names no {name}"))
        };
        let mut parameters = BTreeMap::from([
            ("Architecture".to_owned(), "x86_64".to_owned()),
            ("Issuer".to_owned(), variable("OIDC_ISSUER")?),
            ("ClientId".to_owned(), variable("OIDC_CLIENT_ID")?),
            ("Scopes".to_owned(), variable("OIDC_SCOPES")?),
            ("Audience".to_owned(), variable("API_AUDIENCE")?),
            ("PublicUrl".to_owned(), url),
            ("CorsOrigins".to_owned(), other_origin.clone()),
        ]);
        // An HTTP API that is there anyway.
        let upstream = format!("/api/metadata {}/.well-known", parameters["Issuer"]);
        parameters.insert("Upstreams".to_owned(), upstream);
        let policy =
            "GET /api/metadata/{path+} scope=ToDoList.ReadWrite role=ToDoList.ReadWrite.All";
        parameters.insert("RoutePolicies".to_owned(), policy.to_owned());
        if let Ok(values) = variable("SESSION_STEP_UP_ACR") {
            parameters.insert("SessionStepUpAcr".to_owned(), values);
        }
        let examples = [
            ("RoutePolicies", "ROUTE_POLICIES"),
            ("OtherApis", "OTHER_APIS"),
            ("Upstreams", "UPSTREAMS"),
        ];
        let value = |(parameter, name)| Some((parameter, variable(name).ok()?));
        let examples = examples.into_iter().filter_map(value).collect();
        let secret = variable("OIDC_CLIENT_SECRET")?;
        Ok(Self { provider, emulator, port, other_origin, parameters, examples, secret })
    }
}

/// Says where the time goes.
struct Clock(Instant);

impl Clock {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn lap(&mut self, what: &str) {
        println!("  {what}: {:.0} s", self.0.elapsed().as_secs_f64());
        self.0 = Instant::now();
    }
}
