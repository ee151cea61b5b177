mod operations;
mod parameters;
mod release;

use super::{
    route::{PathPattern, Route},
    *,
};
use std::{collections::BTreeSet, fs, path::Path};

use serde_json::json;

#[test]
fn the_projects_template_is_read() {
    let template = Template::project();
    let tables = template.tables().unwrap();
    let ids: Vec<&str> = tables.iter().map(Table::logical_id).collect();
    assert_eq!(ids, ["KeysTable", "SessionsTable", "TodosTable"]);
    assert!(template.routes().is_ok_and(|routes| routes.len() > 10));
}

#[test]
fn variables_that_name_tables_are_found() {
    let pair = |name: &str, id: &str| (name.to_owned(), id.to_owned());
    assert_eq!(
        Template::project().table_variables(),
        [
            pair("KEYS_TABLE", "KeysTable"),
            pair("SESSIONS_TABLE", "SessionsTable"),
            pair("TODOS_TABLE", "TodosTable"),
        ]
    );
}

#[test]
fn each_function_has_its_own_variables_only() {
    let variables = Template::project().variables().unwrap();
    assert!(variables.len() >= 5, "{variables:?}");
    for (function, names) in variables {
        let secret = names.iter().any(|name| name.starts_with("OIDC_CLIENT_SECRET"));
        assert_eq!(secret, function == "callback" || function == "web", "{function}");
        let table = names.iter().any(|name| name.ends_with("_TABLE"));
        assert_eq!(table, function != "signin", "{function}");
    }
}

#[test]
fn every_route_of_sign_in_and_logout_has_a_throttle_of_its_own() {
    let template = Template::project();
    let settings = template.resources()["Api"]["Properties"]["RouteSettings"].as_object().unwrap();
    let mut expected = BTreeSet::new();
    for route in template.routes().unwrap() {
        if ["signin", "callback"].contains(&route.function.as_str()) {
            expected.insert(route.key());
        }
    }
    assert!(settings.keys().eq(&expected), "{settings:?}");
    for (route, throttle) in settings {
        let of = |name| throttle[name]["Ref"].as_str();
        assert_eq!(of("ThrottlingRateLimit"), Some("SignInThrottlingRate"), "{route}");
        assert_eq!(of("ThrottlingBurstLimit"), Some("SignInThrottlingBurst"), "{route}");
    }
}

#[test]
fn every_function_has_the_name_of_its_folder_and_package() {
    let template = Template::project();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut functions = template.functions().unwrap();
    for Function { logical_id, name } in &functions {
        let folder = format!("functions/{name}");
        assert_eq!(template.resources()[logical_id]["Properties"]["CodeUri"], *folder);
        let manifest = fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}: {manifest}");
    }
    let folders = fs::read_dir(root.join("functions")).unwrap();
    let mut folders: Vec<_> =
        folders.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(folders, functions.into_iter().map(|it| it.name).collect::<Vec<_>>());
}

const READS_KEYS: &str = r#"dynamodb:GetItem ["KeysTable","Arn"]"#;
const WAKES_KEYS: &str = r#"lambda:InvokeFunction "KeysFunction.Alias""#;
const READS_SESSIONS: &str = r#"dynamodb:GetItem ["SessionsTable","Arn"]"#;

/// What a role may do: each action with what it may be done to.
fn permissions(role: &Value) -> Vec<String> {
    let list = |value: &Value| match value {
        Value::Array(values) => values.clone(),
        single => vec![single.clone()],
    };
    let mut permissions = Vec::new();
    for policy in role["Properties"]["Policies"].as_array().unwrap() {
        let policy = policy.pointer("/Fn::If/1").unwrap_or(policy);
        for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
            let resource = ["Ref", "Fn::Sub", "Fn::GetAtt"]
                .iter()
                .find_map(|kind| statement["Resource"].get(kind))
                .unwrap_or(&statement["Resource"]);
            for action in list(&statement["Action"]) {
                permissions.push(format!("{} {resource}", action.as_str().unwrap()));
            }
        }
    }
    permissions
}

