use std::time::SystemTime;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::{
    Sessions, StoreError,
    row::{Item, time_of},
    text,
};
use crate::{device::Device, sealing, secret::SessionId, user_key::UserKey};

/// What of a session can be read without its secret.
#[derive(Debug)]
pub(super) struct ListEntry {
    pub(super) id: SessionId,
    pub(super) created_at: SystemTime,
    pub(super) last_seen_at: SystemTime,
    expires_at: SystemTime,
    user: String,
    device: Option<AttributeValue>,
}

/// The attributes of an entry, which are those of a row without what is sealed for the session.
const ATTRIBUTES: &str = "id, #user, device, created_at, last_seen_at, expires_at";

impl ListEntry {
    fn parse(mut item: Item) -> Option<Self> {
        Some(Self {
            created_at: time_of(&item, "created_at")?,
            last_seen_at: time_of(&item, "last_seen_at")?,
            expires_at: time_of(&item, "expires_at")?,
            id: SessionId::parse(item.get("id")?.as_s().ok()?)?,
            user: item.get("user")?.as_s().ok()?.clone(),
            device: item.remove("device"),
        })
    }

    pub(super) fn is_of(&self, user: &UserKey) -> bool {
        self.user == user.row()
    }

    /// What the session came from. Unknown when that does not open: it can be ended all the same.
    pub(super) fn device(&self, user: &UserKey) -> Device {
        let sealed = self.device.as_ref().and_then(|device| device.as_b().ok());
        let device = sealed.and_then(|it| sealing::open_device(it.as_ref(), user, &self.id).ok());
        device.unwrap_or_default()
    }
}

impl Sessions {
    /// The rows of these sessions, without those that are not there.
    pub(super) async fn entries(&self, ids: &[String]) -> Result<Vec<ListEntry>, StoreError> {
        let mut entries = Vec::new();
        for ids in ids.chunks(100) {
            let keys = ids.iter().map(|id| Item::from([("id".to_owned(), text(id))])).collect();
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .projection_expression(ATTRIBUTES)
                .expression_attribute_names("#user", "user")
                .build()
                .expect("keys are all that is needed");
            let mut wanted = Some((self.table.clone(), wanted));
            // What does not fit into one answer is asked for again.
            while let Some((table, keys)) = wanted.take() {
                let batch = self.client.batch_get_item().request_items(table, keys);
                let answer = batch.send().await?;
                let rows = answer.responses.unwrap_or_default().into_values().flatten();
                entries.extend(rows.filter_map(ListEntry::parse));
                wanted = answer.unprocessed_keys.and_then(|keys| keys.into_iter().next());
            }
        }
        Ok(entries)
    }

    pub(super) fn is_alive(&self, entry: &ListEntry) -> bool {
        let ListEntry { created_at, expires_at, last_seen_at, .. } = *entry;
        self.now() < self.limits.end(created_at, expires_at, last_seen_at)
    }

    pub(super) fn ends_at(&self, entry: &ListEntry) -> SystemTime {
        self.limits.end(entry.created_at, entry.expires_at, entry.last_seen_at)
    }
}
