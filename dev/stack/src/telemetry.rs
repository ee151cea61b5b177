use std::io::{IsTerminal as _, stderr};

use all_functions::FUNCTIONS;
use serve::{LogFilter, RUST_LOG};
use settings::{Environment, SettingErrors};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::{Layer as _, SubscriberExt as _},
    registry,
    util::SubscriberInitExt as _,
};

/// Sends what the functions log to standard error: warnings and errors, unless
/// `RUST_LOG` says otherwise. Requests have their own lines.
pub(crate) fn init() -> Result<(), SettingErrors> {
    let environment = Environment::process();
    let levels: Option<Targets> = environment.optional(&RUST_LOG)?;
    let levels = levels.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let color = stderr().is_terminal() && environment.text("NO_COLOR").is_none();
    let lines = fmt::layer().with_writer(stderr).with_ansi(color).without_time();
    let filter = LogFilter::new(levels, FUNCTIONS.iter().map(|function| function.name));
    registry().with(lines.with_filter(filter)).init();
    Ok(())
}
