use std::io;

use settings::{Environment, Setting, SettingError, SettingErrors, all};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

use crate::metrics::Metrics;

/// What is logged.
pub const RUST_LOG: Setting =
    Setting::new("RUST_LOG", "what is logged: a level, or levels by target", "info,todos=debug")
        .optional("`AWS_LAMBDA_LOG_LEVEL`");

const LAMBDA_LOG_LEVEL: Setting =
    Setting::new("AWS_LAMBDA_LOG_LEVEL", "the least severe level that is logged", "INFO")
        .default("INFO");

/// Sends log lines to standard output, where Lambda collects them: as JSON when
/// `AWS_LAMBDA_LOG_FORMAT` says `JSON`, as text otherwise. `RUST_LOG` decides what is logged,
/// else `AWS_LAMBDA_LOG_LEVEL`, else `info`. Metrics are made of every event from `info` on,
/// whether it is logged or not.
pub(crate) fn init(environment: &Environment, function: &'static str) -> Result<(), SettingErrors> {
    let metrics = Metrics::from_environment(environment, function, io::stdout());
    let (filter, metrics) = all((filter(environment), metrics))?;
    let registry = registry().with(metrics.map(|metrics| metrics.with_filter(LevelFilter::INFO)));
    let json = environment
        .text("AWS_LAMBDA_LOG_FORMAT")
        .is_some_and(|format| format.eq_ignore_ascii_case("json"));
    if json {
        let lines = fmt::layer().json().flatten_event(true).with_span_list(false);
        registry.with(lines.with_filter(filter)).init();
    } else {
        // CloudWatch has the time of each line already.
        registry.with(fmt::layer().with_ansi(false).without_time().with_filter(filter)).init();
    }
    Ok(())
}

/// Reads the settings of log and metrics.
///
/// # Errors
/// All settings that are wrong.
pub(crate) fn check_settings(environment: &Environment) -> Result<(), SettingErrors> {
    let metrics = Metrics::from_environment(environment, "", io::sink());
    all((filter(environment), metrics)).map(drop)
}

/// `Targets` instead of `EnvFilter`: the same `target=level` lists without a regular-expression
/// engine on the cold start.
fn filter(environment: &Environment) -> Result<Targets, SettingError> {
    match environment.optional(&RUST_LOG)? {
        Some(targets) => Ok(targets),
        None => Ok(Targets::new().with_default(lambda_level(environment)?)),
    }
}

fn lambda_level(environment: &Environment) -> Result<LevelFilter, SettingError> {
    let level = environment.value(&LAMBDA_LOG_LEVEL).unwrap_or_default();
    // Lambda says FATAL where `tracing` ends at ERROR.
    let level = if level.eq_ignore_ascii_case("fatal") { "error" } else { level };
    level.parse().map_err(|error| SettingError::invalid(&LAMBDA_LOG_LEVEL, error))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn enabled(pairs: &[(&str, &str)], target: &str, level: Level) -> bool {
        let environment = Environment::of(pairs.iter().copied());
        filter(&environment).unwrap().would_enable(target, &level)
    }

    #[test]
    fn info_is_logged_by_default() {
        assert!(enabled(&[], "todos", Level::INFO));
        assert!(!enabled(&[], "todos", Level::DEBUG));
    }

    #[test]
    fn lambda_s_level_counts_in_its_own_spelling() {
        assert!(enabled(&[("AWS_LAMBDA_LOG_LEVEL", "DEBUG")], "todos", Level::DEBUG));
        assert!(!enabled(&[("AWS_LAMBDA_LOG_LEVEL", "FATAL")], "todos", Level::WARN));
    }

    #[test]
    fn rust_log_goes_before_lambda_s_level() {
        let both = [("AWS_LAMBDA_LOG_LEVEL", "ERROR"), ("RUST_LOG", "warn,todos=trace")];
        assert!(enabled(&both, "todos", Level::TRACE));
        assert!(!enabled(&both, "web", Level::INFO));
    }

    #[test]
    fn a_level_that_is_none_is_refused_by_name() {
        let environment = Environment::of([("AWS_LAMBDA_LOG_LEVEL", "LOUD")]);
        let error = filter(&environment).unwrap_err();
        assert_eq!(error.setting.name, "AWS_LAMBDA_LOG_LEVEL");
    }
}
