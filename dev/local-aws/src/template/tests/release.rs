//! How requests move to a new version of a function, and what takes them back.

use serde_json::{Value, json};

use super::parameters;
use crate::template::{Function, Template};

/// Lambda's metric `Errors` counts crashes and timeouts. A 5xx that a function answers is a success
/// there, so that no alarm on `Errors` sees a version that answers nothing else.
#[test]
fn a_release_is_taken_back_for_crashes_and_for_5xx() {
    let template = Template::project();
    let text = parameters::template();
    let shared = &text["Globals"]["Function"]["Environment"]["Variables"];
    let namespace = &shared["METRICS_NAMESPACE"]["Fn::If"][1];
    let mut count = 0;
    for Function { logical_id, name } in template.functions().unwrap() {
        let preference = &template.resources()[&logical_id]["Properties"]["DeploymentPreference"];
        if preference.is_null() {
            continue;
        }
        let resource = logical_id.strip_suffix("Function").unwrap();
        if name == "authorizer" {
            // Its errors are the 5xx, and the 401, which its alarm leaves out.
            let expected = json!(["HasMetrics", [{ "Ref": "AuthorizerAlarm" }], []]);
            assert_eq!(preference["Alarms"]["Fn::If"], expected);
            continue;
        }
        let crashes = format!("{resource}Alarm");
        let server_errors = format!("{resource}ServerErrorsAlarm");
        let expected = json!(["HasMetrics", [{ "Ref": crashes }, { "Ref": server_errors }], [{ "Ref": crashes }]]);
        assert_eq!(preference["Alarms"]["Fn::If"], expected, "{name}");

        let alarm = &template.resources()[&server_errors];
        // A function with a condition passes it on to its deployments and alarms.
        let is_optional = template.resources()[&logical_id].get("Condition").is_some();
        let condition = format!("Has{}Metrics", if is_optional { resource } else { "" });
        assert_eq!(alarm["Condition"], condition, "{name}");
        assert_eq!(preference["PassthroughCondition"] == true, is_optional, "{name}");
        let metrics = alarm["Properties"]["Metrics"].as_array().unwrap();
        let read: Vec<_> =
            metrics.iter().filter_map(|metric| metric.pointer("/MetricStat/Metric")).collect();
        let names: Vec<_> = read.iter().map(|metric| &metric["MetricName"]).collect();
        assert_eq!(names, ["ServerErrors", "Requests"], "{name}");
        for metric in read {
            assert_eq!(&metric["Namespace"], namespace, "{name}");
            assert_eq!(metric["Dimensions"], json!([{ "Name": "function", "Value": name }]));
        }
        count += 1;
    }
    assert!(count >= 4);
}

/// SAM translates `Enabled` by parameters and mappings alone. `None` is the way to deploy a fix
/// while an alarm is on: CodeDeploy would stop with `ALARM_ACTIVE`.
#[test]
fn each_kind_of_deployment_but_none_is_codedeploy_s() {
    let template = Template::project();
    let kinds = template.parameter("Deployment").unwrap()["AllowedValues"].as_array().unwrap();
    assert!(kinds.iter().any(|kind| kind == "None"));
    for kind in kinds.iter().filter_map(Value::as_str) {
        let enabled = &parameters::template()["Mappings"]["CodeDeploy"][kind]["Enabled"];
        assert_eq!(enabled, if kind == "None" { "false" } else { "true" }, "{kind}");
    }
    let find = json!({ "Fn::FindInMap": ["CodeDeploy", { "Ref": "Deployment" }, "Enabled"] });
    let resources = template.resources().values();
    let preferences: Vec<_> =
        resources.filter_map(|it| it.pointer("/Properties/DeploymentPreference")).collect();
    assert!(preferences.iter().all(|preference| preference["Enabled"] == find));
}

/// A 401 is a function error, so `Errors` alone would let any visitor take a deployment back.
#[test]
fn the_alarm_of_the_authorizer_leaves_out_every_401() {
    let template = Template::project();
    let alarm = &template.resources()["AuthorizerAlarm"];
    assert_eq!(alarm["Condition"], "HasMetrics", "only they say which errors were a 401");
    let metrics = alarm["Properties"]["Metrics"].as_array().unwrap();
    assert_eq!(metrics[0]["Expression"], "100 * (errors - FILL(unauthorized, 0)) / calls");
    let metric =
        |id: &str| &metrics.iter().find(|it| it["Id"] == id).unwrap()["MetricStat"]["Metric"];
    assert_eq!(metric("errors")["MetricName"], "Errors");
    assert_eq!(metric("calls")["MetricName"], "Invocations");
    let counted = json!([
        { "Name": "function", "Value": "authorizer" }, { "Name": "code", "Value": "unauthorized" },
    ]);
    assert_eq!(metric("unauthorized")["Dimensions"], counted);
}

/// A result that is kept would outlive its session, and be used for other routes.
#[test]
fn no_result_of_the_authorizer_is_cached() {
    let template = Template::project();
    let gate = &template.resources()["Api"]["Properties"]["Auth"]["Authorizers"]["Gate"];
    assert_eq!(gate["FunctionArn"], json!({ "Ref": "AuthorizerFunction.Alias" }));
    // "To enable caching, your authorizer must have at least one identity source" (API Gateway
    // Developer Guide, "Control access to HTTP APIs with AWS Lambda authorizers").
    assert!(gate.get("Identity").is_none(), "{gate}");
}
