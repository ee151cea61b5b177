//! Metrics in CloudWatch's embedded metric format: a line of JSON in the log, from which
//! CloudWatch makes metrics. Nothing is called and nothing runs in the background.
//!
//! What is measured is what is logged. Each event with a `code` counts as one `Events` of that
//! code; the line about each request makes `Requests`, `ServerErrors` and `Latency`.

use std::{
    fmt::Debug,
    io::Write,
    sync::Mutex,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use settings::{Environment, Setting, SettingError};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

const NAMESPACE: Setting = Setting::new(
    "METRICS_NAMESPACE",
    "the CloudWatch namespace of the metrics in the log",
    "Tollgate",
)
.optional("no metrics");

/// Writes the metrics of one function.
pub(crate) struct Metrics<W> {
    namespace: String,
    function: &'static str,
    now: fn() -> SystemTime,
    out: Mutex<W>,
}

impl<W: Write + Send + 'static> Metrics<W> {
    /// `None` when `METRICS_NAMESPACE` is not set.
    ///
    /// # Errors
    /// When it is no name that CloudWatch takes.
    pub(crate) fn from_environment(
        environment: &Environment,
        function: &'static str,
        out: W,
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
        let (namespace, out) = (namespace.to_owned(), Mutex::new(out));
        Ok(Some(Self { namespace, function, now: SystemTime::now, out }))
    }

    fn line(&self, seen: Seen) -> Option<Value> {
        let mut values = json!({ "function": self.function });
        let (dimensions, metrics) = if let Some(code) = seen.code {
            values["code"] = code.into();
            (json!([["function", "code"]]), vec![("Events", "Count", Some(1))].into_iter())
        } else {
            let status = seen.status?;
            values["route"] = seen.route.into();
            values["status"] = status.into();
            let errors = u64::from(status >= 500);
            let metrics =
                vec![("Requests", "Count", Some(1)), ("ServerErrors", "Count", Some(errors))];
            (json!([["function"]]), metrics.into_iter())
        };
        let latency = ("Latency", "Milliseconds", seen.milliseconds);
        let age = ("Age", "Seconds", seen.age_seconds);
        let mut definitions = Vec::new();
        for (name, unit, value) in metrics.chain([latency, age]) {
            let Some(value) = value else { continue };
            values[name] = value.into();
            definitions.push(json!({ "Name": name, "Unit": unit }));
        }
        let since = (self.now)().duration_since(UNIX_EPOCH).unwrap_or_default();
        values["_aws"] = json!({
            "Timestamp": u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            "CloudWatchMetrics": [{
                "Namespace": self.namespace,
                "Dimensions": dimensions,
                "Metrics": definitions,
            }],
        });
        Some(values)
    }
}

impl<S: Subscriber, W: Write + Send + 'static> Layer<S> for Metrics<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut seen = Seen::default();
        event.record(&mut seen);
        let Some(line) = self.line(seen) else { return };
        if let Ok(mut out) = self.out.lock() {
            // One write, so that no other line gets into it. One that is lost is a metric less.
            let _ = out.write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// The fields of an event that metrics are made of. All others may hold what is nobody's business.
#[derive(Default)]
struct Seen {
    code: Option<String>,
    route: Option<String>,
    status: Option<u64>,
    milliseconds: Option<u64>,
    age_seconds: Option<u64>,
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "code" => self.code = Some(value.to_owned()),
            "route" => self.route = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "status" => self.status = Some(value),
            "milliseconds" => self.milliseconds = Some(value),
            "age_seconds" => self.age_seconds = Some(value),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "code" {
            self.code = Some(format!("{value:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, PoisonError},
        time::Duration,
    };

    use tracing_subscriber::{layer::SubscriberExt, registry};

    use super::*;

    /// A log that a test can read.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn of(namespace: &str) -> Result<Option<Metrics<Log>>, SettingError> {
        let environment = Environment::of([("METRICS_NAMESPACE", namespace)]);
        Metrics::from_environment(&environment, "todos", Log::default())
    }

    /// The lines that come of what `happens`.
    fn lines(happens: impl FnOnce()) -> Vec<Value> {
        let log = Log::default();
        let metrics = Metrics {
            namespace: "Tollgate".to_owned(),
            function: "todos",
            now: || UNIX_EPOCH + Duration::from_millis(1_750_000_000_123),
            out: Mutex::new(log.clone()),
        };
        tracing::subscriber::with_default(registry().with(metrics), happens);
        let bytes = log.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_request_makes_requests_server_errors_and_latency() {
        let request = |status: u16| {
            move || tracing::info!(route = "/api/todos", status, milliseconds = 7_u64, "request")
        };
        let expected = json!({
            "_aws": {
                "Timestamp": 1_750_000_000_123_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "Tollgate",
                    "Dimensions": [["function"]],
                    "Metrics": [
                        { "Name": "Requests", "Unit": "Count" },
                        { "Name": "ServerErrors", "Unit": "Count" },
                        { "Name": "Latency", "Unit": "Milliseconds" },
                    ],
                }],
            },
            "function": "todos",
            "route": "/api/todos",
            "status": 404,
            "Requests": 1,
            "ServerErrors": 0,
            "Latency": 7,
        });
        assert_eq!(lines(request(404)), [expected]);
        assert_eq!(lines(request(503))[0]["ServerErrors"], 1);
    }

    #[test]
    fn an_event_with_a_code_is_counted_by_it() {
        let variable = "insufficient_scope";
        let counted = lines(|| {
            tracing::warn!(code = "provider_unavailable", cause = "a@example.com", "no sign-in");
            tracing::info!(code = variable, "refused");
            tracing::info!(code = %variable, "refused");
        });
        let codes: Vec<_> = counted.iter().map(|line| line["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["provider_unavailable", variable, variable]);
        let [directive] = &counted[0]["_aws"]["CloudWatchMetrics"].as_array().unwrap()[..] else {
            panic!("one directive: {counted:?}")
        };
        assert_eq!(directive["Dimensions"], json!([["function", "code"]]));
        assert_eq!(directive["Metrics"], json!([{ "Name": "Events", "Unit": "Count" }]));
        assert_eq!(counted[0]["Events"], 1);
        assert!(!counted[0].to_string().contains("example.com"), "{}", counted[0]);
    }

    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
    #[test]
    fn every_dimension_and_metric_that_is_named_has_a_value_of_its_kind() {
        let all = lines(|| {
            tracing::info!(code = "started", milliseconds = 12_u64, "ready");
            tracing::info!(code = "document_fetched", age_seconds = 60_u64, "fetched");
            tracing::info!(route = "/", status = 200_u16, milliseconds = 1_u64, "request");
        });
        assert_eq!(all.len(), 3);
        for line in all {
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
    fn what_has_no_code_and_is_no_request_makes_no_line() {
        assert_eq!(lines(|| tracing::error!(milliseconds = 3_u64, "else")), [] as [Value; 0]);
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
