//! Ends sessions.

use std::time::SystemTime;

use aws_sdk_dynamodb::{
    operation::delete_item::builders::DeleteItemFluentBuilder, types::ReturnValue,
};

use super::{
    Sessions, StoreError, number,
    row::{Row, Session, end_of_time},
    seconds,
    session_list::RETENTION,
};
use crate::{
    contents::SessionContents,
    secret::SessionSecret,
    user_key::{ProviderSessionKey, UserKey},
};

/// Which sign-ins open no session from a session at the provider that was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockedSignIns {
    /// All. For a logout that the provider signed: its next session has another `sid`.
    All,
    /// Those begun at or before this time. For an unsigned logout: an invented one must not
    /// keep a user from signing in again.
    BegunBefore(SystemTime),
}

impl Sessions {
    /// Ends the session of that secret and gives what it held, even when it was over already.
    /// Ending what is not there is no error.
    ///
    /// # Errors
    /// When the table cannot be used: then the session lives on.
    pub async fn end(&self, secret: &SessionSecret) -> Result<Option<SessionContents>, StoreError> {
        let id = secret.id();
        let delete = self.delete_row(id.as_str()).return_values(ReturnValue::AllOld);
        let item = self.retry_conflicts(|| delete.clone().send()).await?.attributes;
        let session = item.and_then(|item| Row::open(item, secret, &self.limits));
        Ok(session.map(Session::into_contents))
    }

    /// Ends a session if nobody renewed it since it was read. `false` when somebody did: then it
    /// lives on.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn end_unchanged(&self, session: &Session) -> Result<bool, StoreError> {
        let delete = self
            .delete_row(session.id().as_str())
            .condition_expression("attribute_not_exists(id) OR version = :version")
            .expression_attribute_values(":version", number(session.version()));
        self.delete_if(delete).await
    }

    /// Ends the sessions that were opened from that session at the provider, whenever their
    /// sign-ins began, and returns how many there were. `blocked` says which sign-ins open no
    /// session from it afterwards.
    ///
    /// # Errors
    /// When the table cannot be used: some sessions may still be active, and it must be done again.
    pub async fn end_provider_session(
        &self,
        provider_session: &ProviderSessionKey,
        blocked: BlockedSignIns,
    ) -> Result<usize, StoreError> {
        let before = match blocked {
            BlockedSignIns::All => end_of_time(),
            BlockedSignIns::BegunBefore(time) => time,
        };
        // Short, because a front-channel logout needs no proof: invented ones don't fill the table.
        let ids = self.mark_ended(provider_session.row(), before, self.now() + RETENTION).await?;
        self.end_all(&ids, |delete| delete.condition_expression("attribute_exists(id)")).await
    }

    /// Ends the sessions of that user whose sign-ins were begun at or before that moment, and
    /// says how many lived or still had a row. A sign-in that was begun then and is still under
    /// way will open none; one that is begun later lives.
    ///
    /// # Errors
    /// When the table cannot be used: then some may live on, and it must be done again.
    pub async fn end_user(&self, user: &UserKey, before: SystemTime) -> Result<usize, StoreError> {
        let ids = self.mark_ended(user.row(), before, self.list_expiry()).await?;
        self.end_all(&ids, |delete| {
            delete
                // Not by `created_at`: a sign-in that was under way at that moment may have
                // opened its session since.
                .condition_expression("began_at <= :before")
                .expression_attribute_values(":before", seconds(before))
        })
        .await
    }

    /// Ends the sessions of that user of which nobody knows from which session at the provider
    /// they were opened, if their sign-ins were begun at or before that moment: any of them may be
    /// of the one that is over.
    ///
    /// # Errors
    /// When the table cannot be used: then some may live on, and it must be done again.
    pub async fn end_unattributed(
        &self,
        user: &UserKey,
        before: SystemTime,
    ) -> Result<usize, StoreError> {
        let ids = self.list_item(user.row()).await?.ids;
        self.end_all(&ids, |delete| {
            delete
                .condition_expression(
                    "began_at <= :before AND attribute_not_exists(provider_session)",
                )
                .expression_attribute_values(":before", seconds(before))
        })
        .await
    }

    /// Four at a time: a full list is done long before the provider that waits for it, or the
    /// function's own timeout, would give up.
    async fn end_all(
        &self,
        ids: &[String],
        only: impl Fn(DeleteItemFluentBuilder) -> DeleteItemFluentBuilder,
    ) -> Result<usize, StoreError> {
        let mut shares = ids.chunks(ids.len().div_ceil(4).max(1));
        let mut next = || Box::pin(self.end_each(shares.next().unwrap_or_default(), &only));
        let (a, b, c, d) = tokio::try_join!(next(), next(), next(), next())?;
        Ok(a + b + c + d)
    }

    async fn end_each(
        &self,
        ids: &[String],
        only: impl Fn(DeleteItemFluentBuilder) -> DeleteItemFluentBuilder,
    ) -> Result<usize, StoreError> {
        let mut ended = 0;
        for id in ids {
            ended += usize::from(self.delete_if(only(self.delete_row(id))).await?);
        }
        Ok(ended)
    }
}
