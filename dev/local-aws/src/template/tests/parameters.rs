//! A parameter that changes alone makes a new version of each function.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{Template, template::document};

/// What says how functions are called and deployed, and is in no version of them.
const OUTSIDE: [&str; 5] =
    ["DeploymentPreference", "Events", "LoggingConfig", "ReservedConcurrentExecutions", "Role"];

#[test]
fn every_parameter_that_reaches_a_function_is_in_the_configuration() {
    let template = template();
    let mut used = BTreeSet::new();
    references(&template, &template["Globals"]["Function"], &mut used);
    for (_, function) in functions(&template) {
        references(&template, &function["Properties"], &mut used);
    }
    let content = &template["Resources"]["Configuration"]["Properties"]["Content"]["Fn::Sub"];
    let lines: BTreeSet<String> = content.as_str().unwrap().lines().map(str::to_owned).collect();
    // It reaches none, and is there to make new versions of all.
    assert!(used.insert("Restart".to_owned()));
    let expected = used.into_iter().map(|name| format!("{name}: ${{{name}}}")).collect();
    assert_eq!(lines, expected);
}

#[test]
fn every_function_has_the_configuration_in_its_version_and_in_its_variables() {
    let template = template();
    let shared = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(shared["CONFIGURATION_VERSION"]["Ref"], "Configuration");
    let mut count = 0;
    for (id, function) in functions(&template) {
        let properties = &function["Properties"];
        let description = &properties["VersionDescription"]["Fn::Sub"];
        assert_eq!(description, "parameters ${Configuration}", "{id}");
        assert_eq!(properties["AutoPublishAliasAllProperties"], true, "{id}");
        count += 1;
    }
    assert!(count >= 5);
}

#[test]
fn every_pattern_can_be_checked_and_takes_the_default() {
    let template = Template::project();
    let mut count = 0;
    for parameter in template.parameters() {
        let Some(constraint) = template.constraint(&parameter.name) else { continue };
        let default = parameter.default.as_deref();
        assert!(default.is_none_or(|it| constraint.allows(it)), "{}", parameter.name);
        count += 1;
    }
    assert!(count >= 10);
}

/// CloudFormation matches the pattern against each origin of the list.
#[test]
fn cors_names_its_origins_and_never_allows_credentials() {
    let template = template();
    let pattern = &template["Parameters"]["CorsOrigins"]["AllowedPattern"];
    assert_eq!(pattern, r"(https?://[^\s/?#*]+)?", "no `*`, neither alone nor as a part");
    let cors =
        &template["Resources"]["Api"]["Properties"]["DefinitionBody"]["x-amazon-apigateway-cors"];
    let cors = cors["Fn::If"][1].as_object().unwrap();
    assert_eq!(cors["allowOrigins"]["Ref"], "CorsOrigins");
    assert!(!cors.contains_key("allowCredentials"));
}

/// What stands in front of the API (`PublicUrl`) needs to know where it is.
#[test]
fn one_output_is_always_the_api_s_own_address() {
    let own = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}";
    assert_eq!(template()["Outputs"]["ApiUrl"]["Value"]["Fn::Sub"], own);
}

/// An update that makes the domain and disables the address in use would be an outage until the
/// records of the domain are known everywhere.
#[test]
fn adding_a_domain_leaves_the_api_s_own_address_in_use() {
    let template = template();
    let api = &template["Resources"]["Api"]["Properties"];
    let mut used = BTreeSet::new();
    references(&template, &api["DisableExecuteApiEndpoint"], &mut used);
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["DisableExecuteApiEndpoint"]);
    assert_eq!(template["Parameters"]["DisableExecuteApiEndpoint"]["Default"], "false");
}

/// Lambda repeats an event that failed after one minute, and again after two more. `KeysAlarm`
/// counts all three runs.
#[test]
fn an_event_of_keys_lives_as_long_as_its_repetitions() {
    let template = template();
    let keys = &template["Resources"]["KeysFunction"]["Properties"]["EventInvokeConfig"];
    assert_eq!(keys["MaximumRetryAttempts"], 2);
    assert!(keys["MaximumEventAgeInSeconds"].as_u64().unwrap() > 180);
    let alarm = &template["Resources"]["KeysAlarm"]["Properties"];
    assert_eq!(alarm["Threshold"], 3);
    assert!(alarm["Period"].as_u64().unwrap() > 180);
}

/// `UPDATE=1 cargo test -p local-aws` writes the table.
#[test]
fn the_page_about_deploying_has_the_table_of_the_parameters() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/deploy.md");
    const BEGIN: &str = "<!-- parameters: written by UPDATE=1 cargo test -p local-aws -->\n";
    const END: &str = "<!-- end of parameters -->";
    let page = std::fs::read_to_string(FILE).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let expected = table(&template());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, [before, BEGIN, &expected, END, after].concat()).unwrap();
    } else {
        assert_eq!(found, expected, "run UPDATE=1 cargo test -p local-aws");
    }
}

/// The parameters by their groups. One without a group is in no table, so it fails here.
fn table(template: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let code = |value: &Value| format!("`{}`", text(value));
    let mut left = template["Parameters"].as_object().unwrap().clone();
    let mut lines =
        vec!["| parameter | meaning | default |".to_owned(), "|---|---|---|".to_owned()];
    let groups = &template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    for group in groups.as_array().unwrap() {
        lines.push(format!("| **{}** | | |", text(&group["Label"]["default"])));
        for name in group["Parameters"].as_array().unwrap() {
            let parameter = left.remove(&text(name)).unwrap();
            let mut meaning = text(&parameter["Description"]).replace('<', "\\<");
            // All of the days that logs can be kept would fill a line.
            if let Some(values) = parameter["AllowedValues"].as_array().filter(|it| it.len() < 9) {
                let values: Vec<_> = values.iter().map(code).collect();
                meaning = format!("{meaning}: {}", values.join(", "));
            }
            let default = match parameter.get("Default") {
                None => "**required**".to_owned(),
                Some(Value::String(empty)) if empty.is_empty() => "nothing".to_owned(),
                Some(value) => code(value),
            };
            lines.push(format!("| {} | {meaning} | {default} |", code(name)));
        }
    }
    assert!(left.is_empty(), "in no group: {:?}", left.keys());
    lines.join("\n") + "\n"
}

pub(super) fn template() -> Value {
    document::read(include_str!("../../../../../template.yaml")).unwrap()
}

fn functions(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let resources: &Map<_, _> = template["Resources"].as_object().unwrap();
    resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
}

/// Adds the parameters that a value depends on, by its conditions too.
fn references(template: &Value, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), member) {
                    (outside, _) if OUTSIDE.contains(&outside) => {}
                    ("Ref", Value::String(name)) => add(template, name, names),
                    ("Fn::Sub", Value::String(text)) => {
                        for part in text.split("${").skip(1) {
                            add(template, part.split('}').next().unwrap(), names);
                        }
                    }
                    ("Condition", Value::String(name)) => {
                        references(template, &template["Conditions"][name], names);
                    }
                    ("Fn::If", Value::Array(parts)) => {
                        let condition = &template["Conditions"][parts[0].as_str().unwrap()];
                        references(template, condition, names);
                        references(template, member, names);
                    }
                    _ => references(template, member, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(template, item, names)),
        _ => {}
    }
}

fn add(template: &Value, name: &str, names: &mut BTreeSet<String>) {
    if template["Parameters"].get(name).is_some() {
        names.insert(name.to_owned());
    }
}
