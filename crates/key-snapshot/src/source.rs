//! Where `auth` gets a provider's documents from.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use auth::{Clock, Fetch, FetchFuture, FetchRequest, Fetched, HttpFetch, ProviderConfig};
use aws_sdk_dynamodb::Client;
use outbound::Outbound;
use settings::{Environment, SettingErrors};

use crate::{
    KeysConfig, Snapshot, Snapshots, Timer,
    claim::is_leased,
    row::Row,
    timer::{TokioTimer, within},
    writer::Writer,
};

/// How long a row that was read serves without another read: metadata and keys are asked for one
/// after the other, and both are in one row.
const REMEMBERED: Duration = Duration::from_secs(5);

/// How long a read may take. The provider is asked after it, and the request's own reads come on
/// top: a table that hangs must not use up the time for the answer that says so.
const READ_TIMEOUT: Duration = Duration::from_millis(700);

/// Pauses between reads of the table after the writer was woken: 1.5 s in sum.
const START_PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

/// Further pauses, only while the row shows that a writer is at work: 2.4 s in sum. A provider that
/// keeps one writer waiting for so long must not be asked by every instance as well.
///
/// # What breaks if these are longer
/// Writer, metadata and keys together must leave time for the response: a function that times out
/// answers nothing, while one without keys answers 503.
const LEASE_PAUSES: [Duration; 3] = [Duration::from_millis(800); 3];

/// How long an instance waits for a writer in all, even if each read takes almost its whole time.
const WAIT_LIMIT: Duration = Duration::from_secs(5);

/// The provider, behind the copies of its documents where there are such.
#[derive(Clone)]
pub struct KeySource {
    provider: HttpFetch,
    reader: Option<Arc<SnapshotReader>>,
}

struct SnapshotReader {
    snapshots: Snapshots,
    writer: Option<Writer>,
    clock: Arc<dyn Clock>,
    timer: Box<dyn Timer>,
    remembered: Mutex<Option<Remembered>>,
}

/// What a read of the table found.
enum Found {
    /// A snapshot that is not too old.
    Snapshot(Arc<Snapshot>),
    /// No snapshot yet, but a writer is asking the provider.
    Lease,
    Nothing,
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
    ) -> Result<Self, SettingErrors> {
        let KeysConfig { table, function } = config.clone();
        let writer = function
            .map(|function| outbound.lambda_function(environment, function))
            .transpose()?
            .map(Writer::new);
        let reader = table.map(|table| {
            let snapshots = Snapshots::new(dynamodb.clone(), table, provider);
            let (timer, remembered) = (Box::new(TokioTimer), Mutex::default());
            Arc::new(SnapshotReader { snapshots, writer, clock, timer, remembered })
        });
        let provider =
            HttpFetch::new(outbound.http().clone()).with_time_limit(outbound.timeouts().document);
        Ok(Self { provider, reader })
    }

    /// The same with another way to wait. Call it before the source is cloned.
    #[must_use]
    pub fn with_timer(mut self, timer: impl Timer) -> Self {
        if let Some(reader) = self.reader.as_mut().and_then(Arc::get_mut) {
            reader.timer = Box::new(timer);
        }
        self
    }

    /// Whether there is a table, so that loading keys opens the connection to DynamoDB.
    pub fn has_table(&self) -> bool {
        self.reader.is_some()
    }
}

impl Fetch for KeySource {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let Some(reader) = &self.reader else { return self.provider.fetch(wanted) };
        Box::pin(async move {
            // Boxed to keep the futures of startup small: waiting for the writer is rare and large.
            let Some(copy) = Box::pin(reader.copy(wanted)).await else {
                return self.provider.fetch(wanted).await;
            };
            if wanted.accepts(&copy) {
                return Ok(copy);
            }
            let asked = match &reader.writer {
                // At the same time, so that the next instance finds a new copy.
                Some(writer) => tokio::join!(self.provider.fetch(wanted), reader.wake(writer)).0,
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

impl SnapshotReader {
    /// The copy of a document. When there is none of anything, the writer is woken and waited for:
    /// a thousand instances that start at once then cost the provider one answer.
    async fn copy(&self, wanted: FetchRequest<'_>) -> Option<Fetched> {
        if let Found::Snapshot(snapshot) = self.find().await? {
            return self.fetched(&snapshot, wanted);
        }
        // A request that takes no copy gains nothing by waiting for one.
        let writer = self.writer.as_ref().filter(|_| !wanted.max_age.is_zero())?;
        let refused = async {
            if self.wake(writer).await {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            // A writer that was not woken is not waited for, not even for a moment.
            biased;
            () = refused => None,
            snapshot = self.wait() => self.fetched(&*snapshot?, wanted),
        }
    }

    async fn wake(&self, writer: &Writer) -> bool {
        writer.wake(self.clock.now(), &*self.timer).await
    }

    /// Reads the table until there is a snapshot. `None` when the provider is to be asked: the
    /// writer has not started in time, or takes too long.
    async fn wait(&self) -> Option<Arc<Snapshot>> {
        let mut is_leased = false;
        let deadline = self.clock.now() + WAIT_LIMIT;
        let pauses = START_PAUSES.map(|pause| (pause, false)).into_iter();
        for (pause, needs_lease) in pauses.chain(LEASE_PAUSES.map(|pause| (pause, true))) {
            if (needs_lease && !is_leased) || self.clock.now() > deadline {
                break;
            }
            self.timer.pause(pause).await;
            match self.find().await? {
                Found::Snapshot(snapshot) => return Some(snapshot),
                Found::Lease => is_leased = true,
                Found::Nothing => is_leased = false,
            }
        }
        tracing::warn!(code = "keys_writer_slow", "no copies of keys yet: asking the provider");
        None
    }

    fn fetched(&self, snapshot: &Snapshot, wanted: FetchRequest<'_>) -> Option<Fetched> {
        let document = snapshot.document(&self.snapshots.issuer, wanted.url.as_str())?;
        let age = snapshot.age(self.clock.now())?;
        Some(Fetched {
            body: document.body.into_bytes(),
            max_age: document.max_age,
            age: Some(age),
        })
    }

    /// What the table holds. `None` when it cannot be read.
    async fn find(&self) -> Option<Found> {
        if let Some(snapshot) = self.remembered() {
            return Some(Found::Snapshot(snapshot));
        }
        let error = match within(self.timer.timeout(READ_TIMEOUT), self.snapshots.row()).await {
            Some(Ok(row)) => return Some(self.remember(&row)),
            Some(Err(error)) => error.to_string(),
            None => format!("the keys table does not answer within {READ_TIMEOUT:?}"),
        };
        tracing::warn!(code = "key_snapshot_not_read", %error, "asking the provider");
        None
    }

    fn remember(&self, row: &Row) -> Found {
        let at = self.clock.now();
        let snapshot = self.snapshots.snapshot(row);
        let snapshot = snapshot.filter(|snapshot| snapshot.age(at).is_some()).map(Arc::new);
        let remembered = snapshot.clone().map(|snapshot| Remembered { at, snapshot });
        *self.remembered.lock().unwrap_or_else(PoisonError::into_inner) = remembered;
        match snapshot {
            Some(snapshot) => Found::Snapshot(snapshot),
            None if is_leased(row, at) => Found::Lease,
            None => Found::Nothing,
        }
    }

    fn remembered(&self) -> Option<Arc<Snapshot>> {
        let now = self.clock.now();
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let Remembered { at, snapshot } = remembered.as_ref()?;
        let is_recent = now.duration_since(*at).is_ok_and(|since| since <= REMEMBERED);
        is_recent.then(|| snapshot.clone())
    }
}
