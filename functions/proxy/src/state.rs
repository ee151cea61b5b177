use std::{sync::Arc, time::Duration};

use auth::{Clock, Fetch, SystemClock};
use aws_sdk_dynamodb::Client;
use gate::Gate;
use http::Method;
use outbound::Outbound;
use serve::StartError;
use session::Random;
use settings::Environment;

use crate::{
    Config,
    upstream::{Upstream, Upstreams},
};

/// What each request needs. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Parts>);

struct Parts {
    gate: Gate,
    upstreams: Upstreams,
    timeout: Duration,
    pooled: reqwest::Client,
    unpooled: reqwest::Client,
    clock: Arc<dyn Clock>,
}

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
        let (pooled, unpooled) = (outbound.http().clone(), outbound.unpooled());
        Self(Arc::new(Parts { gate, upstreams, timeout, pooled, unpooled, clock }))
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

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// The client for a request. Only a safe method (RFC 9110, section 9.2.1) takes a connection that
    /// was used before: whether another one arrived could not be told if the connection had ended.
    pub(crate) fn client(&self, method: &Method, upstream: &Upstream) -> &reqwest::Client {
        if method.is_safe() && upstream.is_connected(self.clock().now()) {
            &self.0.pooled
        } else {
            &self.0.unpooled
        }
    }
}
