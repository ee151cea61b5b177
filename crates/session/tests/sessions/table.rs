use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use auth::Clock;
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use local_dynamodb::LocalDynamoDb;
use outbound::Outbound;
use session::{Limits, Sessions, SessionsConfig, SystemRandom};
use settings::Environment;

/// When every test begins: 1800000000 seconds after 1970.
pub(crate) fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)
}

/// A clock that goes when it is told to.
pub(crate) struct ManualClock(Mutex<SystemTime>);

impl ManualClock {
    pub(crate) fn set(&self, after_start: Duration) {
        *self.0.lock().unwrap() = start() + after_start;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// A table of one test.
pub(crate) struct Table {
    pub(crate) store: LocalDynamoDb,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) client: Client,
    config: SessionsConfig,
}

impl Table {
    pub(crate) async fn new() -> Self {
        let store = LocalDynamoDb::in_memory().await.unwrap();
        let environment = Environment::of(store.environment());
        let outbound = Outbound::from_environment(&environment).unwrap();
        Self {
            client: outbound.dynamodb(&environment).unwrap(),
            config: SessionsConfig::from_environment(&environment).unwrap(),
            clock: Arc::new(ManualClock(Mutex::new(start()))),
            store,
        }
    }

    /// The sessions as one more instance sees them.
    pub(crate) fn sessions(&self) -> Sessions {
        self.with_limits(Limits::default())
    }

    pub(crate) fn with_limits(&self, limits: Limits) -> Sessions {
        let config = SessionsConfig { limits, ..self.config.clone() };
        Sessions::new(self.client.clone(), config, self.clock.clone(), Arc::new(SystemRandom))
    }

    pub(crate) async fn rows(&self) -> Vec<HashMap<String, AttributeValue>> {
        let scan = self.client.scan().table_name(&self.config.table).send().await.unwrap();
        scan.items.unwrap_or_default()
    }

    /// The one row.
    pub(crate) async fn row(&self) -> HashMap<String, AttributeValue> {
        let mut rows = self.rows().await;
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    /// Writes a row past all rules, as somebody with access to the table could.
    pub(crate) async fn overwrite(&self, row: HashMap<String, AttributeValue>) {
        let put = self.client.put_item().table_name(&self.config.table).set_item(Some(row));
        put.send().await.unwrap();
    }
}
