//! The rows that list sessions: by user, and by session at the provider.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::ReturnValue;

use super::{
    Sessions, StoreError, epoch_seconds,
    row::{Item, number_of},
    seconds, unless_condition_failed,
};
/// How many sessions a list holds.
///
/// # What breaks if this changes
/// A row of DynamoDB has 400 KB at most, and a full one would keep its user from signing in. More
/// than 100 rows do not come in one `BatchGetItem` either.
pub(super) const MAX_LISTED: u64 = 100;

/// How long a list outlives the longest session in it, and an end is remembered for sign-ins that
/// were under way: longer than these can take, and than clocks differ.
pub(super) const RETENTION: Duration = Duration::from_hours(1);

/// A row that lists sessions, as a sign-in sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'a> {
    pub(super) key: &'a str,
    /// When the sign-in began, in seconds since 1970. An end before it doesn't block it.
    pub(super) began_at: u64,
}

impl<'a> List<'a> {
    pub(super) fn new(key: &'a str, began_at: SystemTime) -> Self {
        Self { key, began_at: epoch_seconds(began_at) }
    }
}

/// What such a row says.
#[derive(Debug, Default)]
pub(super) struct ListItem {
    /// Of sessions that may have ended since.
    pub(super) ids: Vec<String>,
    /// When all of them were ended, if they ever were.
    pub(super) ended_at: Option<u64>,
}

impl ListItem {
    fn of(mut item: Item) -> Self {
        let ended_at = number_of(&item, "ended_at");
        let ids = item.remove("sessions").and_then(|ids| ids.as_ss().ok().cloned());
        Self { ids: ids.unwrap_or_default(), ended_at }
    }
}

impl Sessions {
    pub(super) async fn list_item(&self, key: &str) -> Result<ListItem, StoreError> {
        Ok(ListItem::of(self.row(key).await?.unwrap_or_default()))
    }

    /// Marks all sessions of a list as ended, whether it is there or not, and gives those that
    /// were in it at that very moment: what is not among them meets the mark. The row, and the mark with
    /// it, is kept until `expiry`.
    pub(super) async fn mark_ended(
        &self,
        key: &str,
        before: SystemTime,
        expiry: SystemTime,
    ) -> Result<Vec<String>, StoreError> {
        let update = self
            .update_row(key)
            .update_expression("SET ended_at = :before, expires_at = :expiry")
            .condition_expression("attribute_not_exists(ended_at) OR ended_at <= :before")
            .expression_attribute_values(":before", seconds(before))
            .expression_attribute_values(":expiry", seconds(expiry))
            .return_values(ReturnValue::AllNew);
        let marked = self.retry_conflicts(|| update.clone().send()).await;
        match unless_condition_failed(marked)? {
            Some(output) => Ok(ListItem::of(output.attributes.unwrap_or_default()).ids),
            // A later end is marked. Sessions that it does not concern cannot be of ours either,
            // and all others are in the list as it is now.
            None => Ok(self.list_item(key).await?.ids),
        }
    }

    /// For the table's TTL.
    pub(super) fn list_expiry(&self) -> SystemTime {
        self.now() + self.limits.max + RETENTION
    }
}
