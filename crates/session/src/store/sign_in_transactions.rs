//! Uses each sign-in transaction once.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Sessions, StoreError, seconds, text, unless_condition_failed};
use crate::{
    random,
    sign_in_transaction::{OAuthState, SIGN_IN_LIFETIME},
};

/// Whether a transaction was used for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Consumed {
    /// This request may continue.
    FirstUse,
    /// Another request was faster, or this is a replay.
    AlreadyUsed,
}

impl Sessions {
    /// Uses the transaction of that state, which works once. Call this before redeeming the code:
    /// of two requests with the same authorization response, only one continues.
    ///
    /// # Errors
    /// When the table can't be used; the sign-in must not continue.
    pub async fn consume_transaction(&self, state: &OAuthState) -> Result<Consumed, StoreError> {
        let hash = digest::digest(&digest::SHA256, state.as_str().as_bytes());
        let id = format!("attempt#{}", URL_SAFE_NO_PAD.encode(hash));
        let consumer = text(&random::text(&*self.random));
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("id", text(&id))
            .item("consumer", consumer.clone())
            // Twice the lifetime also covers a transaction from an instance whose clock is ahead.
            .item("expires_at", seconds(self.now() + 2 * SIGN_IN_LIFETIME))
            .condition_expression("attribute_not_exists(id)");
        if unless_condition_failed(put.send().await)?.is_some() {
            return Ok(Consumed::FirstUse);
        }
        // The row is ours if the response to an earlier try of the SDK was lost.
        let row = self.row(&id).await?.unwrap_or_default();
        let is_ours = row.get("consumer") == Some(&consumer);
        Ok(if is_ours { Consumed::FirstUse } else { Consumed::AlreadyUsed })
    }
}
