//! Opens sessions, each listed under its user and its session at the provider.

use std::time::SystemTime;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use outbound::DynamoDbError;

use super::{
    Sessions, StoreError,
    conflict_retry::TRIES,
    number,
    row::{Item, Row, blob},
    seconds,
    session_list::{List, MAX_LISTED},
    text,
};
use crate::{
    contents::SessionContents,
    device::Device,
    sealing,
    secret::SessionSecret,
    user_key::{ProviderSessionKey, UserKey},
};

/// What is known about a sign-in besides what the provider gave.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Who signed in.
    pub user: UserKey,
    /// The session at the provider, when the ID token names one (`sid`).
    pub provider_session: Option<ProviderSessionKey>,
    /// When the sign-in was begun here.
    pub began_at: SystemTime,
    /// What it came from.
    pub device: Device,
}

impl SignIn {
    fn lists(&self) -> Vec<List<'_>> {
        let provider_session = self.provider_session.as_ref().map(ProviderSessionKey::row);
        let keys = [Some(self.user.row()), provider_session];
        keys.into_iter().flatten().map(|key| List::new(key, self.began_at)).collect()
    }
}

/// Whether a session was opened.
#[derive(Debug)]
#[must_use]
pub enum Created {
    /// Yes, and this is its secret, which is always a new one.
    Session(SessionSecret),
    /// No: the user, or their session at the provider, was signed out while the sign-in was under
    /// way. They can begin another one.
    EndedMeanwhile,
}

impl Created {
    /// The secret, if there is one.
    pub fn secret(self) -> Option<SessionSecret> {
        match self {
            Self::Session(secret) => Some(secret),
            Self::EndedMeanwhile => None,
        }
    }
}

impl Sessions {
    /// Keeps a new session and lists it, in one step: whoever ends the sessions of that user
    /// either finds it in the list, or leaves a mark by which it is not opened.
    ///
    /// A user keeps 100 sessions; of more, the oldest is ended.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn create(
        &self,
        contents: &SessionContents,
        sign_in: &SignIn,
    ) -> Result<Created, StoreError> {
        let secret = SessionSecret::generate(&*self.random);
        let row = self.new_row(&secret, contents, sign_in);
        let lists = sign_in.lists();
        for tries in 0..TRIES {
            self.pause(tries).await;
            let items = self.transaction(&secret, &row, &lists);
            let transaction = self.client.transact_write_items().set_transact_items(Some(items));
            let Err(error) = transaction.send().await else {
                return Ok(Created::Session(secret));
            };
            match error.into() {
                DynamoDbError::Conflict => {}
                DynamoDbError::ConditionFailed { position, .. } => {
                    let Some(list) = position.checked_sub(1).and_then(|list| lists.get(list))
                    else {
                        return self.if_ours(secret).await;
                    };
                    if !self.can_be_listed(*list).await? {
                        return Ok(Created::EndedMeanwhile);
                    }
                }
                error => return Err(error.into()),
            }
        }
        Err(StoreError(DynamoDbError::Conflict))
    }

    fn new_row(
        &self,
        secret: &SessionSecret,
        contents: &SessionContents,
        sign_in: &SignIn,
    ) -> Item {
        let SignIn { user, provider_session, began_at, device } = sign_in;
        let mut row = Row::new(secret, contents, self.now(), &self.limits, &*self.random).item();
        let device = sealing::seal_device(device, user, &secret.id(), &*self.random);
        let mut set = |name: &str, value| row.insert(name.to_owned(), value);
        set("user", text(user.row()));
        set("began_at", seconds(*began_at));
        set("device", blob(device));
        if let Some(provider_session) = provider_session {
            set("provider_session", text(provider_session.row()));
        }
        row
    }

    /// The row first, then its lists: by these positions, an error names the failed condition.
    fn transaction(
        &self,
        secret: &SessionSecret,
        row: &Item,
        lists: &[List<'_>],
    ) -> Vec<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(row.clone()))
            .condition_expression("attribute_not_exists(id)")
            .build()
            .expect("a table and an item are all that a Put needs");
        let id = AttributeValue::Ss(vec![secret.id().as_str().to_owned()]);
        let list = |list: &List<'_>| {
            let update = Update::builder()
                .table_name(&self.table)
                .key("id", text(list.key))
                .update_expression("ADD #sessions :session SET expires_at = :expiry")
                .condition_expression(
                    "(attribute_not_exists(ended_at) OR ended_at < :began) \
                     AND (attribute_not_exists(#sessions) OR size(#sessions) < :most)",
                )
                .expression_attribute_names("#sessions", "sessions")
                .expression_attribute_values(":session", id.clone())
                .expression_attribute_values(":expiry", seconds(self.list_expiry()))
                .expression_attribute_values(":began", number(list.began_at))
                .expression_attribute_values(":most", number(MAX_LISTED))
                .build()
                .expect("key, table and expression are all that an Update needs");
            TransactWriteItem::builder().update(update).build()
        };
        let put = TransactWriteItem::builder().put(put).build();
        [put].into_iter().chain(lists.iter().map(list)).collect()
    }

    /// Nobody else can have drawn that secret: a row that it opens is our own, written by an
    /// SDK request whose response was lost.
    async fn if_ours(&self, secret: SessionSecret) -> Result<Created, StoreError> {
        match self.read(&secret).await? {
            Some(_) => Ok(Created::Session(secret)),
            None => {
                Err(StoreError(DynamoDbError::Rejected("a new session's key is taken".to_owned())))
            }
        }
    }

    /// Why a list did not take a session: the mark of an end, or no room, which is made here.
    async fn can_be_listed(&self, list: List<'_>) -> Result<bool, StoreError> {
        let item = self.list_item(list.key).await?;
        if item.ended_at.is_some_and(|ended_at| ended_at >= list.began_at) {
            return Ok(false);
        }
        self.evict(list.key, &item).await?;
        Ok(true)
    }
}
