//! The stack comes up, and the functions work with what it gives them.

use anyhow::{Context, Result};
use on_lambda::{Event, Function, Machine, Stack, sign_in};
use serde_json::{Map, Value, json};

/// One test, since a stack can be made once.
#[tokio::test]
async fn the_functions_run_with_what_the_stack_gives_them() -> Result<()> {
    let machine = Machine::start().await?;
    let stack = Stack::create(&machine).await?;
    roles_hold_exactly_what_the_design_allows(stack.resources()?)?;
    every_function_is_reached_by_its_alias_alone(stack.resources()?)?;
    every_version_is_one_of_the_configuration(stack.resources()?);

    let start = async |name| Function::start_with(name, &machine, stack.environment(name)?).await;
    start("keys").await?.run().await?;
    let mut signin = start("signin").await?;
    let mut callback = start("callback").await?;
    let mut web = start("web").await?;
    let mut todos = start("todos").await?;

    let away = signin.invoke(Event::get("/signin")).await?;
    let answer = sign_in(&machine, away.header("location")).await?;
    let back = Event::get("/callback").query(&answer).cookies(&away.kept_cookies());
    let back = callback.invoke(back).await?;
    assert_eq!((back.status, back.header("location")), (303, "/"), "{back:?}");
    let session = back.kept_cookies();

    let own = |method, path| Event::new(method, path).cookies(&session).header("x-csrf", "1");
    let made = own("POST", "/api/todos").json(&json!({ "description": "on a stack" }));
    let made = todos.invoke(made).await?;
    assert_eq!(made.status, 201, "{made:?}");
    let list = todos.invoke(own("GET", "/api/todos")).await?.json();
    assert_eq!(list["items"], json!([made.json()]));

    let refreshed = web.invoke(own("POST", "/session/refresh")).await?;
    assert_eq!(refreshed.status, 204, "{refreshed:?}");
    let sessions = web.invoke(own("GET", "/sessions")).await?.json();
    assert_eq!(sessions["sessions"].as_array().map(Vec::len), Some(1), "{sessions}");
    let out = web.invoke(own("POST", "/signout")).await?;
    assert_eq!(out.status, 303, "{out:?}");
    let gone = todos.invoke(own("GET", "/api/todos")).await?;
    assert_eq!(gone.status, 401, "{gone:?}");
    Ok(())
}

/// By the roles of DESIGN.md: `signin` has no secret and no table, `todos` no secret and only
/// reads sessions.
fn roles_hold_exactly_what_the_design_allows(resources: &Map<String, Value>) -> Result<()> {
    let observed = [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    ];
    let secret = "secretsmanager:GetSecretValue";
    let keys = "KeysTable dynamodb:GetItem";
    let wake = "KeysFunction lambda:InvokeFunction";
    let expected: [(&str, &[&str]); 5] = [
        ("signin", &[]),
        ("keys", &["KeysTable dynamodb:UpdateItem"]),
        (
            "callback",
            &[
                secret,
                secret,
                "kms:Decrypt",
                keys,
                wake,
                "SessionsTable dynamodb:GetItem",
                "SessionsTable dynamodb:BatchGetItem",
                "SessionsTable dynamodb:PutItem",
                "SessionsTable dynamodb:UpdateItem",
                "SessionsTable dynamodb:DeleteItem",
            ],
        ),
        (
            "web",
            &[
                secret,
                secret,
                "kms:Decrypt",
                keys,
                wake,
                "SessionsTable dynamodb:GetItem",
                "SessionsTable dynamodb:BatchGetItem",
                "SessionsTable dynamodb:UpdateItem",
                "SessionsTable dynamodb:DeleteItem",
            ],
        ),
        (
            "todos",
            &[
                keys,
                wake,
                "SessionsTable dynamodb:GetItem",
                "TodosTable dynamodb:GetItem",
                "TodosTable dynamodb:PutItem",
                "TodosTable dynamodb:UpdateItem",
                "TodosTable dynamodb:DeleteItem",
                "TodosTable dynamodb:Query",
                "TodosTable dynamodb:Scan",
                "TodosTable dynamodb:Query",
            ],
        ),
    ];
    for (function, more) in expected {
        let mut allowed: Vec<String> = observed.map(str::to_owned).to_vec();
        allowed.extend(more.iter().map(|action| (*action).to_owned()));
        let role = role_of(resources, function)?;
        assert!(role["Properties"].get("ManagedPolicyArns").is_none(), "{function}");
        let actions = actions(role)?;
        println!("{function}: {actions:?}");
        assert_eq!(actions, allowed, "{function}");
    }
    Ok(())
}

/// The role that the translated function really has.
fn role_of<'r>(resources: &'r Map<String, Value>, function: &str) -> Result<&'r Value> {
    let is_it = |(id, resource): &(&String, &Value)| {
        resource["Type"] == "AWS::Lambda::Function"
            && id.to_lowercase() == format!("{function}function")
    };
    let (_, found) =
        resources.iter().find(is_it).with_context(|| format!("no function {function}"))?;
    let role =
        found["Properties"]["Role"]["Fn::GetAtt"][0].as_str().context("a role of its own")?;
    Ok(&resources[role])
}

/// Each action, with the table that it is allowed on.
fn actions(role: &Value) -> Result<Vec<String>> {
    let mut actions = Vec::new();
    for policy in role["Properties"]["Policies"].as_array().context("policies")? {
        let policy = policy.pointer("/Fn::If/1").unwrap_or(policy);
        for statement in policy["PolicyDocument"]["Statement"].as_array().context("statements")? {
            let resource = statement["Resource"].to_string();
            let table = ["SessionsTable", "TodosTable", "KeysTable", "KeysFunction"]
                .into_iter()
                .find(|table| resource.contains(table));
            let names = match &statement["Action"] {
                Value::Array(names) => names.clone(),
                name => vec![name.clone()],
            };
            for name in names {
                let name = name.as_str().context("an action")?;
                assert!(!name.contains('*'), "{name}");
                actions.push(table.map_or(name.to_owned(), |table| format!("{table} {name}")));
            }
        }
    }
    Ok(actions)
}

/// A canary that requests do not go through protects nobody.
fn every_function_is_reached_by_its_alias_alone(resources: &Map<String, Value>) -> Result<()> {
    let paths = resources["Api"]["Properties"]["Body"]["paths"].as_object().context("paths")?;
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().context("methods")? {
            let uri = operation["x-amazon-apigateway-integration"]["uri"].to_string();
            assert!(uri.contains("FunctionAliaslive}/invocations"), "{method} {path}: {uri}");
        }
    }
    assert!(paths.len() > 10);
    Ok(())
}

/// Another number in the description makes CloudFormation replace the version: `Update requires:
/// Replacement`, as every property of one.
fn every_version_is_one_of_the_configuration(resources: &Map<String, Value>) {
    let of_type = |kind: &str| {
        let kind = kind.to_owned();
        resources.values().filter(move |resource| resource["Type"] == *kind)
    };
    for version in of_type("AWS::Lambda::Version") {
        let description = &version["Properties"]["Description"]["Fn::Sub"];
        assert_eq!(description, "parameters ${Configuration}", "{version}");
    }
    for function in of_type("AWS::Lambda::Function") {
        let number = &function["Properties"]["Environment"]["Variables"]["CONFIGURATION_VERSION"];
        assert_eq!(number["Ref"], "Configuration", "{function}");
    }
    assert_eq!(of_type("AWS::Lambda::Version").count(), 5);
    assert_eq!(of_type("AWS::Lambda::Function").count(), 5);
}
