use tracing::{Level, Metadata, subscriber::Interest};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::{Context, Filter},
};

/// The crates of `crates/`, by their names in code.
pub(crate) const CRATES: [&str; 12] = [
    "api",
    "confidential_client",
    "gate",
    "key_snapshot",
    "oidc_resource_server",
    "outbound",
    "permissions",
    "relying_party",
    "route_policy",
    "serve",
    "session",
    "settings",
];

/// The most verbose level of all other crates, whatever the settings say. Below it, dependencies
/// log secrets: `lambda_runtime` each event with its cookies and bearer token, `hyper` headers.
/// The span with the id of each request is at this level.
const MOST_VERBOSE_OF_OTHERS: Level = Level::INFO;

/// Applies levels to the crates of functions and to those that they share. Other crates log `INFO`
/// at most, whatever the levels say, because below it they log secrets.
#[derive(Debug, Clone)]
pub struct LogFilter {
    levels: Targets,
    /// The functions' crates, by their names in code.
    functions: Vec<String>,
}

impl LogFilter {
    /// For these functions, by the names of their packages.
    pub fn new<'a>(levels: Targets, functions: impl IntoIterator<Item = &'a str>) -> Self {
        let functions = functions.into_iter().map(|name| name.replace('-', "_"));
        Self { levels, functions: functions.collect() }
    }

    pub(crate) fn enables(&self, target: &str, level: Level) -> bool {
        // The whole name of the crate: `Targets` takes `web` for the beginning of `webpki`, too.
        let name = target.split("::").next().unwrap_or_default();
        let is_ours = CRATES.contains(&name) || self.functions.iter().any(|it| it == name);
        (is_ours || level <= MOST_VERBOSE_OF_OTHERS) && self.levels.would_enable(target, &level)
    }
}

impl<S> Filter<S> for LogFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.enables(metadata.target(), *metadata.level())
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enables(metadata.target(), *metadata.level()) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<S>::max_level_hint(&self.levels)
    }
}
