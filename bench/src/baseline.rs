//! What an earlier run measured, and what has changed since.
//!
//! Ratios to `hello` are compared, which carry over between machines. It is told and not judged:
//! the gate in CI counts instructions, which do not depend on what else a machine is doing.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

/// What every ratio is over.
const UNIT: &str = "hello";

/// A change that is more than what two runs on a quiet machine differ by.
const WORTH_A_LOOK: f64 = 0.05;

/// What `cold --json` has written.
pub(crate) fn read(file: &Path) -> Result<Map<String, Value>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the baseline {}", file.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is not a result of `bench cold --json`", file.display()))
}

/// The ratios of both, a line for each that is in both, and a mark where they differ by more than
/// 5 %.
pub(crate) fn compare(now: &Map<String, Value>, then: &Map<String, Value>) -> String {
    let mut text = String::from("\nagainst the baseline, as multiples of hello\n");
    for (backend, subjects) in now {
        for subject in subjects.as_object().into_iter().flat_map(Map::keys) {
            for what in ["cold_cpu_us", "warm_cpu_us", "memory_kib"] {
                let (Some(now), Some(then)) =
                    (ratio(now, backend, subject, what), ratio(then, backend, subject, what))
                else {
                    continue;
                };
                if subject == UNIT {
                    continue;
                }
                let change = now / then - 1.0;
                let mark = if change.abs() > WORTH_A_LOOK { " <" } else { "" };
                let title = format!("{backend}, {subject}, {what}");
                let percent = change * 100.0;
                writeln!(text, "{title:<44} {then:>6.2}x -> {now:>6.2}x {percent:>+6.1} %{mark}")
                    .expect("a string takes any text");
            }
        }
    }
    text
}

fn ratio(run: &Map<String, Value>, backend: &str, subject: &str, what: &str) -> Option<f64> {
    let of = |subject: &str| run.get(backend)?.get(subject)?.get(what)?.as_f64();
    Some(of(subject)? / of(UNIT)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(todos: f64) -> Map<String, Value> {
        let medians = |cold: f64| json!({ "cold_cpu_us": cold, "first_us": 1.0 });
        let Value::Object(run) =
            json!({ "TLS": { "hello": medians(2.0), "todos": medians(todos) } })
        else {
            unreachable!("it is an object")
        };
        run
    }

    #[test]
    fn ratios_are_compared_and_great_changes_marked() {
        let text = compare(&run(6.0), &run(5.0));
        let line = text.lines().find(|line| line.contains("TLS, todos, cold_cpu_us")).unwrap();
        assert!(line.contains("2.50x") && line.contains("3.00x"), "{line}");
        assert!(line.ends_with("+20.0 % <"), "{line}");
        assert!(!compare(&run(5.1), &run(5.0)).contains('<'));
    }

    #[test]
    fn what_one_of_them_lacks_is_left_out() {
        assert_eq!(compare(&run(6.0), &Map::new()).lines().count(), 2);
    }
}
