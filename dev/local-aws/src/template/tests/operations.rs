//! `infra/operations/template.yaml` looks at what there is: metrics that the functions make, and
//! outputs that `template.yaml` has, which are its parameters.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::template::document;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn read(path: &str) -> Value {
    document::read(&fs::read_to_string(Path::new(ROOT).join(path)).unwrap()).unwrap()
}

/// Every value in a document, the document itself first.
fn all(value: &Value) -> Vec<&Value> {
    let inner: Vec<_> = match value {
        Value::Array(values) => values.iter().flat_map(all).collect(),
        Value::Object(members) => members.values().flat_map(all).collect(),
        _ => Vec::new(),
    };
    [value].into_iter().chain(inner).collect()
}

/// What the functions and their crates are made of.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            text += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &fs::read_to_string(path).unwrap();
        }
    }
    text
}

fn source_of(part: &str) -> String {
    sources(&Path::new(ROOT).join(part).join("src"))
}

/// Function and code of each metric in alarms and dashboard.
fn codes() -> BTreeSet<(String, String)> {
    let template = read("infra/operations/template.yaml");
    let mut codes = BTreeSet::new();
    for value in all(&template["Resources"]) {
        let Some(dimensions) = value.get("Dimensions").and_then(Value::as_array) else { continue };
        if let [function, code] = &dimensions[..] {
            let text = |dimension: &Value| dimension["Value"].as_str().unwrap().to_owned();
            codes.insert((text(function), text(code)));
        }
    }
    for metric in widgets().iter().filter_map(|widget| widget["properties"]["metrics"].as_array()) {
        for row in metric.iter().filter_map(Value::as_array) {
            let words: Vec<_> = row.iter().filter_map(Value::as_str).collect();
            if let [_, _, "function", function, "code", code] = words[..] {
                codes.insert((function.to_owned(), code.to_owned()));
            }
            // Those of any function.
            if let Some(code) = searched(row, "code") {
                codes.insert(("*".to_owned(), code));
            }
        }
    }
    codes
}

fn widgets() -> Vec<Value> {
    let template = read("infra/operations/template.yaml");
    let body = &template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"];
    let body: Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
    body["widgets"].as_array().unwrap().clone()
}

/// What the search expression in a row of a widget demands of a name: `function="todos"`.
fn searched(row: &[Value], name: &str) -> Option<String> {
    let (_, value) = row[0]["expression"].as_str()?.split_once(&format!("{name}=\""))?;
    Some(value.split_once('"')?.0.to_owned())
}

#[test]
fn every_code_in_alarms_and_dashboard_is_one_that_its_function_logs() {
    let shared: String =
        ["api", "auth", "confidential-client", "key-snapshot", "relying-party", "serve", "session"]
            .map(|name| source_of(&format!("crates/{name}")))
            .concat();
    let codes = codes();
    assert!(codes.len() > 20, "{codes:?}");
    for (function, code) in codes {
        let source = match function.as_str() {
            "*" => shared.clone(),
            function => source_of(&format!("functions/{function}")) + &shared,
        };
        assert!(source.contains(&format!("\"{code}\"")), "{function} logs no {code}");
    }
}

/// Codes that a request can cause without an account. They are on the dashboard, which searches for
/// all codes.
const CAUSED_BY_ANY_VISITOR: [&str; 19] = [
    "access_denied",
    "already_used",
    "code_refused",
    "ended_meanwhile",
    "id_token_refused",
    "interaction_required",
    "invalid_parameter",
    "issuer_mismatch",
    "logout_malformed",
    "logout_token_refused",
    "logout_token_repeated",
    "malformed_response",
    "provider_error",
    "request_refused",
    "sign_in_too_weak",
    "state_expired",
    "state_malformed",
    "state_missing",
    "state_unknown",
];

#[test]
fn no_alarm_counts_what_any_visitor_can_cause() {
    let callback = source_of("functions/callback");
    for code in CAUSED_BY_ANY_VISITOR {
        assert!(callback.contains(&format!("\"{code}\"")), "callback logs no {code}");
    }
    let template = read("infra/operations/template.yaml");
    let alarms = template["Resources"].as_object().unwrap().values();
    let alarms: Vec<_> = alarms.filter(|it| it["Type"] == "AWS::CloudWatch::Alarm").collect();
    let counted: BTreeSet<_> = alarms
        .iter()
        .flat_map(|alarm| all(alarm))
        .filter(|value| value["Name"] == "code")
        .filter_map(|value| value["Value"].as_str())
        .collect();
    assert!(counted.contains("client_refused"), "{counted:?}");
    for code in CAUSED_BY_ANY_VISITOR {
        assert!(!counted.contains(code), "{code}");
    }
}

