//! Least privilege by running: each action is removed from its role once, and something must fail.

use super::{
    deployment::{Deployment, STACK},
    other_stacks,
    scenario::{Seen, next_second},
};
use crate::count::Count;
use anyhow::{Context, Result, ensure};
use local_aws::Template;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// What no request shows, and why a role has it all the same.
const EXCEPTIONS: [(&str, &str); 4] = [
    ("logs:CreateLogStream", "Lambda writes the log, and the emulator does not ask for it"),
    ("logs:PutLogEvents", "as logs:CreateLogStream"),
    ("xray:PutTraceSegments", "Lambda sends the traces, and the emulator has none"),
    ("xray:PutTelemetryRecords", "as xray:PutTraceSegments"),
];

/// A function that nothing calls there, and what shows its actions.
const NOT_CALLED: (&str, &str) =
    ("Authorizer", "the emulator ignores authorizers; Proxy shows the same crate's actions");

/// Actions that another scenario shows: function, a part of the resource, action, scenario.
const SCENARIOS: [(&str, &str, &str, Scenario); 11] = [
    ("Callback", "SessionsTable", "dynamodb:GetItem", Scenario::Plain("back-channel")),
    ("Callback", "SessionsTable", "dynamodb:BatchGetItem", Scenario::TooManySessions),
    ("Todos", "Keys", "lambda:InvokeFunction", Scenario::Alone("todos-alone")),
    ("Proxy", "Keys", "lambda:InvokeFunction", Scenario::Alone("proxy-alone")),
    ("Web", "Keys", "lambda:InvokeFunction", Scenario::Alone("web-alone")),
    ("Callback", "Keys", "lambda:InvokeFunction", Scenario::Alone("sign-in")),
    // A log shows these: shorter than everything.
    ("Todos", "KeysTable", "dynamodb:GetItem", Scenario::Alone("todos-alone")),
    ("Proxy", "KeysTable", "dynamodb:GetItem", Scenario::Alone("proxy-alone")),
    ("Web", "KeysTable", "dynamodb:GetItem", Scenario::Alone("web-alone")),
    ("Callback", "KeysTable", "dynamodb:GetItem", Scenario::Alone("sign-in")),
    ("Keys", "KeysTable", "dynamodb:UpdateItem", Scenario::Plain("todos-alone")),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scenario {
    /// All functions cold, without a copy of the keys.
    Plain(&'static str),
    /// The same, and whether the function has `keys` store a copy.
    Alone(&'static str),
    /// A sign-in of a user with over 100 sessions.
    TooManySessions,
}

/// A statement's action.
struct Grant {
    function: String,
    role: String,
    policy: String,
    document: Value,
    statement: usize,
    action: String,
    resource: String,
}

impl Grant {
    /// The policy without the action.
    fn removed(&self) -> Value {
        let mut document = self.document.clone();
        let statement = &mut document["Statement"][self.statement];
        let rest: Vec<_> =
            list(&statement["Action"]).into_iter().filter(|it| *it != self.action).collect();
        // A statement needs one.
        statement["Action"] = if rest.is_empty() { json!("none:Nothing") } else { json!(rest) };
        document
    }

    fn scenario(&self) -> Scenario {
        let own = SCENARIOS.iter().find(|(function, resource, action, _)| {
            *function == self.function && *action == self.action && self.resource.contains(resource)
        });
        own.map_or(Scenario::Plain("everyday"), |(.., scenario)| *scenario)
    }
}

pub(super) fn check(deployment: &mut Deployment<'_>) -> Result<Count> {
    let grants = grants(deployment)?;
    let mut baselines: BTreeMap<Scenario, Seen> = BTreeMap::new();
    let mut count = Count::default();
    println!("\n{:<10}{:<34}{:<26}what fails without it", "function", "action", "resource");
    for grant in &grants {
        let Grant { function, action, resource, .. } = grant;
        let line = format!("{function:<10}{action:<34}{resource:<26}");
        let not_called = (function == NOT_CALLED.0).then_some(NOT_CALLED.1);
        let exception = EXCEPTIONS.iter().find(|(exception, _)| exception == action);
        if let Some(reason) = exception.map(|(_, reason)| *reason).or(not_called) {
            println!("{line}exception: {reason}");
            continue;
        }
        let scenario = grant.scenario();
        let before = match baselines.entry(scenario) {
            Entry::Occupied(seen) => seen.into_mut(),
            Entry::Vacant(none) => none.insert(deployment.run(scenario, None)?),
        };
        deployment.put(grant, &grant.removed())?;
        let without = deployment.run(scenario, Some(before));
        deployment.put(grant, &grant.document)?;
        let difference = before.difference(&without?);
        count += Count::one(!difference.is_empty());
        let failed =
            if difference.is_empty() { "NOTHING".to_owned() } else { difference.join(", ") };
        println!("{line}{}", failed.chars().take(110).collect::<String>());
    }
    let roles: BTreeSet<_> = grants.iter().map(|grant| grant.role.as_str()).collect();
    other_stacks::within_boundary(deployment, &roles, |deployment| {
        for (scenario, before) in baselines {
            let after = deployment.run(scenario, None)?;
            ensure!(
                before == after,
                "{scenario:?} differs with all actions and the boundary of infra/pipeline: {:?}",
                before.difference(&after)
            );
        }
        Ok(())
    })?;
    println!("{} actions are needed, {} are not\n", count.passed, count.failed);
    Ok(count)
}

impl Deployment<'_> {
    fn put(&mut self, grant: &Grant, document: &Value) -> Result<()> {
        let parameters = json!({
            "RoleName": grant.role,
            "PolicyName": grant.policy,
            "PolicyDocument": document.to_string(),
        });
        self.aws.call("iam", "put_role_policy", parameters).map(drop)
    }

    /// Runs a scenario until it differs from what is expected.
    fn run(&mut self, scenario: Scenario, expected: Option<&Seen>) -> Result<Seen> {
        let (Scenario::Plain(name) | Scenario::Alone(name)) = scenario else {
            self.scenario("sign-in")?;
            self.add_sessions(120)?;
            self.emulator.make_cold()?;
            return self.scenario_until("sign-in", expected);
        };
        self.emulator.make_cold()?;
        let seen = self.scenario_until(name, expected)?;
        if matches!(scenario, Scenario::Plain(_)) {
            self.keys_are_stored()?;
        }
        if name == "back-channel" {
            next_second()?;
        }
        Ok(seen)
    }

    /// Adds sessions to every user's list, which need not exist: that is what has to be found out.
    fn add_sessions(&mut self, count: usize) -> Result<()> {
        let table = self.resources(STACK)?["SessionsTable"].clone();
        let rows = self.aws.call("dynamodb", "scan", json!({ "TableName": table }))?;
        let ids: Vec<_> = (0..count).map(|number| format!("no-session-{number}")).collect();
        for row in rows["Items"].as_array().into_iter().flatten() {
            if row["id"]["S"].as_str().is_some_and(|id| id.starts_with("user#")) {
                let parameters = json!({
                    "TableName": table,
                    "Key": { "id": row["id"] },
                    "UpdateExpression": "ADD sessions :ids",
                    "ExpressionAttributeValues": { ":ids": { "SS": ids } },
                });
                self.aws.call("dynamodb", "update_item", parameters)?;
            }
        }
        Ok(())
    }
}

/// All that the functions' roles allow.
fn grants(deployment: &mut Deployment<'_>) -> Result<Vec<Grant>> {
    let resources = deployment.resources(STACK)?;
    let mut grants = Vec::new();
    for function in Template::project().functions()? {
        let function = function.logical_id.trim_end_matches("Function").to_owned();
        let role = &resources[&format!("{function}Role")];
        let parameters = json!({ "RoleName": role });
        let attached =
            deployment.aws.call("iam", "list_attached_role_policies", parameters.clone())?;
        ensure!(attached["AttachedPolicies"] == json!([]), "{function} has managed policies");
        let policies = deployment.aws.call("iam", "list_role_policies", parameters)?;
        for policy in list(&policies["PolicyNames"]) {
            let parameters = json!({ "RoleName": role, "PolicyName": policy });
            let found = deployment.aws.call("iam", "get_role_policy", parameters)?;
            let document = found["PolicyDocument"].clone();
            let statements = document["Statement"].as_array().context("statements")?;
            for (statement, content) in statements.iter().enumerate() {
                let resource = content["Resource"].as_str().context("one resource")?;
                for action in list(&content["Action"]) {
                    ensure!(!action.contains('*'), "{function} has the action {action}");
                    grants.push(Grant {
                        function: function.clone(),
                        role: role.clone(),
                        policy: policy.clone(),
                        document: document.clone(),
                        statement,
                        action,
                        resource: short(resource, &resources),
                    });
                }
            }
        }
    }
    Ok(grants)
}

/// The logical name of the resource that an ARN names, or the end of the ARN.
fn short(resource: &str, resources: &BTreeMap<String, String>) -> String {
    let name = resource.splitn(6, ':').last().unwrap_or(resource);
    let own = |physical: &str| {
        physical == resource
            || name.split_once('/').is_some_and(|(_, name)| {
                name == physical
                    || name.strip_prefix(physical).is_some_and(|it| it.starts_with('/'))
            })
    };
    let found = resources.iter().find(|(_, physical)| own(physical)).map(|(logical, _)| logical);
    match found {
        Some(logical) if resource.contains("/index/") => format!("{logical}, an index"),
        Some(logical) => logical.clone(),
        None if name.starts_with("secret:") => "the client secret".to_owned(),
        None => name.trim_start_matches("log-group:").trim_end_matches(":*").to_owned(),
    }
}

/// One text or a list of texts.
fn list(value: &Value) -> Vec<String> {
    let one = std::slice::from_ref(value);
    let all = value.as_array().map_or(one, Vec::as_slice).iter();
    all.filter_map(|it| Some(it.as_str()?.to_owned())).collect()
}
