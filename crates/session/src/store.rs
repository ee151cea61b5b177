//! The sessions table. Every write to it is conditional.

mod conflict_retry;
mod create;
mod end;
mod list;
mod list_entry;
mod logout_tokens;
mod prune;
mod refresh;
mod row;
mod session_list;
mod sign_in_transactions;

use std::{sync::Arc, time::SystemTime};

use auth::Clock;
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{
        delete_item::builders::DeleteItemFluentBuilder,
        update_item::builders::UpdateItemFluentBuilder,
    },
    types::AttributeValue,
};
use outbound::{DynamoDbError, unless_condition_failed};

pub use create::{Created, SignIn};
pub use end::BlockedSignIns;
pub use list::SessionSummary;
pub use refresh::{Lease, Refreshed, Updated};
pub use row::Session;
pub use sign_in_transactions::Consumed;

use crate::{
    limits::{Limits, SessionsConfig},
    random::Random,
    secret::SessionSecret,
};
use row::Row;

/// The table did not do what it was asked: it cannot be reached, is throttled, or refuses us.
/// Nothing is known about the session, so the answer is 503, never 401.
#[derive(Debug, thiserror::Error)]
#[error("the sessions table cannot be used: {0}")]
pub struct StoreError(#[from] DynamoDbError);

impl<E> From<SdkError<E>> for StoreError
where
    DynamoDbError: From<SdkError<E>>,
{
    fn from(error: SdkError<E>) -> Self {
        Self(error.into())
    }
}

/// What is known of the session of a secret.
#[derive(Debug)]
pub enum ReadOutcome {
    /// It is active.
    Active(Session),
    /// It has passed its limits, so it signs no one in. Its row still exists, and its refresh token
    /// can be revoked when it is ended.
    Expired(Session),
    /// It doesn't exist, or its row can't be decrypted.
    NotFound,
}

/// The sessions of all users, in one DynamoDB table. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    client: Client,
    table: String,
    limits: Limits,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Sessions {
    /// The table of `config`, through `client`.
    pub fn new(
        client: Client,
        config: SessionsConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let SessionsConfig { table, limits } = config;
        Self { client, table, limits, clock, random }
    }

    /// Asks the table for nothing in particular, so that the connection is there when it counts.
    ///
    /// # Errors
    /// When the table cannot be used; the next call may well succeed.
    pub async fn warm(&self) -> Result<(), StoreError> {
        self.client.get_item().table_name(&self.table).key("id", text("warm")).send().await?;
        Ok(())
    }

    /// The session of that secret; `None` when there is none, when it is over by the limits, or
    /// when its row does not open.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn read(&self, secret: &SessionSecret) -> Result<Option<Session>, StoreError> {
        Ok(match self.read_outcome(secret).await? {
            ReadOutcome::Active(session) => Some(session),
            ReadOutcome::Expired(_) | ReadOutcome::NotFound => None,
        })
    }

    /// The same, for whoever has something left to do for a session that is over by the limits.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn read_outcome(&self, secret: &SessionSecret) -> Result<ReadOutcome, StoreError> {
        let id = secret.id();
        let session =
            self.row(id.as_str()).await?.and_then(|item| Row::open(item, secret, &self.limits));
        Ok(match session {
            Some(session) if self.is_live(&session) => ReadOutcome::Active(session),
            Some(session) => ReadOutcome::Expired(session),
            None => ReadOutcome::NotFound,
        })
    }

    /// Marks the session as in use, if the last mark is old enough to be worth a write. A session
    /// that was ended meanwhile stays ended.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn touch(&self, session: &Session) -> Result<(), StoreError> {
        let now = self.now();
        let age = now.duration_since(session.last_seen_at()).unwrap_or_default();
        if age < self.limits.touch_interval() {
            return Ok(());
        }
        let update = self
            .update_row(session.id().as_str())
            .update_expression("SET last_seen_at = :now")
            .condition_expression("attribute_exists(id) AND last_seen_at = :seen")
            .expression_attribute_values(":now", seconds(now))
            .expression_attribute_values(":seen", seconds(session.last_seen_at()));
        unless_condition_failed(update.send().await)?;
        Ok(())
    }

    /// A row as it is now.
    async fn row(&self, id: &str) -> Result<Option<row::Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).key("id", text(id));
        Ok(get.consistent_read(true).send().await?.item)
    }

    fn update_row(&self, id: &str) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).key("id", text(id))
    }

    fn delete_row(&self, id: &str) -> DeleteItemFluentBuilder {
        self.client.delete_item().table_name(&self.table).key("id", text(id))
    }

    /// Whether the condition of this delete held.
    async fn delete_if(&self, delete: DeleteItemFluentBuilder) -> Result<bool, StoreError> {
        let deleted = self.retry_conflicts(|| delete.clone().send()).await;
        Ok(unless_condition_failed(deleted)?.is_some())
    }

    fn live(&self, secret: &SessionSecret, item: row::Item) -> Option<Session> {
        Row::open(item, secret, &self.limits).filter(|session| self.is_live(session))
    }

    fn is_live(&self, session: &Session) -> bool {
        self.now() < session.ends_at()
    }

    fn now(&self) -> SystemTime {
        self.clock.now()
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn seconds(time: SystemTime) -> AttributeValue {
    number(epoch_seconds(time))
}

fn epoch_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
