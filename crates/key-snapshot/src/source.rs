//! Where `auth` gets a provider's documents from.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use auth::{Clock, Fetch, FetchFuture, Fetched, HttpFetch, ProviderConfig, FetchRequest};
use aws_sdk_dynamodb::Client;
use outbound::Outbound;
use settings::{Environment, SettingError};

use crate::{KeysConfig, Snapshot, Snapshots, writer::Writer};

/// How long what was read serves without another look: metadata and keys are asked for one
/// after the other, and both are in one row.
const REMEMBERED: Duration = Duration::from_secs(5);

/// How long a read may take. The provider is asked after it, and the request's own reads come on
/// top: a table that hangs must not cost the answer that says so.
const PATIENCE: Duration = Duration::from_millis(700);

/// When the table is looked into again after the writer was woken. Longer in sum, and whoever
/// waits for the start would rather have asked the provider.
const LOOKS: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

/// The provider, behind the copies of its documents where there are such.
#[derive(Clone)]
pub struct KeySource {
    provider: HttpFetch,
    copies: Option<Arc<Copies>>,
}

struct Copies {
    snapshots: Snapshots,
    writer: Option<Writer>,
    clock: Arc<dyn Clock>,
    remembered: Mutex<Option<Remembered>>,
}

struct Remembered {
    at: SystemTime,
    snapshot: Arc<Snapshot>,
}

impl KeySource {
    /// The source that `config` names, for that provider. `dynamodb` is the client of the other
    /// tables, so that all share its connections.
    ///
    /// # Errors
    /// When there is a function to wake and a setting of AWS is missing.
    pub fn new(
        config: &KeysConfig,
        provider: &ProviderConfig,
        environment: &Environment,
        outbound: &Outbound,
        dynamodb: &Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SettingError> {
        let KeysConfig { table, function } = config.clone();
        let writer = function
            .map(|function| outbound.lambda_function(environment, function))
            .transpose()?
            .map(|function| Writer::new(function, Arc::clone(&clock)));
        let copies = table.map(|table| {
            let snapshots = Snapshots::new(dynamodb.clone(), table, provider);
            Arc::new(Copies { snapshots, writer, clock, remembered: Mutex::default() })
        });
        Ok(Self { provider: HttpFetch::new(outbound.http().clone()), copies })
    }

    /// Whether there is a table, so that loading keys opens the connection to DynamoDB.
    pub fn has_table(&self) -> bool {
        self.copies.is_some()
    }
}

impl Fetch for KeySource {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let Some(copies) = &self.copies else { return self.provider.fetch(wanted) };
        Box::pin(async move {
            let Some(copy) = copies.of(wanted).await else {
                return self.provider.fetch(wanted).await;
            };
            if wanted.accepts(&copy) {
                return Ok(copy);
            }
            let asked = match &copies.writer {
                // Beside it, so that whoever starts next finds a new one.
                Some(writer) => tokio::join!(self.provider.fetch(wanted), writer.wake()).0,
                None => self.provider.fetch(wanted).await,
            };
            asked.or_else(|cause| {
                if !wanted.accepts_on_error(&copy) {
                    return Err(cause);
                }
                // For `auth` the fetch has succeeded: nobody else says that the provider failed.
                tracing::warn!(code = "old_copy_served", %cause, "the provider did not answer");
                Ok(copy)
            })
        })
    }
}

impl Copies {
    /// The copy of a document. When there is none of anything, the writer is woken and waited for:
    /// a thousand instances that start at once then cost the provider one answer.
    async fn of(&self, wanted: FetchRequest<'_>) -> Option<Fetched> {
        if let Some(snapshot) = self.look().await? {
            return self.fetched(&snapshot, wanted);
        }
        // Who takes no copy is not served by waiting for one.
        let writer = self.writer.as_ref().filter(|_| !wanted.max_age.is_zero())?;
        let refused = async {
            if writer.wake().await {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = refused => None,
            snapshot = self.wait() => self.fetched(&*snapshot?, wanted),
        }
    }

    /// Looks until there is a snapshot.
    async fn wait(&self) -> Option<Arc<Snapshot>> {
        for pause in LOOKS {
            tokio::time::sleep(pause).await;
            if let Some(snapshot) = self.look().await? {
                return Some(snapshot);
            }
        }
        tracing::warn!(code = "keys_writer_slow", "no copies of keys yet: asking the provider");
        None
    }

    fn fetched(&self, snapshot: &Snapshot, wanted: FetchRequest<'_>) -> Option<Fetched> {
        let document = snapshot.document(wanted.url.as_str())?;
        let age = snapshot.age(self.clock.now())?;
        let body = document.body.clone().into_bytes();
        Some(Fetched { body, max_age: document.max_age, age: Some(age) })
    }

    /// The snapshot, if there is one that may serve at all. `None` when the table cannot be read.
    async fn look(&self) -> Option<Option<Arc<Snapshot>>> {
        if let Some(snapshot) = self.remembered() {
            return Some(Some(snapshot));
        }
        let fault = match tokio::time::timeout(PATIENCE, self.snapshots.read()).await {
            Ok(Ok(read)) => return Some(self.remember(read)),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("the keys table does not answer within {PATIENCE:?}"),
        };
        tracing::warn!(code = "key_snapshot_not_read", %fault, "asking the provider");
        None
    }

    fn remember(&self, read: Option<Snapshot>) -> Option<Arc<Snapshot>> {
        let at = self.clock.now();
        let snapshot = read.filter(|snapshot| snapshot.age(at).is_some()).map(Arc::new);
        let remembered = snapshot.clone().map(|snapshot| Remembered { at, snapshot });
        *self.remembered.lock().unwrap_or_else(PoisonError::into_inner) = remembered;
        snapshot
    }

    fn remembered(&self) -> Option<Arc<Snapshot>> {
        let now = self.clock.now();
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let Remembered { at, snapshot } = remembered.as_ref()?;
        let is_recent = now.duration_since(*at).is_ok_and(|since| since <= REMEMBERED);
        is_recent.then(|| snapshot.clone())
    }
}
