use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use auth::Clock;
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use local_aws::LocalDynamoDb;
use outbound::{Outbound, Timeouts};
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
        let outbound = Outbound::with_timeouts(&environment, Timeouts::NONE).unwrap();
        Self {
            client: outbound.dynamodb(&environment).unwrap(),
            config: SessionsConfig::from_environment(&environment).unwrap(),
            clock: Arc::new(ManualClock(Mutex::new(start()))),
            store,
        }
    }

    /// With the sessions as an instance sees them.
    pub(crate) async fn with_sessions() -> (Self, Sessions) {
        let table = Self::new().await;
        let sessions = table.sessions();
        (table, sessions)
    }

    /// The sessions as one more instance sees them.
    pub(crate) fn sessions(&self) -> Sessions {
        self.with_limits(Limits::default())
    }

    pub(crate) fn with_limits(&self, limits: Limits) -> Sessions {
        let config = SessionsConfig { limits, ..self.config.clone() };
        Sessions::new(self.client.clone(), config, self.clock.clone(), Arc::new(SystemRandom))
    }

    /// A table of somebody else's at that address, which has no clock and no rows of ours.
    pub(crate) fn sessions_at(endpoint: &str) -> Sessions {
        let environment = Environment::of([
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "key"),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
            ("SESSIONS_TABLE", "sessions"),
        ]);
        let outbound = Outbound::with_timeouts(&environment, Timeouts::NONE).unwrap();
        let client = outbound.dynamodb(&environment).unwrap();
        let config = SessionsConfig::from_environment(&environment).unwrap();
        Sessions::new(client, config, Arc::new(auth::SystemClock), Arc::new(SystemRandom))
    }

    pub(crate) async fn all_rows(&self) -> Vec<HashMap<String, AttributeValue>> {
        let scan = self.client.scan().table_name(&self.config.table).send().await.unwrap();
        scan.items.unwrap_or_default()
    }

    /// All rows but the lists of sessions.
    pub(crate) async fn rows(&self) -> Vec<HashMap<String, AttributeValue>> {
        let is_list = |id: &str| id.starts_with("user#") || id.starts_with("sid#");
        let mut rows = self.all_rows().await;
        rows.retain(|row| !is_list(row["id"].as_s().unwrap()));
        rows
    }

    /// The rows that list sessions, by the first part of their key.
    pub(crate) async fn list(&self, kind: &str) -> HashMap<String, AttributeValue> {
        let mut rows = self.all_rows().await;
        rows.retain(|row| row["id"].as_s().unwrap().starts_with(kind));
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    /// What the TTL does to a row, some day.
    pub(crate) async fn delete(&self, id: &str) {
        let key = AttributeValue::S(id.to_owned());
        let delete = self.client.delete_item().table_name(&self.config.table).key("id", key);
        delete.send().await.unwrap();
    }

    /// The one row that is no list.
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
