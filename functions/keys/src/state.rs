use std::sync::Arc;

use auth::{Clock, HttpFetch, ProviderConfig, SystemClock};
use key_snapshot::Snapshots;
use outbound::Outbound;
use serve::StartError;
use settings::Environment;

use crate::Config;

/// What each run needs. Cheap to clone.
#[derive(Clone)]
pub struct State {
    pub(crate) provider: ProviderConfig,
    pub(crate) fetch: HttpFetch,
    pub(crate) snapshots: Snapshots,
    pub(crate) clock: Arc<dyn Clock>,
}

impl State {
    /// Makes the clients. Asks nobody.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        Self::new(config, environment, outbound, Arc::new(SystemClock))
    }

    /// The same with another source of time.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub fn new(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let Config { provider, table } = config;
        let snapshots = Snapshots::new(outbound.dynamodb(environment)?, table, &provider);
        let fetch =
            HttpFetch::new(outbound.http().clone()).with_time_limit(outbound.timeouts().document);
        Ok(Self { provider, fetch, snapshots, clock })
    }
}
