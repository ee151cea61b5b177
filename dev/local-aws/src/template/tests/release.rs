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
        let crashes = format!("{resource}Alarm");
        let server_errors = format!("{resource}ServerErrorsAlarm");
        let expected = json!(["HasMetrics", [{ "Ref": crashes }, { "Ref": server_errors }], [{ "Ref": crashes }]]);
        assert_eq!(preference["Alarms"]["Fn::If"], expected, "{name}");

        let alarm = &template.resources()[&server_errors];
        assert_eq!(alarm["Condition"], "HasMetrics", "{name}");
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
