//! The sessions of one user.

use std::time::SystemTime;

use super::{Sessions, StoreError, text};
use crate::{device::Device, secret::SessionId, user_key::UserKey};

/// A session that lives, as its user's other sessions see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSummary {
    /// Its name, by which it can be ended.
    pub id: SessionId,
    /// What it was opened from.
    pub device: Device,
    /// When the user signed in.
    pub created_at: SystemTime,
    /// When it was last marked as in use; the mark is minutes behind.
    pub last_seen_at: SystemTime,
    /// When it is over unless it is used before.
    pub ends_at: SystemTime,
}

impl Sessions {
    /// The sessions of that user that live now, the newest first.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn list(&self, user: &UserKey) -> Result<Vec<SessionSummary>, StoreError> {
        let item = self.list_item(user.row()).await?;
        let entries = self.entries(&item.ids).await?;
        let alive = entries.iter().filter(|entry| self.is_alive(entry) && entry.is_of(user));
        let mut listed: Vec<_> = alive
            .map(|entry| SessionSummary {
                id: entry.id.clone(),
                device: entry.device(user),
                created_at: entry.created_at,
                last_seen_at: entry.last_seen_at,
                ends_at: self.ends_at(entry),
            })
            .collect();
        listed.sort_by(|a, b| {
            b.created_at.cmp(&a.created_at).then_with(|| a.id.as_str().cmp(b.id.as_str()))
        });
        if let Err(error) = self.prune(user.row(), &item, &entries).await {
            // The list is right all the same; the next one tidies up.
            tracing::warn!(code = "list_not_pruned", %error, "ended sessions stay in a list");
        }
        Ok(listed)
    }

    /// Ends a session by its name. `false` when that user has no such session.
    ///
    /// # Errors
    /// When the table cannot be used: then the session lives on.
    pub async fn end_listed(&self, user: &UserKey, id: &SessionId) -> Result<bool, StoreError> {
        let delete = self
            .delete_row(id.as_str())
            .condition_expression("#user = :user")
            .expression_attribute_names("#user", "user")
            .expression_attribute_values(":user", text(user.row()));
        self.delete_if(delete).await
    }
}
