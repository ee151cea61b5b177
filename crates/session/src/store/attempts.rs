//! Sign-in attempts that were used up.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Sessions, Unavailable, seconds, text, unless_condition_failed};
use crate::{
    attempt::{ATTEMPT_LIFETIME, State},
    random,
};

/// Whether an attempt was used for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Consumed {
    /// Yes: this request may go on.
    Now,
    /// No: somebody was faster, or this is a replay.
    Before,
}

impl Sessions {
    /// Uses up the attempt of that state, which works once. To be done before its code is
    /// redeemed: of two requests with the same answer of the provider, one goes on.
    ///
    /// # Errors
    /// When the table cannot be used: then the attempt must not go on.
    pub async fn consume_attempt(&self, state: &State) -> Result<Consumed, Unavailable> {
        let hash = digest::digest(&digest::SHA256, state.as_str().as_bytes());
        let id = text(&format!("attempt#{}", URL_SAFE_NO_PAD.encode(hash)));
        let consumer = text(&random::text(&*self.random));
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("id", id.clone())
            .item("consumer", consumer.clone())
            // An attempt that began later than now by a clock that is ahead is covered as well.
            .item("expires_at", seconds(self.now() + 2 * ATTEMPT_LIFETIME))
            .condition_expression("attribute_not_exists(id)");
        if unless_condition_failed(put.send().await)?.is_some() {
            return Ok(Consumed::Now);
        }
        // It was us when an attempt of the SDK wrote the row and its answer was lost.
        let get = self.client.get_item().table_name(&self.table).key("id", id);
        let row = get.consistent_read(true).send().await?.item.unwrap_or_default();
        let by_us = row.get("consumer") == Some(&consumer);
        Ok(if by_us { Consumed::Now } else { Consumed::Before })
    }
}
