//! Takes sessions that are over out of their list.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Sessions, StoreError,
    list_entry::ListEntry,
    seconds,
    session_list::{ListItem, MAX_LISTED},
    unless_condition_failed,
};

impl Sessions {
    /// Takes out what is over. `entries` are the rows of the listed sessions that are there.
    pub(super) async fn prune(
        &self,
        list: &str,
        item: &ListItem,
        entries: &[ListEntry],
    ) -> Result<(), StoreError> {
        let mut over = Vec::new();
        for id in &item.ids {
            let entry = entries.iter().find(|entry| entry.id.as_str() == id);
            if entry.is_none_or(|entry| !self.is_alive(entry)) {
                over.extend(self.is_surely_gone(id, entry).await?.then(|| id.clone()));
            }
        }
        self.remove_from_list(list, over).await
    }

    /// Makes room for one more session in a list: takes out what is over, and when all of them
    /// live, ends the oldest.
    pub(super) async fn evict(&self, list: &str, item: &ListItem) -> Result<(), StoreError> {
        if (item.ids.len() as u64) < MAX_LISTED {
            return Ok(());
        }
        let entries = self.entries(&item.ids).await?;
        if entries.iter().filter(|entry| self.is_alive(entry)).count() as u64 >= MAX_LISTED {
            let oldest = entries.iter().min_by_key(|entry| entry.created_at);
            let oldest = oldest.map(|entry| entry.id.as_str().to_owned());
            if let Some(id) = &oldest {
                let delete = self.delete_row(id);
                self.retry_conflicts(|| delete.clone().send()).await?;
            }
            return self.remove_from_list(list, oldest.into_iter().collect()).await;
        }
        self.prune(list, item, &entries).await
    }

    /// Whether a session that looked like one that is over really is, and stays so.
    ///
    /// # What breaks if this changes
    /// A session that lives and is in no list is missed by whoever signs its user out. A read may
    /// not see yet what a transaction under way has written elsewhere, and a session may be marked
    /// as in use in its last moment. So the row is deleted as it was seen: a write in DynamoDB
    /// comes before or after a transaction, never in between.
    async fn is_surely_gone(&self, id: &str, seen: Option<&ListEntry>) -> Result<bool, StoreError> {
        let delete = self.delete_row(id);
        let delete = match seen {
            None => delete.condition_expression("attribute_not_exists(id)"),
            Some(entry) => delete
                .condition_expression("attribute_not_exists(id) OR last_seen_at = :seen")
                .expression_attribute_values(":seen", seconds(entry.last_seen_at)),
        };
        self.delete_if(delete).await
    }

    async fn remove_from_list(&self, list: &str, ids: Vec<String>) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let update = self
            .update_row(list)
            .update_expression("DELETE #sessions :over")
            .condition_expression("attribute_exists(id)")
            .expression_attribute_names("#sessions", "sessions")
            .expression_attribute_values(":over", AttributeValue::Ss(ids));
        unless_condition_failed(self.retry_conflicts(|| update.clone().send()).await)?;
        Ok(())
    }
}
