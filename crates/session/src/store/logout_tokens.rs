//! Logout tokens that were done.

use std::time::SystemTime;

use super::{Sessions, StoreError, seconds, text, unless_condition_failed};
use crate::user_key::logout_token_row;

impl Sessions {
    /// Whether the logout token that `issuer` calls `jti` was done before (OpenID Connect
    /// Back-Channel Logout, section 2.6).
    ///
    /// # Errors
    /// When the table cannot be used: then nobody knows.
    pub async fn logout_token_seen(&self, issuer: &str, jti: &str) -> Result<bool, StoreError> {
        Ok(self.row(&logout_token_row(issuer, jti)).await?.is_some())
    }

    /// Remembers a logout token until it would not be accepted any more. To be done when its
    /// sessions have ended: one that could not be done must work again.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn remember_logout_token(
        &self,
        issuer: &str,
        jti: &str,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("id", text(&logout_token_row(issuer, jti)))
            .item("expires_at", seconds(until))
            .condition_expression("attribute_not_exists(id)");
        unless_condition_failed(put.send().await)?;
        Ok(())
    }
}
