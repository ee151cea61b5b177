use std::time::{Duration, SystemTime};

use auth::Issuer;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    TableError, TodoTable,
    row::{self, Row, RowKey, attribute},
};
use crate::todo::{OwnerKey, Todo, TodoId};

/// The index that template.yaml defines.
const BY_ID: &str = "by_id";

/// The index runs behind the table, as a rule by milliseconds. An application that creates a todo
/// and turns to it at once must not be told that there is none, so a todo that is newer than this
/// is looked for again, after each of these pauses.
const NEW: Duration = Duration::from_secs(5);
const PAUSES: [Duration; 3] =
    [Duration::from_millis(20), Duration::from_millis(60), Duration::from_millis(180)];

impl TodoTable {
    /// The todo of this owner, as it is now.
    pub(crate) async fn find(
        &self,
        owner: &OwnerKey,
        id: TodoId,
    ) -> Result<Option<Todo>, TableError> {
        self.row(&RowKey::of(owner, id)).await?.map(row::into_todo).transpose()
    }

    /// Whose todo it is, among the owners under this issuer. What the index says must be looked
    /// up in the table before it is believed: the todo may be deleted by now.
    pub(crate) async fn owner_of(
        &self,
        issuer: &Issuer,
        id: TodoId,
        now: SystemTime,
    ) -> Result<Option<OwnerKey>, TableError> {
        let mut found = self.in_index(issuer, id).await?;
        if is_new(id, now) {
            for pause in PAUSES {
                if found.is_some() {
                    break;
                }
                tokio::time::sleep(pause).await;
                found = self.in_index(issuer, id).await?;
            }
        }
        Ok(found)
    }

    async fn in_index(&self, issuer: &Issuer, id: TodoId) -> Result<Option<OwnerKey>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(BY_ID)
            .key_condition_expression("#id = :id")
            .expression_attribute_names("#id", attribute::TODO_ID)
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
            .send()
            .await?;
        let keys = answer.items().iter().map(|found| row::text(found, attribute::OWNER_KEY));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        Ok(keys.into_iter().find_map(|key| OwnerKey::found(key, issuer)))
    }

    pub(super) async fn row(&self, key: &RowKey) -> Result<Option<Row>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.clone().into_row()))
            .consistent_read(true)
            .send()
            .await?;
        Ok(answer.item)
    }
}

fn is_new(id: TodoId, now: SystemTime) -> bool {
    let given_out = id.given_out_at();
    // Clocks of two instances differ, so it may seem to come from the future.
    let apart = now.duration_since(given_out).or_else(|_| given_out.duration_since(now));
    apart.is_ok_and(|apart| apart < NEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_todo_is_new_for_five_seconds() {
        let id = TodoId::parse("0199f0a4-5c1e-7b3a-9d52-6f1f4f5a1c22").unwrap();
        let at = |milliseconds| id.given_out_at() + Duration::from_millis(milliseconds);
        assert!(is_new(id, at(0)));
        assert!(is_new(id, at(4999)));
        assert!(!is_new(id, at(5000)));
        assert!(is_new(id, id.given_out_at() - Duration::from_secs(1)));
        assert!(!is_new(id, SystemTime::UNIX_EPOCH));
    }
}
