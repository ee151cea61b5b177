//! Metrics in CloudWatch's embedded metric format: members of a line of JSON in the log, from which
//! CloudWatch makes metrics. Nothing is called and nothing runs in the background.
//!
//! What is measured is what is logged. Each event with a `code` counts as one `Events` of that
//! code; the line about each request makes `Requests`, `ServerErrors` and `Latency`.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use settings::{Environment, Setting, SettingError};

const NAMESPACE: Setting = Setting::new(
    "METRICS_NAMESPACE",
    "the CloudWatch namespace of the metrics in the log",
    "Tollgate",
)
.optional("no metrics");

/// Makes the metrics of one function.
#[derive(Debug)]
pub(crate) struct Metrics {
    namespace: String,
    function: &'static str,
}

impl Metrics {
    /// `None` when `METRICS_NAMESPACE` is not set.
    ///
    /// # Errors
    /// When CloudWatch does not accept the name.
    pub(crate) fn from_environment(
        environment: &Environment,
        function: &'static str,
    ) -> Result<Option<Self>, SettingError> {
        let Some(namespace) = environment.value(&NAMESPACE) else { return Ok(None) };
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-/#:".contains(c);
        if namespace.len() > 255 || !namespace.chars().all(is_allowed) {
            let why = "it has more than 255 characters, or others than A-Z a-z 0-9 . _ - / # :";
            return Err(SettingError::invalid(&NAMESPACE, why));
        }
        if namespace.starts_with("AWS/") {
            return Err(SettingError::invalid(&NAMESPACE, "AWS/ is reserved for AWS"));
        }
        Ok(Some(Self { namespace: namespace.to_owned(), function }))
    }

    /// The members that make metrics of a line, if the event with these fields is measured. They
    /// contain nothing else of the event: the line may be one that is not logged.
    pub(crate) fn of(&self, fields: &Map<String, Value>, now: SystemTime) -> Option<Value> {
        let number = |name: &str| fields.get(name).and_then(Value::as_u64);
        let mut line = json!({ "function": self.function });
        let (dimensions, counted) = if let Some(code) = fields.get("code").and_then(Value::as_str) {
            line["code"] = code.into();
            (json!([["function", "code"]]), vec![("Events", "Count", Some(1))])
        } else {
            let status = number("status")?;
            line["route"] = fields.get("route").cloned().unwrap_or_default();
            line["status"] = status.into();
            let error = (status >= 500).then_some(1);
            let counted = vec![("Requests", "Count", Some(1)), ("ServerErrors", "Count", error)];
            (json!([["function"]]), counted)
        };
        let latency = ("Latency", "Milliseconds", number("milliseconds"));
        let age = ("Age", "Seconds", number("age_seconds"));
        let mut definitions = Vec::new();
        for (name, unit, value) in counted.into_iter().chain([latency, age]) {
            let Some(value) = value else { continue };
            line[name] = value.into();
            definitions.push(json!({ "Name": name, "Unit": unit }));
        }
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        line["_aws"] = json!({
            "Timestamp": u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            "CloudWatchMetrics": [{
                "Namespace": self.namespace,
                "Dimensions": dimensions,
                "Metrics": definitions,
            }],
        });
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn of(namespace: &str) -> Result<Option<Metrics>, SettingError> {
        let environment = Environment::of([("METRICS_NAMESPACE", namespace)]);
        Metrics::from_environment(&environment, "todos")
    }

    fn line(fields: Value) -> Option<Value> {
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let now = UNIX_EPOCH + Duration::from_millis(1_750_000_000_123);
        of("Tollgate").unwrap().unwrap().of(&fields, now)
    }

    #[test]
    fn a_request_makes_requests_server_errors_and_latency() {
        let request = |status: u16| {
            line(json!({ "route": "/api/todos", "status": status, "milliseconds": 7 })).unwrap()
        };
        let expected = json!({
            "_aws": {
                "Timestamp": 1_750_000_000_123_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "Tollgate",
                    "Dimensions": [["function"]],
                    "Metrics": [
                        { "Name": "Requests", "Unit": "Count" },
                        { "Name": "Latency", "Unit": "Milliseconds" },
                    ],
                }],
            },
            "function": "todos",
            "route": "/api/todos",
            "status": 404,
            "Requests": 1,
            "Latency": 7,
        });
        assert_eq!(request(404), expected);
        assert_eq!(request(503)["ServerErrors"], 1);
    }

    #[test]
    fn an_event_with_a_code_is_counted_by_it() {
        let line =
            line(json!({ "code": "provider_unavailable", "cause": "a@example.com" })).unwrap();
        assert_eq!(line["code"], "provider_unavailable");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([["function", "code"]]));
        assert_eq!(directive["Metrics"], json!([{ "Name": "Events", "Unit": "Count" }]));
        assert_eq!(line["Events"], 1);
        assert!(!line.to_string().contains("example.com"), "{line}");
    }

    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
    #[test]
    fn every_dimension_and_metric_that_is_named_has_a_value_of_its_kind() {
        for fields in [
            json!({ "code": "started", "milliseconds": 12 }),
            json!({ "code": "document_fetched", "age_seconds": 60 }),
            json!({ "route": "/", "status": 200, "milliseconds": 1 }),
        ] {
            let line = line(fields).unwrap();
            for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
                for name in directive["Dimensions"][0].as_array().unwrap() {
                    assert!(line[name.as_str().unwrap()].is_string(), "{name} {line}");
                }
                for metric in directive["Metrics"].as_array().unwrap() {
                    assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric} {line}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_code_and_is_no_request_makes_no_metric() {
        assert_eq!(line(json!({ "milliseconds": 3 })), None);
    }

    #[test]
    fn without_a_namespace_there_are_none_and_a_bad_one_is_refused_by_name() {
        assert!(of("").unwrap().is_none());
        assert!(of("Tollgate").unwrap().is_some());
        for bad in ["AWS/Lambda", "two words", &"x".repeat(256)] {
            let error = of(bad).err().unwrap().to_string();
            assert!(error.starts_with("METRICS_NAMESPACE is not valid"), "{error}");
        }
    }
}
