//! Ends sessions.

use std::time::SystemTime;

use aws_sdk_dynamodb::types::ReturnValue;

use super::{
    Sessions, Unavailable,
    index::AFTERLIFE,
    number,
    row::{Row, Session},
    seconds, text, unless_refused,
};
use crate::{
    contents::SessionContents,
    secret::SessionSecret,
    user_key::{ProviderSessionKey, UserKey},
};

impl Sessions {
    /// Ends the session of that secret and gives what it held, even when it was over already.
    /// Ending what is not there is no error.
    ///
    /// # Errors
    /// When the table cannot be used: then the session lives on.
    pub async fn end(
        &self,
        secret: &SessionSecret,
    ) -> Result<Option<SessionContents>, Unavailable> {
        let id = secret.id();
        let delete = self.client.delete_item().table_name(&self.table);
        let delete = delete.key("id", text(id.as_str())).return_values(ReturnValue::AllOld);
        let item = delete.send().await?.attributes;
        let session = item.and_then(|item| Row::open(item, secret, &self.limits));
        Ok(session.map(Session::into_contents))
    }

    /// Ends a session if nobody renewed it since it was read. `false` when somebody did: then it
    /// lives on.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn end_unchanged(&self, session: &Session) -> Result<bool, Unavailable> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("id", text(session.id().as_str()))
            .condition_expression("attribute_not_exists(id) OR version = :version")
            .expression_attribute_values(":version", number(session.version()));
        Ok(unless_refused(delete.send().await)?.is_some())
    }

    /// Ends the sessions that were opened from that session at the provider by sign-ins that were
    /// begun at or before that moment, and says how many lived or still had a row. From now on no
    /// session is opened from it, whenever its sign-in was begun.
    ///
    /// # Errors
    /// When the table cannot be used: then some may live on, and it must be done again.
    pub async fn end_provider_session(
        &self,
        provider_session: &ProviderSessionKey,
        before: SystemTime,
    ) -> Result<usize, Unavailable> {
        // Nothing is opened under it any more, so the mark is all that must be kept: a front-channel
        // logout needs no proof, and whoever makes them up fills the table for that long only.
        self.end_list(provider_session.row(), before, self.now() + AFTERLIFE).await
    }

    /// Ends the sessions of that user whose sign-ins were begun at or before that moment, and
    /// says how many lived or still had a row. A sign-in that was begun then and is still under
    /// way will open none; one that is begun later lives.
    ///
    /// # Errors
    /// When the table cannot be used: then some may live on, and it must be done again.
    pub async fn end_user(&self, user: &UserKey, before: SystemTime) -> Result<usize, Unavailable> {
        self.end_list(user.row(), before, self.list_expiry()).await
    }

    /// Four at a time: a full list is done long before the provider that waits for it, or the
    /// function's own timeout, would give up.
    async fn end_list(
        &self,
        list: &str,
        before: SystemTime,
        expiry: SystemTime,
    ) -> Result<usize, Unavailable> {
        let ids = self.mark_ended(list, before, expiry).await?;
        let mut shares = ids.chunks(ids.len().div_ceil(4).max(1));
        let mut next = || Box::pin(self.end_each(shares.next().unwrap_or_default(), before));
        let (a, b, c, d) = tokio::try_join!(next(), next(), next(), next())?;
        Ok(a + b + c + d)
    }

    async fn end_each(&self, ids: &[String], before: SystemTime) -> Result<usize, Unavailable> {
        let mut ended = 0;
        for id in ids {
            let delete = self
                .client
                .delete_item()
                .table_name(&self.table)
                .key("id", text(id))
                // Not by `created_at`: a sign-in that was under way at that moment may have
                // opened its session since.
                .condition_expression("began_at <= :before")
                .expression_attribute_values(":before", seconds(before));
            let deleted = self.past_conflicts(|| delete.clone().send()).await;
            ended += usize::from(unless_refused(deleted)?.is_some());
        }
        Ok(ended)
    }
}
