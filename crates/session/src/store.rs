//! The sessions table. Every write to it is conditional.

mod attempts;
mod ending;
mod refresh;
mod row;

use std::{error::Error, sync::Arc, time::SystemTime};

use auth::Clock;
use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};

pub use attempts::Consumed;
pub use refresh::{Lease, Updated};
pub use row::Session;

use crate::{
    contents::{SessionContents, Token},
    limits::{Limits, SessionsConfig},
    random::Random,
    secret::SessionSecret,
};
use row::Row;

/// The table did not do what it was asked: it cannot be reached, is throttled, or refuses us.
/// Nothing is known about the session, so the answer is 503, never 401.
#[derive(Debug, thiserror::Error)]
#[error("the sessions table cannot be used: {0}")]
pub struct Unavailable(String);

impl<E, R> From<SdkError<E, R>> for Unavailable
where
    E: Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    /// What the table says, or else the chain of causes. Not the SDK's `DisplayErrorContext`: it
    /// ends with the whole answer when that is one that cannot be read, and rows are for no log.
    fn from(error: SdkError<E, R>) -> Self {
        if let Some(code) = error.code() {
            return Self(format!("{code}: {}", error.message().unwrap_or_default()));
        }
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        Self(text)
    }
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
    pub async fn warm(&self) -> Result<(), Unavailable> {
        self.client.get_item().table_name(&self.table).key("id", text("warm")).send().await?;
        Ok(())
    }

    /// Keeps a new session and gives its secret, which is always a new one.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn create(&self, contents: &SessionContents) -> Result<SessionSecret, Unavailable> {
        let secret = SessionSecret::generate(&*self.random);
        let row = Row::new(&secret, contents, self.now(), &self.limits, &*self.random);
        let put = self.client.put_item().table_name(&self.table).set_item(Some(row.item()));
        let put = put.condition_expression("attribute_not_exists(id)").send().await;
        // Nobody else can have drawn that secret: a row that it opens is our own,
        // written by an attempt of the SDK whose answer was lost.
        if unless_refused(put)?.is_none() && self.read(&secret).await?.is_none() {
            return Err(Unavailable("a new session's key is taken".to_owned()));
        }
        Ok(secret)
    }

    /// The session of that secret; `None` when there is none, when it is over by the limits, or
    /// when its row does not open.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn read(&self, secret: &SessionSecret) -> Result<Option<Session>, Unavailable> {
        let id = secret.id();
        let get = self.client.get_item().table_name(&self.table).key("id", text(id.as_str()));
        let item = get.consistent_read(true).send().await?.item;
        Ok(item.and_then(|item| self.live(secret, item)))
    }

    /// The access token of that session, good or not: whoever verifies it will tell. All that an
    /// API function needs, with no more right than `dynamodb:GetItem`.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn access_token(&self, secret: &SessionSecret) -> Result<Option<Token>, Unavailable> {
        Ok(self.read(secret).await?.map(|session| session.into_contents().access_token))
    }

    /// Marks the session as in use, if the last mark is old enough to be worth a write. A session
    /// that was ended meanwhile stays ended.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn touch(&self, session: &Session) -> Result<(), Unavailable> {
        let now = self.now();
        let age = now.duration_since(session.last_seen_at()).unwrap_or_default();
        if age < self.limits.touch_interval() {
            return Ok(());
        }
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", text(session.id().as_str()))
            .update_expression("SET last_seen_at = :now")
            .condition_expression("attribute_exists(id) AND last_seen_at = :seen")
            .expression_attribute_values(":now", seconds(now))
            .expression_attribute_values(":seen", seconds(session.last_seen_at()));
        unless_refused(update.send().await)?;
        Ok(())
    }

    fn live(&self, secret: &SessionSecret, item: row::Item) -> Option<Session> {
        let session = Row::open(item, secret, &self.limits)?;
        (self.now() < session.ends_at()).then_some(session)
    }

    fn now(&self) -> SystemTime {
        self.clock.now()
    }
}

/// `None` when the write's condition did not hold.
fn unless_refused<T, E, R>(result: Result<T, SdkError<E, R>>) -> Result<Option<T>, Unavailable>
where
    E: Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    match result {
        Ok(output) => Ok(Some(output)),
        Err(error) => {
            let code = error.as_service_error().and_then(|error| error.code());
            if code == Some("ConditionalCheckFailedException") {
                Ok(None)
            } else {
                Err(error.into())
            }
        }
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn seconds(time: SystemTime) -> AttributeValue {
    number(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs())
}
