mod access_key;
mod api;
mod file;
mod server;
mod tables;

use std::{fmt, io, net::SocketAddr, path::Path};

use dynoxide::Database;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::template::Template;
use access_key::AccessKey;
use file::FileLock;
use server::Server;

/// A DynamoDB on this machine with the tables of `template.yaml`.
///
/// It ends when it is dropped.
pub struct LocalDynamoDb {
    address: SocketAddr,
    endpoint: String,
    key: AccessKey,
    table_variables: Vec<(String, String)>,
    server: Mutex<Server>,
    /// Held for as long as the file is open.
    _lock: Option<FileLock>,
}

/// Why the store cannot be had. Each is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be made or opened.
    #[error("cannot open the database {path}: {reason}")]
    Open {
        /// The database file.
        path: String,
        /// What the file system or SQLite said.
        reason: String,
    },
    /// The file is there and is no SQLite database, or a damaged one.
    #[error("{path} is not a database that can be read: delete that file to start afresh")]
    Damaged {
        /// The database file.
        path: String,
    },
    /// Another process has the file open.
    #[error(
        "the database {path} is in use by another process: end that one, or use another folder"
    )]
    InUse {
        /// The database file.
        path: String,
    },
    /// A table in the file has other keys or indexes than the template.
    #[error(
        "the table {table} in {path} was made from another version of template.yaml: \
         delete that file to start afresh, or go back to the version that made it"
    )]
    OtherSchema {
        /// The table's name.
        table: String,
        /// The database file.
        path: String,
    },
    /// The template's table is not one that DynamoDB takes.
    #[error("the table {table} of template.yaml cannot be made: {reason}")]
    Table {
        /// The table's name.
        table: String,
        /// What the emulator said.
        reason: String,
    },
    /// Rows that the table does not take.
    #[error("the table {table} does not take these rows: {reason}")]
    Rows {
        /// The table's name.
        table: String,
        /// What the emulator said.
        reason: String,
    },
    /// The template cannot be read.
    #[error(transparent)]
    Template(#[from] crate::template::TemplateError),
    /// No port to listen on.
    #[error("cannot listen on the loopback interface: {0}")]
    Listen(#[from] io::Error),
}

/// The emulator takes every file that is no SQLite database for an encrypted one, and says how to
/// build it for those.
fn open_error(path: &str, error: &dynoxide::DynoxideError) -> StoreError {
    let (path, reason) = (path.to_owned(), error.to_string());
    if reason.contains("not a valid SQLite database") {
        StoreError::Damaged { path }
    } else {
        StoreError::Open { path, reason }
    }
}

impl LocalDynamoDb {
    /// An empty store in memory. Must be called within a Tokio runtime, which serves it.
    ///
    /// # Errors
    /// When no loopback port can be had.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let database = Database::memory().map_err(|error| StoreError::Open {
            path: ":memory:".to_owned(),
            reason: error.to_string(),
        })?;
        Self::start(database, None, ":memory:").await
    }

    /// The store in this SQLite file, made when it is not there; its folder
    /// must exist. Tables that are missing are made, rows whose TTL has passed
    /// are deleted. Must be called within a Tokio runtime, which serves it.
    ///
    /// # Errors
    /// When the file cannot be used, is in use, or holds tables of another schema.
    pub async fn in_file(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let lock = FileLock::take(path)?;
        let name = path.display().to_string();
        let database = Database::new(&name).map_err(|error| open_error(&name, &error))?;
        Self::start(database, Some(lock), &name).await
    }

    async fn start(
        database: Database,
        lock: Option<FileLock>,
        path: &str,
    ) -> Result<Self, StoreError> {
        let template = Template::project();
        tables::create(&database, &template.tables()?, path)?;
        // Only tidying: the code judges times itself, as it must with DynamoDB.
        let _ = database.sweep_ttl();
        let key = AccessKey::generate();
        let server = Server::start(database, key.clone()).await?;
        let address = server.address();
        Ok(Self {
            address,
            endpoint: format!("http://{address}"),
            key,
            table_variables: template.table_variables(),
            server: Mutex::new(server),
            _lock: lock,
        })
    }

    /// Where it listens, `http://127.0.0.1:{port}`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The port it listens on; it stays the same over a pause.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The variables by which a function finds the store and its tables, for
    /// `settings::Environment::of`. Requests with other credentials are refused.
    pub fn environment(&self) -> Vec<(String, String)> {
        let fixed = [
            ("AWS_ENDPOINT_URL_DYNAMODB", self.endpoint.as_str()),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", &self.key.id),
            ("AWS_SECRET_ACCESS_KEY", &self.key.secret),
        ];
        let fixed = fixed.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        fixed.chain(self.table_variables.iter().cloned()).collect()
    }

    /// Puts rows into a table, all of them or none, each as the API writes an item:
    /// `{"id": {"S": "1"}}`. For more rows than requests could write in reasonable time.
    ///
    /// # Errors
    /// When there is no such table, or a row is not one of its.
    pub async fn fill(&self, table: &str, rows: Vec<Value>) -> Result<(), StoreError> {
        tables::fill(self.server.lock().await.database(), table, rows)
    }

    /// Takes the store away: requests under way are finished, new connections
    /// are refused. Nothing happens when it is already away.
    pub async fn pause(&self) {
        self.server.lock().await.pause().await;
    }

    /// Brings the store back on the same port with the same rows. Nothing
    /// happens when it is already there.
    ///
    /// # Errors
    /// When the port was lost meanwhile.
    pub async fn resume(&self) -> Result<(), StoreError> {
        Ok(self.server.lock().await.resume().await?)
    }
}

impl fmt::Debug for LocalDynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalDynamoDb").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
