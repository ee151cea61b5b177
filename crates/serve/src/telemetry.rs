use std::{io, sync::Mutex};

use settings::{Environment, Setting, SettingError, SettingErrors, all};
use tracing_subscriber::{
    Layer,
    filter::{FilterExt, LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

use crate::{LogFilter, json_lines::JsonLines, metrics::Metrics};

/// What is logged.
pub const RUST_LOG: Setting = Setting::new(
    "RUST_LOG",
    "what is logged: a level, or levels by target; `INFO` at most for dependencies",
    "info,todos=debug",
)
.optional("`AWS_LAMBDA_LOG_LEVEL`");

const LAMBDA_LOG_LEVEL: Setting =
    Setting::new("AWS_LAMBDA_LOG_LEVEL", "the least severe level that is logged", "INFO")
        .default("INFO");

/// Sends log lines to standard output, where Lambda collects them: as JSON when
/// `AWS_LAMBDA_LOG_FORMAT` says `JSON`, as text otherwise. `RUST_LOG` decides what is logged,
/// else `AWS_LAMBDA_LOG_LEVEL`, else `info`. Metrics are made of every event from `info` on,
/// whether it is logged or not.
///
/// The settings apply to the crates of this repository; others log `INFO` at
/// most.
pub(crate) fn init(environment: &Environment, function: &'static str) -> Result<(), SettingErrors> {
    let metrics = Metrics::from_environment(environment, function);
    let (levels, metrics) = all((levels(environment), metrics))?;
    let filter = LogFilter::new(levels, [function]);
    let is_json = environment
        .text("AWS_LAMBDA_LOG_FORMAT")
        .is_some_and(|format| format.eq_ignore_ascii_case("json"));
    let measured = if metrics.is_some() { LevelFilter::INFO } else { LevelFilter::OFF };
    let log = is_json.then(|| filter.clone());
    let json = JsonLines { log, metrics, out: Mutex::new(io::stdout()) };
    // Without an `Option` of a layer: a `None` keeps call sites enabled that every filter disables,
    // and evaluating the fields of one of `lambda_runtime`'s can fail.
    if is_json {
        registry().with(json.with_filter(FilterExt::or(filter, measured))).init();
    } else {
        // CloudWatch has the time of each line already.
        let text = fmt::layer().with_ansi(false).without_time().with_filter(filter);
        registry().with(text).with(json.with_filter(measured)).init();
    }
    Ok(())
}

/// Reads the settings of log and metrics.
///
/// # Errors
/// All settings that are wrong.
pub(crate) fn check_settings(environment: &Environment) -> Result<(), SettingErrors> {
    let metrics = Metrics::from_environment(environment, "");
    all((levels(environment), metrics)).map(drop)
}

/// `Targets` instead of `EnvFilter`: the same `target=level` lists without a regular-expression
/// engine on the cold start.
fn levels(environment: &Environment) -> Result<Targets, SettingError> {
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
    use std::{collections::BTreeSet, fs};

    use tracing::Level;

    use super::*;
    use crate::log_filter::CRATES;

    fn enabled(pairs: &[(&str, &str)], target: &str, level: Level) -> bool {
        let levels = levels(&Environment::of(pairs.iter().copied())).unwrap();
        LogFilter::new(levels, ["web", "two-words"]).enables(target, level)
    }

    /// The crates in a folder of the workspace, by their names in code.
    fn crates(folder: &str) -> BTreeSet<String> {
        let folder = format!("{}/../../{folder}", env!("CARGO_MANIFEST_DIR"));
        let manifests = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let manifests = manifests.map(|folder| fs::read_to_string(folder.join("Cargo.toml")));
        manifests.map(|manifest| names(&manifest.unwrap())[0].clone()).collect()
    }

    fn names(manifest: &str) -> Vec<String> {
        let names = manifest.lines().filter_map(|line| line.strip_prefix("name = \""));
        names.map(|name| name.trim_end_matches('"').replace('-', "_")).collect()
    }

    #[test]
    fn no_setting_lifts_the_level_of_a_dependency_beyond_info() {
        for pairs in [
            [("RUST_LOG", "trace")],
            [("RUST_LOG", "trace,lambda_runtime=trace,webpki=trace,tower=trace,log=trace")],
            [("RUST_LOG", "lambda_runtime=trace,webpki=trace,tower=trace,log=trace,web=trace")],
            [("AWS_LAMBDA_LOG_LEVEL", "TRACE")],
        ] {
            for target in ["lambda_runtime::layers::api_response", "webpki", "tower", "log", ""] {
                assert!(!enabled(&pairs, target, Level::DEBUG), "{pairs:?} {target}");
            }
            assert!(enabled(&pairs, "web::routes", Level::TRACE), "{pairs:?}");
        }
        let trace = [("RUST_LOG", "trace")];
        assert!(enabled(&trace, "lambda_runtime", Level::INFO));
        assert!(enabled(&trace, "session::store", Level::TRACE));
        assert!(enabled(&trace, "two_words", Level::TRACE));
        assert!(!enabled(&trace, "todos", Level::DEBUG), "the crate of another function");
    }

    #[test]
    fn our_crates_are_those_of_the_workspace_and_no_dependency_has_the_name_of_one() {
        let ours = crates("crates");
        assert_eq!(ours, CRATES.map(str::to_owned).into());
        let locked = include_str!("../../../Cargo.lock").split("[[package]]");
        let dependencies = locked.filter(|package| package.contains("\nsource = ")).flat_map(names);
        let ours = &ours | &crates("functions");
        assert_eq!(dependencies.filter(|name| ours.contains(name)).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn info_is_logged_by_default() {
        assert!(enabled(&[], "web", Level::INFO));
        assert!(!enabled(&[], "web", Level::DEBUG));
    }

    #[test]
    fn lambda_s_level_counts_in_its_own_spelling() {
        assert!(enabled(&[("AWS_LAMBDA_LOG_LEVEL", "DEBUG")], "web", Level::DEBUG));
        assert!(!enabled(&[("AWS_LAMBDA_LOG_LEVEL", "FATAL")], "web", Level::WARN));
    }

    #[test]
    fn rust_log_goes_before_lambda_s_level() {
        let both = [("AWS_LAMBDA_LOG_LEVEL", "ERROR"), ("RUST_LOG", "warn,web=trace")];
        assert!(enabled(&both, "web", Level::TRACE));
        assert!(!enabled(&both, "serve", Level::INFO));
    }

    #[test]
    fn a_level_that_is_none_is_refused_by_name() {
        let environment = Environment::of([("AWS_LAMBDA_LOG_LEVEL", "LOUD")]);
        let error = levels(&environment).unwrap_err();
        assert_eq!(error.setting.name, "AWS_LAMBDA_LOG_LEVEL");
    }
}
