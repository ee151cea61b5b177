use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

use auth::{Clock, Fetch, SystemClock};
use aws_sdk_dynamodb::Client;
use gate::Gate;
use http::Method;
use outbound::Outbound;
use serve::StartError;
use session::Random;
use settings::Environment;

use crate::{Config, upstream::Upstreams};

/// What each request needs. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Parts>);

struct Parts {
    gate: Gate,
    upstreams: Upstreams,
    timeout: Duration,
    outbound: Outbound,
    pool: Mutex<Pool>,
    /// Made for the first write.
    unpooled: OnceLock<reqwest::Client>,
    clock: Arc<dyn Clock>,
}

/// Connections that may be used again.
struct Pool {
    client: reqwest::Client,
    /// When it was last used.
    used_at: SystemTime,
}

/// How long after its last use a connection is surely open: servers keep one for 5 seconds or more.
const POOLED: Duration = Duration::from_secs(4);

impl State {
    /// Makes the state and loads the keys. Calls no upstream.
    ///
    /// # Errors
    /// When a setting of AWS is missing.
    pub async fn start(
        config: Config,
        environment: &Environment,
        outbound: &Outbound,
    ) -> Result<Self, StartError> {
        let gate = Gate::start(config.gate, environment, outbound).await?;
        Ok(Self::of(gate, config.upstreams, config.timeout, outbound, Arc::new(SystemClock)))
    }

    /// Takes what reaches outside: the provider, the sessions, the time and random bytes. Calls
    /// nothing yet.
    ///
    /// # Errors
    /// When the configuration lacks an audience.
    pub fn new(
        config: Config,
        fetch: impl Fetch,
        dynamodb: Client,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let gate = Gate::new(config.gate, fetch, dynamodb, Arc::clone(&clock), random)?;
        Ok(Self::of(gate, config.upstreams, config.timeout, outbound, clock))
    }

    fn of(
        gate: Gate,
        upstreams: Upstreams,
        timeout: Duration,
        outbound: &Outbound,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let pool = Mutex::new(Pool { client: outbound.http().clone(), used_at: clock.now() });
        let (outbound, unpooled) = (outbound.clone(), OnceLock::new());
        Self(Arc::new(Parts { gate, upstreams, timeout, outbound, pool, unpooled, clock }))
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    pub(crate) fn upstreams(&self) -> &Upstreams {
        &self.0.upstreams
    }

    /// How long an upstream may take for a whole response.
    pub(crate) fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// The client for a request. Only a safe method (RFC 9110, section 9.2.1) takes a connection that
    /// was used before: whether another one arrived could not be told if the connection had ended.
    /// After a pause, which may have been a freeze of the instance, none is used again.
    pub(crate) fn client(&self, method: &Method) -> reqwest::Client {
        if !method.is_safe() {
            return self.0.unpooled.get_or_init(|| self.0.outbound.unpooled()).clone();
        }
        let now = self.0.clock.now();
        let mut pool = self.0.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if !now.duration_since(pool.used_at).is_ok_and(|pause| pause <= POOLED) {
            pool.client = self.0.outbound.pooled();
        }
        pool.used_at = now;
        pool.client.clone()
    }
}