/// What the role of each function may do besides logging and tracing.
fn allowed(function: &str) -> &'static [&'static str] {
    match function {
        "signin" => &[],
        "keys" => &[r#"dynamodb:UpdateItem ["KeysTable","Arn"]"#],
        "callback" => &[
            r#"secretsmanager:GetSecretValue "ClientSecretArn""#,
            r#"secretsmanager:GetSecretValue "ClientKeyArn""#,
            r#"sts:GetWebIdentityToken "*""#,
            r#"kms:Decrypt "SecretKmsKeyArn""#,
            READS_KEYS,
            WAKES_KEYS,
            READS_SESSIONS,
            r#"dynamodb:BatchGetItem ["SessionsTable","Arn"]"#,
            r#"dynamodb:PutItem ["SessionsTable","Arn"]"#,
            r#"dynamodb:UpdateItem ["SessionsTable","Arn"]"#,
            r#"dynamodb:DeleteItem ["SessionsTable","Arn"]"#,
        ],
        "web" => &[
            r#"secretsmanager:GetSecretValue "ClientSecretArn""#,
            r#"secretsmanager:GetSecretValue "ClientKeyArn""#,
            r#"sts:GetWebIdentityToken "*""#,
            r#"kms:Decrypt "SecretKmsKeyArn""#,
            READS_KEYS,
            WAKES_KEYS,
            READS_SESSIONS,
            r#"dynamodb:BatchGetItem ["SessionsTable","Arn"]"#,
            r#"dynamodb:UpdateItem ["SessionsTable","Arn"]"#,
            r#"dynamodb:DeleteItem ["SessionsTable","Arn"]"#,
        ],
        "todos" => &[
            READS_KEYS,
            WAKES_KEYS,
            READS_SESSIONS,
            r#"dynamodb:GetItem ["TodosTable","Arn"]"#,
            r#"dynamodb:PutItem ["TodosTable","Arn"]"#,
            r#"dynamodb:UpdateItem ["TodosTable","Arn"]"#,
            r#"dynamodb:DeleteItem ["TodosTable","Arn"]"#,
            r#"dynamodb:Query ["TodosTable","Arn"]"#,
            r#"dynamodb:Scan ["TodosTable","Arn"]"#,
            r#"dynamodb:Query "${TodosTable.Arn}/index/by_id""#,
        ],
        // An API without a table of its own. One that may do more is listed above.
        _ => &[READS_KEYS, WAKES_KEYS, READS_SESSIONS],
    }
}

#[test]
fn each_role_may_do_what_its_function_needs_and_nothing_else() {
    let template = Template::project();
    for Function { logical_id, name } in template.functions().unwrap() {
        let resource = logical_id.strip_suffix("Function").unwrap();
        let role = &template.resources()[&format!("{resource}Role")];
        let function = &template.resources()[&logical_id];
        let arn = json!({ "Fn::GetAtt": [format!("{resource}Role"), "Arn"] });
        assert_eq!(function["Properties"]["Role"], arn, "{name}");
        assert!(role["Properties"].get("ManagedPolicyArns").is_none());
        let mut expected = vec![
            format!(r#"logs:CreateLogStream ["{resource}Logs","Arn"]"#),
            format!(r#"logs:PutLogEvents ["{resource}Logs","Arn"]"#),
            // X-Ray knows no resources for these.
            r#"xray:PutTraceSegments "*""#.to_owned(),
            r#"xray:PutTelemetryRecords "*""#.to_owned(),
        ];
        expected.extend(allowed(&name).iter().map(|permission| (*permission).to_owned()));
        assert_eq!(permissions(role), expected, "{name}");
    }
}

/// The table of keys says which tokens are good.
#[test]
fn only_the_function_keys_may_write_the_keys_table() {
    let may_write = |role: &&Value| {
        permissions(role).iter().any(|permission| {
            permission.contains("KeysTable") && !permission.starts_with("dynamodb:GetItem ")
        })
    };
    let template = Template::project();
    let roles = template.resources().iter().filter(|(_, one)| one["Type"] == "AWS::IAM::Role");
    let writers: Vec<_> = roles.filter(|(_, role)| may_write(role)).map(|(id, _)| id).collect();
    assert_eq!(writers, ["KeysRole"]);
}

#[test]
fn no_function_refers_to_the_api_so_that_there_is_no_circle() {
    for (id, resource) in Template::project().resources() {
        // What belongs to the API itself may.
        if resource["Type"].as_str().unwrap().starts_with("AWS::ApiGatewayV2::") {
            continue;
        }
        let mut resource = resource.clone();
        if let Some(events) = resource.pointer_mut("/Properties/Events") {
            *events = Value::Null;
        }
        assert!(!resource.to_string().contains(r#"{"Ref":"Api"}"#), "{id}");
    }
}

#[test]
fn cargo_lambda_watch_has_the_same_routes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../CargoLambda.toml");
    let file: Value = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let theirs = file["watch"]["router"].as_array().unwrap().iter().map(|route| {
        assert_eq!(route.get("methods"), None, "a path has one function for all methods: {route}");
        let path = route["path"].as_str().unwrap().replace("/{*default}", "$default");
        (path, route["function"].as_str().unwrap().to_owned())
    });
    let routes = Template::project().routes().unwrap();
    let default = routes.iter().find(|route| route.path == PathPattern::Default).unwrap();
    // The function of $default gets the other paths by that one, and `/` has no rest.
    let is_needed = |route: &&Route| {
        let path = route.path.to_string();
        route.function != default.function || path == "/" || path == "$default"
    };
    let ours = routes.iter().filter(is_needed);
    let ours: BTreeSet<_> = ours.map(|it| (it.path.to_string(), it.function.clone())).collect();
    assert_eq!(theirs.collect::<BTreeSet<_>>(), ours);
}

#[test]
fn what_is_no_template_is_refused() {
    for text in ["", "[", "Resources: 3", "Outputs: {}"] {
        assert!(Template::parse(text).is_err(), "{text:?}");
    }
}
