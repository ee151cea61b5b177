//! The log as lines of JSON.

use std::{fmt::Debug, io::Write, sync::Mutex, time::SystemTime};

use serde_json::{Map, Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::{LogFilter, metrics::Metrics};

/// Writes one line for each event, with what is logged of it and the metrics that CloudWatch makes
/// of it: two lines would repeat much of it, and CloudWatch charges by the byte. It also records the
/// time of each line.
pub(crate) struct JsonLines<W> {
    /// What is logged; nothing where another layer logs.
    pub(crate) log: Option<LogFilter>,
    /// Made of events from `INFO` on, logged or not.
    pub(crate) metrics: Option<Metrics>,
    pub(crate) out: Mutex<W>,
}

/// The id of the invocation that a span is about.
struct RequestId(Value);

impl<W: Write + Send + 'static> JsonLines<W> {
    fn line<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        event: &Event<'_>,
        context: &Context<'_, S>,
    ) -> Option<Value> {
        let (target, level) = (event.metadata().target(), *event.metadata().level());
        let is_logged = self.log.as_ref().is_some_and(|log| log.enables(target, level));
        let metrics = self.metrics.as_ref().filter(|_| level <= Level::INFO);
        if !is_logged && metrics.is_none() {
            return None;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metrics = metrics.and_then(|metrics| metrics.of(&fields.0, SystemTime::now()));
        if !is_logged {
            return metrics;
        }
        let mut line = Value::Object(fields.0);
        line["level"] = level.as_str().into();
        let mut spans = context.event_scope(event).into_iter().flatten();
        if let Some(id) = spans.find_map(|it| it.extensions().get().map(|RequestId(id)| id.clone()))
        {
            line["span"] = json!({ "requestId": id });
        }
        match metrics {
            Some(Value::Object(metrics)) => line.as_object_mut()?.extend(metrics),
            // A code or a route says where the event is from.
            _ => line["target"] = target.into(),
        }
        Some(line)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>, W: Write + Send + 'static> Layer<S> for JsonLines<W> {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        // As lambda_runtime names it.
        if let (Some(span), Some(id)) = (context.span(id), fields.0.remove("requestId")) {
            span.extensions_mut().insert(RequestId(id));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(line) = self.line(event, &context) else { return };
        if let Ok(mut out) = self.out.lock() {
            // One write, so that no other line gets into it. There is nowhere to report an error.
            let _ = out.write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// The fields of an event or a span, as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, PoisonError};

    use settings::Environment;
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

    /// The lines about what `happens`, with our crates logging this level.
    fn lines(level: &str, namespace: &str, happens: impl FnOnce()) -> Vec<Value> {
        let log = Log::default();
        let environment = Environment::of([("METRICS_NAMESPACE", namespace)]);
        let layer = JsonLines {
            log: Some(LogFilter::new(level.parse().unwrap(), ["todos"])),
            metrics: Metrics::from_environment(&environment, "todos").unwrap(),
            out: Mutex::new(log.clone()),
        };
        tracing::subscriber::with_default(registry().with(layer), happens);
        let bytes = log.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn refused() {
        let span = tracing::info_span!("invoke", requestId = "id-1");
        span.in_scope(|| {
            tracing::info!(code = "no_token", cause = %"why", "refused");
            tracing::info!(method = %"GET", route = "/", status = 401_u16, "request");
            tracing::info!(count = -1, good = true, share = 0.5, "else");
        });
    }

    #[test]
    fn each_event_is_one_line_with_its_metrics() {
        let [code, request, other] = &lines("info", "Tollgate", refused)[..] else { panic!() };
        for line in [code, request, other] {
            assert_eq!(
                (&line["level"], &line["span"]["requestId"]),
                (&json!("INFO"), &json!("id-1"))
            );
        }
        assert_eq!((&code["message"], &code["cause"]), (&json!("refused"), &json!("why")));
        assert_eq!((&code["code"], &code["Events"]), (&json!("no_token"), &json!(1)));
        assert_eq!((&request["method"], &request["Requests"]), (&json!("GET"), &json!(1)));
        assert_eq!((&other["count"], &other["good"]), (&json!(-1), &json!(true)));
        assert!(other.get("_aws").is_none() && other["target"].is_string(), "{other}");
    }

    #[test]
    fn a_line_that_is_not_logged_has_nothing_but_metrics() {
        let [code, request] = &lines("error", "Tollgate", refused)[..] else { panic!() };
        for line in [code, request] {
            for name in ["message", "cause", "level", "method", "span"] {
                assert!(line.get(name).is_none(), "{line}");
            }
        }
        assert_eq!((&code["Events"], &request["Requests"]), (&json!(1), &json!(1)));
    }

    #[test]
    fn without_metrics_a_line_is_only_logged() {
        let all = lines("info", "", refused);
        assert!(all.len() == 3 && all.iter().all(|line| line.get("_aws").is_none()), "{all:?}");
        assert_eq!(lines("error", "", refused), [] as [Value; 0]);
    }
}
