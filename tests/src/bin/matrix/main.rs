//! The matrix: what works with which provider, and why the rest can't. `cargo xtask test provider`
//! starts the systems.

mod visitor;

use std::{env, fmt::Write as _, fs, process::ExitCode};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use visitor::Visitor;

/// The columns, in the order in which a [`Visitor`] takes them.
const STEPS: [&str; 9] = [
    "start",
    "callback",
    "API by session",
    "refresh",
    "expiry",
    "step-up",
    "API by machine",
    "sign-out here",
    "sign-out there",
];

/// A provider, or what resembles one.
struct Row {
    name: &'static str,
    /// A stronger sign-in as this provider is asked for it, and the claim that shows it.
    step_up: (&'static str, &'static str),
    /// The steps that cannot work, and why.
    cannot: &'static [(&'static str, &'static str)],
}

/// A provider with which every step works.
const ALL: Row = Row { name: "", step_up: ("mfa", "acr"), cannot: &[] };

const NO_ACR: (&str, &str) = ("step-up", "tokens have no acr");
const NO_SECOND_FACTOR: (&str, &str) = ("step-up", "its pages have no second factor");
const NO_LOGOUT: (&str, &str) = ("sign-out there", "tells no application");

/// First our own doubles by their profiles, then software of others by the profile that it is used
/// with.
const ROWS: [Row; 13] = [
    Row { name: "entra-external-id", step_up: ("c1", "acrs"), ..ALL },
    Row { name: "entra-id", step_up: ("c1", "acrs"), ..ALL },
    Row { name: "cognito", cannot: &[NO_ACR, NO_LOGOUT], ..ALL },
    Row {
        name: "auth0",
        step_up: ("http://schemas.openid.net/pape/policies/2007/06/multi-factor", "acr"),
        ..ALL
    },
    Row { name: "okta", step_up: ("urn:okta:loa:2fa:any", "acr"), ..ALL },
    Row { name: "keycloak", ..ALL },
    Row {
        name: "google",
        cannot: &[
            NO_ACR,
            ("API by machine", "no tokens for applications"),
            ("sign-out there", "no sign-out endpoint"),
        ],
        ..ALL
    },
    Row { name: "generic", ..ALL },
    Row { name: "cognito (ministack)", cannot: &[NO_ACR, NO_LOGOUT], ..ALL },
    Row { name: "auth0 (oidc-provider)", cannot: &[NO_SECOND_FACTOR], ..ALL },
    Row { name: "keycloak (oidc-provider)", cannot: &[NO_SECOND_FACTOR], ..ALL },
    Row { name: "generic (oidc-provider)", cannot: &[NO_SECOND_FACTOR], ..ALL },
    Row {
        name: "generic (canaille)",
        cannot: &[NO_ACR, ("API by machine", "tokens of machines are opaque"), NO_LOGOUT],
        ..ALL
    },
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        unreachable!("nothing ran before that could have installed another");
    }
    let file = env::var_os("TOLLGATE_TARGETS").context("set TOLLGATE_TARGETS")?;
    let targets: Vec<Value> = serde_json::from_slice(&fs::read(file)?)?;
    ensure!(
        targets.iter().map(|it| &it["name"]).eq(ROWS.iter().map(|it| it.name)),
        "the targets are not those of the rows"
    );
    let runs = ROWS.iter().zip(&targets).map(|(row, target)| row.run(target));
    let runs = futures_util::future::join_all(runs).await;

    let mut table = format!("{:<26}", "");
    for step in STEPS {
        write!(table, "{step:<15}")?;
    }
    let (mut passed, mut failed, mut ignored) = (0, 0, 0);
    for (row, outcomes) in ROWS.iter().zip(runs) {
        write!(table, "\n{:<26}", row.name)?;
        for (step, outcome) in STEPS.into_iter().zip(outcomes) {
            let cannot = row.cannot.iter().find(|(name, _)| *name == step);
            let (count, cell, said) = match (outcome, cannot) {
                (Ok(()), None) => (&mut passed, "works", "ok".to_owned()),
                (Err(_), Some((_, why))) => (&mut ignored, "-", format!("ignored ({why})")),
                (Err(error), None) => (&mut failed, "FAILS", format!("FAILED: {error:#}")),
                (Ok(()), Some(_)) => {
                    (&mut failed, "WORKS", "FAILED: it works after all".to_owned())
                }
            };
            *count += 1;
            write!(table, "{cell:<15}")?;
            println!("test {}, {step} ... {said}", row.name);
        }
    }
    println!("\n{table}\n\ntest result: {passed} passed; {failed} failed; {ignored} ignored");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Row {
    /// All steps, each after those before it. A step that fails doesn't stop the others.
    async fn run(&self, target: &Value) -> [Result<()>; STEPS.len()] {
        let mut visitor = Visitor::new(target);
        [
            visitor.start().await,
            visitor.sign_in("").await,
            visitor.todos().await,
            visitor.refresh().await,
            visitor.expiry().await,
            visitor.step_up(self.step_up).await,
            visitor.machine().await,
            visitor.sign_out().await,
            visitor.sign_out_at_provider().await,
        ]
    }
}