#[test]
fn every_metric_of_ours_has_a_name_that_the_functions_give() {
    let ours = source_of("crates/serve");
    let mut names = 0;
    for widget in widgets() {
        for row in widget["properties"]["metrics"].as_array().unwrap() {
            let row = row.as_array().unwrap();
            let name = match row.as_slice() {
                [namespace, name, ..] if namespace == "Tollgate/${Stack}" => {
                    name.as_str().unwrap().to_owned()
                }
                _ => match searched(row, "MetricName") {
                    Some(name) => name,
                    None => continue,
                },
            };
            names += 1;
            assert!(ours.contains(&format!("(\"{name}\", ")), "no metric {name}");
            if let Some(function) = searched(row, "function") {
                assert!(Path::new(ROOT).join("functions").join(&function).is_dir(), "{function}");
            }
        }
    }
    // Four by their names, the others by searching all functions.
    assert!(names > 10);
}

#[test]
fn every_parameter_that_is_required_is_an_output() {
    let outputs = read("template.yaml")["Outputs"].take();
    let template = read("infra/operations/template.yaml");
    let parameters = template["Parameters"].as_object().unwrap().iter();
    let required: Vec<_> =
        parameters.filter(|(_, it)| it.get("Default").is_none()).map(|(name, _)| name).collect();
    assert!(required.len() > 5, "{required:?}");
    for name in required.into_iter().filter(|name| *name != "Stack") {
        assert!(outputs.get(name).is_some(), "no output {name}");
    }
}

/// Lambda takes a line without a level for INFO, and lines of metrics have none: with a level of
/// its own above that, `LogLevel=WARN` would end all metrics and so all alarms.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>
#[test]
fn lambda_drops_no_line_of_a_function() {
    let template = read("template.yaml");
    let resources = template["Resources"].as_object().unwrap().values();
    let functions: Vec<_> =
        resources.filter(|resource| resource["Type"] == "AWS::Serverless::Function").collect();
    assert!(functions.len() >= 5);
    for function in functions {
        let logging = &function["Properties"]["LoggingConfig"];
        assert_eq!(logging["LogFormat"], "JSON", "{function}");
        assert_eq!(logging["ApplicationLogLevel"], "TRACE", "{function}");
        // Two lines about each invocation that succeeds are at INFO, and say what metrics say.
        assert_eq!(logging["SystemLogLevel"], "WARN", "{function}");
    }
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(variables["RUST_LOG"]["Ref"], "LogLevel");
}

/// A query for a field that nobody writes finds nothing, and says nothing of it.
#[test]
fn every_message_and_field_of_a_saved_query_is_one_that_is_logged() {
    let source: String = [
        "functions/callback",
        "functions/signin",
        "functions/todos",
        "crates/auth",
        "crates/serve",
    ]
    .map(source_of)
    .concat();
    let access =
        read("template.yaml")["Resources"]["Api"]["Properties"]["AccessLogSettings"]["Format"]
            .to_string();
    let template = read("infra/operations/template.yaml");
    let queries = template["Resources"].as_object().unwrap().values();
    let queries: Vec<_> =
        queries.filter(|resource| resource["Type"] == "AWS::Logs::QueryDefinition").collect();
    assert_eq!(queries.len(), 9);
    for query in queries {
        let text = query["Properties"]["QueryString"].as_str().unwrap();
        let reads_access_log = query["Properties"]["LogGroupNames"].to_string().contains("Access");
        for quoted in text.split('"').skip(1).step_by(2) {
            // `ID` is for whoever asks to replace.
            let is_known = ["INFO", "WARN", "ERROR", "ID"].contains(&quoted);
            assert!(is_known || source.contains(&format!("\"{quoted}\"")), "{quoted} in {text}");
        }
        let fields = text
            .lines()
            .filter_map(|line| line.strip_prefix("| fields "))
            .flat_map(|it| it.split(", "));
        let in_access_log = |field: &str| access.contains(&format!(r#"\"{field}\":"#));
        // tracing-subscriber writes these two.
        let own = |field: &&str| !field.starts_with('@') && !["level", "message"].contains(field);
        for field in fields.filter(own) {
            let written = reads_access_log && in_access_log(field)
                || ["%", "", " ", "("].iter().any(|before| {
                    source.contains(&format!("{before}{field},"))
                        || source.contains(&format!("{field} = "))
                });
            assert!(written, "{field} in {text}");
        }
        if reads_access_log {
            for field in ["status", "route", "ip", "request_id", "invocation_id"] {
                assert!(in_access_log(field), "{field} in {access}");
            }
        }
    }
}
